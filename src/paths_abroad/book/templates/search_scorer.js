// What Sphinx's search ranks by; as its own, but chapters come before the pages of the ledger.
var Scorer = {
  score: (result) => result[4] + (result[0].startsWith("_generated/") ? 0 : 100),
  objNameMatch: 11,
  objPartialMatch: 6,
  objPrio: { 0: 15, 1: 5, 2: -5 },
  objPrioDefault: 0,
  title: 15,
  partialTitle: 7,
  term: 5,
  partialTerm: 2,
};

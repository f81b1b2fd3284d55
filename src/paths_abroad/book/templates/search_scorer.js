// What Sphinx's search ranks by; as its own, but a page that is named as the question comes first,
// then chapters, then the pages of the ledger.
var Scorer = {
  score: (result) => {
    const [page, title, anchor] = result;
    const asked = new URLSearchParams(location.search).get("q") || "";
    const words = asked.trim().toLowerCase();
    const named = words && !anchor && title.toLowerCase().startsWith(words);
    return result[4] + (named ? 200 : 0) + (page.startsWith("_generated/") ? 0 : 100);
  },
  objNameMatch: 11,
  objPartialMatch: 6,
  objPrio: { 0: 15, 1: 5, 2: -5 },
  objPrioDefault: 0,
  title: 15,
  partialTitle: 7,
  term: 5,
  partialTerm: 2,
};

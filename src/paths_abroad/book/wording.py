"""Words that the book uses for the ledger's codes, and small English helpers."""

from paths_abroad import ledger

KINDS = {
    "annual_report": "Annual reports and results",
    "prospectus": "Prospectuses",
    "regulator": "Regulators and courts",
    "statistics": "Official statistics",
    "dataset": "Datasets",
    "academic": "Academic work",
    "analyst": "Analysts",
    "press": "Press",
    "reference": "Reference works and others",
}
MEASURED = {
    "money": "Money",
    "count": "Counts",
    "share": "Shares",
    "rank": "Ranks",
    "rate": "Growth and rates",
    "index": "Indices",
    "duration": "Spans of time",
    "date": "First steps",
}
"""Kinds of metric, in the order in which a company's page shows them."""
PATHS = {
    "manufacturing": "building factories and a brand abroad",
    "acquisition": "buying firms and brands abroad",
    "digital": "selling through the net",
    "comparator": "a yardstick from elsewhere",
    "aggregate": "not a firm",
}
VERDICTS = (
    "confirmed",
    "confirmed with a caveat",
    "contradicted",
    "cannot be checked",
    "opinion",
)
QUESTIONS = {"judgement": "source judgement", "chart": "a chart to draw", "function": "a function"}
"""Kinds of question whose name needs a word more."""
WORLD = ("WLD", "world")


def grade(code: str) -> str:
    """Say a grade: ``A, primary document``."""
    return f"{code}, {ledger.wording.GRADES[code]}"


def lower_first(label: str) -> str:
    """Lower the first letter of a label for use inside a sentence, unless it is an acronym."""
    first = label.split(" ", 1)[0]
    if len(first) > 1 and any(c.isupper() or c.isdigit() for c in first[1:]):
        return label
    return label[:1].lower() + label[1:]


def period_and_place(fact: ledger.Fact) -> str:
    """Say when and where a figure holds: ``third quarter of 2014, India``."""
    return f"{ledger.wording.period_words(fact.period)}, {fact.place_name}"


def plural(count: int, one: str, many: str | None = None) -> str:
    """Say a count with its noun: ``1 figure``, ``2 figures``."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"

"""A synthetic ledger and a tiny book for the tests of the Sphinx side. Nothing in it is real."""

import csv
import json
import re
from io import StringIO
from pathlib import Path

from sphinx.testing.util import SphinxTestApp

REAL_PACKAGE = Path(__file__).parents[1] / "data" / "datapackage.json"

COMPANIES = [
    {
        "company": "synthetic",
        "name": "Synthetic",
        "name_zh": "合成",
        "pinyin": "Héchéng",
        "founded": "2001-04",
        "home": "CHN",
        "industry": "examples",
        "path": "digital",
        "one_line": "A firm that exists only in tests.",
    },
]
METRICS = [
    {
        "metric": "valuation",
        "label": "Valuation",
        "kind": "money",
        "units": "USD",
        "periods": "month year",
        "note": "What investors paid for",
    },
    {
        "metric": "revenue",
        "label": "Revenue",
        "kind": "money",
        "units": "USD",
        "periods": "year",
        "note": "Sales of the year",
    },
    {
        "metric": "revenue_overseas_share",
        "label": "Overseas share of revenue",
        "kind": "share",
        "units": "share",
        "periods": "year",
        "note": "A fraction of revenue",
    },
]
PLACES = [
    {"place": "CHN", "name": "mainland China", "note": ""},
    {"place": "WLD", "name": "world", "note": ""},
]
SOURCES = [
    {
        "source_id": "synthetic-report",
        "title": "Annual report <of> *examples* & more",
        "publisher": "Example_Works [Ltd]",
        "date": "2015-03-01",
        "url": "https://example.org/report",
        "kind": "annual_report",
        "seed": "false",
        "note": "",
    },
    {
        "source_id": "synthetic-press",
        "title": "What it is worth",
        "publisher": "Daily Example",
        "date": "2014-12",
        "url": "https://example.org/press",
        "kind": "press",
        "seed": "false",
        "note": "A copy.",
    },
    {
        "source_id": "synthetic-seed",
        "title": "A founding document",
        "publisher": "Weekly Example",
        "date": "2015",
        "url": "https://example.org/seed",
        "kind": "press",
        "seed": "true",
        "note": "",
    },
]


def fact(id: str, **changed: str) -> dict:
    """Return a row of facts.csv with harmless defaults."""
    row = {
        "id": id,
        "company": "synthetic",
        "metric": "valuation",
        "period": "2014-12",
        "value": "45000000000",
        "unit": "USD",
        "geography": "WLD",
        "qualifier": "approx",
        "grade": "B",
        "source_id": "synthetic-press",
        "locator": "paragraph 3",
        "definition": "Valuation in a private round.",
        "series": "main",
        "rival_of": "",
        "break_before": "",
        "derived_from": "",
    }
    return row | changed


FACTS = [
    fact("synthetic-valuation-2014-12"),
    fact(
        "synthetic-valuation-2014-12-rival",
        value="46000000000",
        qualifier="at_least",
        grade="C",
        source_id="synthetic-seed",
        series="rival",
        rival_of="synthetic-valuation-2014-12",
    ),
    fact(
        "synthetic-revenue-2014",
        metric="revenue",
        period="2014",
        value="12345000000",
        qualifier="exact",
        grade="A",
        source_id="synthetic-report",
        definition="Net sales <audited>.",
    ),
    fact(
        "synthetic-overseas-share-2014",
        metric="revenue_overseas_share",
        period="2014",
        value="0.134",
        unit="share",
        qualifier="exact",
        grade="A",
        source_id="synthetic-report",
    ),
]
EVENTS = [
    {
        "id": "synthetic-entry",
        "company": "synthetic",
        "date": "2014-07-15",
        "type": "market_entry",
        "country": "WLD",
        "amount": "",
        "unit": "",
        "grade": "B",
        "source_id": "synthetic-press",
        "locator": "paragraph 1",
        "description": "It enters a market that does not exist.",
    }
]
CLAIMS = [
    {
        "id": "synthetic-claim-1",
        "seed": "synthetic-seed",
        "locator": "paragraph 2",
        "claim": "It is worth more than it says.",
        "company": "synthetic",
        "verdict": "contradicted",
        "evidence": "synthetic-valuation-2014-12 synthetic-entry",
        "note": "The round was smaller.",
    }
]
TABLES = {
    "companies": COMPANIES,
    "metrics": METRICS,
    "places": PLACES,
    "sources": SOURCES,
    "facts": FACTS,
    "events": EVENTS,
    "markets": [],
    "claims": CLAIMS,
}


def write_ledger(folder: Path, **tables: list[dict]) -> Path:
    """Write the synthetic ledger, with some tables exchanged, under the real schema."""
    folder.mkdir(parents=True, exist_ok=True)
    package = json.loads(REAL_PACKAGE.read_text(encoding="utf-8"))
    (folder / "datapackage.json").write_text(json.dumps(package), encoding="utf-8")
    for resource in package["resources"]:
        names = [field["name"] for field in resource["schema"]["fields"]]
        rows = (TABLES | tables)[resource["name"]]
        with (folder / resource["path"]).open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, names, lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
    return folder


CONF = """
project = "A synthetic book"
extensions = ["myst_nb", "paths_abroad.book"]
myst_enable_extensions = ["colon_fence", "deflist", "attrs_inline"]
nb_execution_mode = "off"
html_theme = "basic"
paths_abroad_repository = "example/synthetic"
"""
HEAD = """---
kernelspec:
  name: python3
  display_name: Python 3
jupytext:
  text_representation:
    extension: .md
    format_name: myst
---
"""


class Book:
    """A book in a folder: write pages, build, read what came out."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.source = folder / "book"
        (self.source / "chapters").mkdir(parents=True)
        (self.source / "conf.py").write_text(CONF, encoding="utf-8")
        self.warnings = ""
        self.out = Path()

    def page(self, name: str, text: str) -> Path:
        """Write a page; ``name`` without suffix."""
        file = self.source / f"{name}.md"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        return file

    def build(self, builder: str = "dummy") -> str:
        """Build, keep ``out`` and return the warnings."""
        warnings = StringIO()
        app = SphinxTestApp(
            builder, srcdir=self.source, freshenv=True, warning=warnings, status=StringIO()
        )
        try:
            app.build()
        finally:
            app.cleanup()
        self.out = Path(app.outdir)
        self.warnings = re.sub(r"\x1b\[[\d;]*m", "", warnings.getvalue())
        return self.warnings

    def read(self, name: str) -> str:
        """Return a built file."""
        return (self.out / name).read_text(encoding="utf-8")

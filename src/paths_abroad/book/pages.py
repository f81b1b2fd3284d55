"""Generated pages: sources with every figure taken from them, companies, claims, the data.

:func:`write` writes short MyST pages into ``_generated/``: headings and directives. The directives
(:mod:`paths_abroad.book.ledger_directives`) make the content, so that the search finds it and no
text of the ledger passes through Markdown. :func:`target` says where a row stands; the pages and
every link to them follow the same plan.

The plan holds for thousands of rows: sources are grouped by kind, a kind that would make too heavy
a page is divided by the first letter of the publisher, a letter that is still too heavy by number.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from paths_abroad import ledger
from paths_abroad.book import wording
from paths_abroad.ledger import tables

FOLDER = "_generated"
PAGE_BUDGET = 120_000
"""Estimated bytes of HTML for the rows of one page; the frame of the page comes on top."""

OWN_PAGE = 10
"""A yardstick with fewer rows shares a page with others; a firm on its way abroad never does."""

_SOURCE_WEIGHT = 520
_FACT_WEIGHT = 430
_EVENT_WEIGHT = 330


@dataclass(frozen=True)
class SourcePage:
    """One page of the list of sources: ``publishers`` are (name, source ids) in order."""

    docname: str
    title: str
    kind: str
    publishers: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True)
class CompanyPage:
    """One page of a company: ``metrics`` in order; only the first has card and events."""

    docname: str
    title: str
    company: str
    first: bool
    metrics: tuple[str, ...]


@dataclass(frozen=True)
class SharedPage:
    """One page of yardsticks of which the ledger holds little: ``companies`` in order."""

    docname: str
    title: str
    companies: tuple[str, ...]


@dataclass(frozen=True)
class Plan:
    """Where everything stands."""

    sources: tuple[SourcePage, ...]
    companies: tuple[CompanyPage, ...]
    shared: tuple[SharedPage, ...]
    page_of_source: dict[str, str]
    place_of_company: dict[str, tuple[str, str]]
    """Per company its document and the anchor in it, ``""`` for a page of its own."""
    source_of: dict[tuple[str, str], str]
    rows_of_source: dict[tuple[str, str], list[str]]
    """Per ("fact" or "event", source) the ids taken from it."""


def plan() -> Plan:
    """Return the plan of the generated pages for the ledger as it is now."""
    return _plan(tables.stamp())


@lru_cache(maxsize=2)
def _plan(stamp: tuple) -> Plan:
    sources = ledger.sources()
    facts, events = ledger.facts(), ledger.events()
    weight = dict.fromkeys(sources["source_id"], 0)
    for row in sources.itertuples():
        weight[row.source_id] += _SOURCE_WEIGHT + len(row.note)
    for row in facts.itertuples():
        weight[row.source_id] += _FACT_WEIGHT + len(row.definition) + len(row.locator)
    for row in events.itertuples():
        weight[row.source_id] += _EVENT_WEIGHT + len(row.description) + len(row.locator)

    pages: list[SourcePage] = []
    for kind, title in wording.KINDS.items():
        rows = sources[sources["kind"] == kind]
        ordered = sorted(
            ((r.publisher, r.title, r.source_id) for r in rows.itertuples()),
            key=lambda r: (_initial(r[0]), r[0].casefold(), r[1].casefold(), r[2]),
        )
        pages += _source_pages(kind, title, ordered, weight)
    page_of_source = {s: p.docname for p in pages for _, ids in p.publishers for s in ids}

    small, shared = _shared_pages(facts, events)
    companies = tuple(_company_pages(facts, events, small))
    place_of_company = {p.company: (p.docname, "") for p in companies if p.first}
    place_of_company |= {c: (p.docname, f"company-{c}") for p in shared for c in p.companies}
    source_of = {("fact", r.id): r.source_id for r in facts.itertuples()}
    source_of |= {("event", r.id): r.source_id for r in events.itertuples()}
    rows_of_source: dict[tuple[str, str], list[str]] = {}
    for (table, row_id), source_id in source_of.items():
        rows_of_source.setdefault((table, source_id), []).append(row_id)
    return Plan(
        sources=tuple(pages),
        companies=companies,
        shared=shared,
        page_of_source=page_of_source,
        place_of_company=place_of_company,
        source_of=source_of,
        rows_of_source=rows_of_source,
    )


def _initial(publisher: str) -> str:
    """Return the letter a publisher is filed under; everything else is filed under ``0``."""
    letter = publisher[:1].casefold()
    return letter if "a" <= letter <= "z" else "0"


_SPOKEN = {"0": "0–9"}


def _packed(sizes: list[int]) -> list[list[int]]:
    """Divide a row of sizes into runs that each fit the budget; return the indices."""
    runs: list[list[int]] = []
    room = 0
    for i, size in enumerate(sizes):
        if not runs or size > room:
            runs.append([])
            room = PAGE_BUDGET
        runs[-1].append(i)
        room -= size
    return runs


def _source_pages(
    kind: str, title: str, ordered: list[tuple[str, str, str]], weight: dict[str, int]
) -> Iterable[SourcePage]:
    letters: dict[str, list[tuple[str, str, str]]] = {}
    for item in ordered:
        letters.setdefault(_initial(item[0]), []).append(item)
    names = list(letters)
    groups = _packed([sum(weight[s] for *_, s in letters[x]) for x in names])
    stem = f"{FOLDER}/sources/{kind.replace('_', '-')}"
    for group in groups:
        first, last = names[group[0]], names[group[-1]]
        items = [item for i in group for item in letters[names[i]]]
        runs = _packed([weight[s] for *_, s in items])
        whole = len(groups) == 1
        letter = first if first == last else f"{first}-{last}"
        spoken = " to ".join(_SPOKEN.get(x, x.upper()) for x in dict.fromkeys((first, last)))
        for number, run in enumerate(runs, 1):
            part = "" if len(runs) == 1 else f"-{number}"
            counted = "" if len(runs) == 1 else f", part {number}"
            yield SourcePage(
                docname=f"{stem}{'' if whole else '-' + letter}{part}",
                title=f"{title}{'' if whole else ': ' + spoken}{counted}",
                kind=kind,
                publishers=_by_publisher([items[i] for i in run]),
            )


def _by_publisher(items: list[tuple[str, str, str]]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    groups: dict[str, list[str]] = {}
    for publisher, _, source_id in items:
        groups.setdefault(publisher, []).append(source_id)
    return tuple((publisher, tuple(ids)) for publisher, ids in groups.items())


def _shared_pages(facts, events) -> tuple[set[str], tuple[SharedPage, ...]]:
    """Return the companies without a page of their own, and the pages that they share."""
    held = facts["company"].value_counts().add(events["company"].value_counts(), fill_value=0)
    pages: list[SharedPage] = []
    for path, stem, title in (
        ("comparator", "more-yardsticks", "More yardsticks"),
        ("aggregate", "more-groups", "More groups"),
    ):
        rows = ledger.companies()
        rows = rows[(rows["path"] == path) & rows["company"].map(held).lt(OWN_PAGE)]
        rows = rows.sort_values("name", key=lambda names: names.str.casefold())
        names = list(rows["company"])
        runs = _packed([int(held[n]) * 2 * _FACT_WEIGHT for n in names])
        for number, run in enumerate(runs, 1):
            part = "" if len(runs) == 1 else f"-{number}"
            counted = "" if len(runs) == 1 else f", part {number}"
            pages.append(
                SharedPage(
                    docname=f"{FOLDER}/companies/{stem}{part}",
                    title=f"{title}{counted}",
                    companies=tuple(names[i] for i in run),
                )
            )
    return {c for p in pages for c in p.companies}, tuple(pages)


def metrics_in_order(names: Iterable[str]) -> list[str]:
    """Return metrics as a company's page shows them: by kind, then by label."""
    rows = ledger.metrics().set_index("metric")
    kinds = list(wording.MEASURED)
    return sorted(
        names,
        key=lambda m: (kinds.index(rows["kind"][m]), rows["label"][m].casefold(), m),
    )


def _company_pages(facts, events, shared: set[str]) -> Iterable[CompanyPage]:
    held = facts.groupby("company")["metric"].value_counts()
    with_events = set(events["company"])
    for row in ledger.companies().sort_values("company").itertuples():
        metrics = held[row.company].to_dict() if row.company in held.index else {}
        if row.company in shared or (not metrics and row.company not in with_events):
            continue
        ordered = metrics_in_order(metrics)
        runs = _packed([metrics[m] * _FACT_WEIGHT for m in ordered]) or [[]]
        for number, run in enumerate(runs, 1):
            part = "" if number == 1 else f"-{number}"
            yield CompanyPage(
                docname=f"{FOLDER}/companies/{row.company}{part}",
                title=row.name if number == 1 else f"{row.name}, part {number}",
                company=row.company,
                first=number == 1,
                metrics=tuple(ordered[i] for i in run),
            )


def target(table: str, row_id: str) -> tuple[str, str]:
    """Return (document name, anchor) of a row on the generated pages.

    Parameters
    ----------
    table : {"fact", "event", "source", "company"}
        What ``row_id`` is the key of.
    row_id : str
        A key of the ledger.

    Raises
    ------
    KeyError
        If the plan has no such row.
    """
    if table == "source":
        return source_target(row_id)
    if table == "company":
        return plan().place_of_company[row_id]
    return source_target(plan().source_of[table, row_id])[0], f"{table}-{row_id}"


def source_target(source_id: str) -> tuple[str, str]:
    """Return (document name, anchor) of a source in the generated list."""
    return plan().page_of_source[source_id], f"source-{source_id}"


def original(table: str, row_id: str) -> str:
    """Return the address of the original document behind a row, or ``""``."""
    if table in ("fact", "event"):
        return ledger.source(plan().source_of[table, row_id]).url
    return ledger.source(row_id).url if table == "source" else ""


_SPECIAL = re.compile(r"([\\`*_{}\[\]()#+!<>|~$^:@\"'&=%-])")


def escape(text: str) -> str:
    """Make a text safe inside a line of Markdown."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))


def write(root: Path) -> list[Path]:
    """Write the generated pages below ``root/_generated`` and remove those no longer planned.

    A page is only touched when its text changes, so that a later build reads no more than it must.

    Parameters
    ----------
    root : Path
        The folder of ``_config.yml``.

    Returns
    -------
    list of Path
        All pages, in the order of the plan.
    """
    folder = root / FOLDER
    texts = {root / f"{name}.md": text for name, text in _texts()}
    for old in sorted(folder.rglob("*.md")) if folder.exists() else ():
        if old not in texts:
            old.unlink()
    for file, text in texts.items():
        if not file.exists() or file.read_text(encoding="utf-8") != text:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8", newline="\n")
    return list(texts)


def _texts() -> Iterable[tuple[str, str]]:
    """Yield (document name, text) of every page."""
    drawn = plan()
    yield f"{FOLDER}/sources", _sources_index()
    for page in drawn.sources:
        yield page.docname, _source_page(page)
    yield f"{FOLDER}/companies", _companies_index()
    for page in drawn.companies:
        yield page.docname, _company_page(page)
    for page in drawn.shared:
        yield page.docname, _shared_page(page)
    yield f"{FOLDER}/claims", _claims_index()
    for seed in _seeds():
        yield claims_page(seed), _claims_page(seed)
    yield f"{FOLDER}/data", _data_page()


def _directive(name: str, argument: str = "", **options: str) -> str:
    lines = [f":::{{{name}}} {argument}".rstrip()]
    lines += [f":{key}: {value}" for key, value in options.items()]
    return "\n".join([*lines, ":::"])


def _page(title: str, *parts: str) -> str:
    return "\n\n".join([f"# {escape(title)}", *(p for p in parts if p)]) + "\n"


def _sources_index() -> str:
    return _page(
        "Sources",
        "Every figure and every event of this book was read somewhere. This list shows where: per "
        "source, its publisher, its date, its address, and each row of the ledger taken from it.",
        _directive("ledger-source-index"),
        "## How firm a figure is",
        _directive("ledger-legend"),
    )


def _source_page(page: SourcePage) -> str:
    parts = []
    for publisher, ids in page.publishers:
        parts += [f"## {escape(publisher)}", *(_directive("ledger-source", i) for i in ids)]
    return _page(page.title, *parts)


def _companies_index() -> str:
    held = set(ledger.companies()["path"])
    headings = {
        "manufacturing": "Building factories and a brand abroad",
        "acquisition": "Buying firms and brands abroad",
        "digital": "Selling through the net",
        "comparator": "Yardsticks",
        "aggregate": "Groups and whole countries",
    }
    parts = []
    for path, heading in headings.items():
        if path in held:
            parts += [f"## {heading}", _directive("ledger-companies", path)]
    return _page(
        "Companies",
        "Every company of which the ledger holds a figure or an event, first those whose way "
        "abroad this book tells, then those it measures them against.",
        *parts,
    )


# A heading a metric would make a list of a hundred beside the page: kinds are enough there.
_SHORT_CONTENTS = "---\ntocdepth: 2\n---\n"


def _company_page(page: CompanyPage) -> str:
    rows = ledger.metrics().set_index("metric")
    parts = []
    if page.first:
        parts.append(_directive("company-card", page.company))
        if page.company in set(ledger.events()["company"]):
            parts += ["## Path", _directive("ledger-events", page.company)]
    more = [p for p in plan().companies if p.company == page.company and p != page]
    kind = ""
    for metric in page.metrics:
        if rows["kind"][metric] != kind:
            kind = rows["kind"][metric]
            parts.append(f"## {wording.MEASURED[kind]}")
        parts += [
            f"### {escape(rows['label'][metric])}",
            _directive("ledger-series", f"{page.company} {metric}"),
        ]
    if more:
        links = "; ".join(f"[{escape(p.title)}](/{p.docname}.md) ({_kinds(p)})" for p in more)
        parts.append(f"More series: {links}.")
    return _SHORT_CONTENTS + _page(page.title, *parts)


def _kinds(page: CompanyPage) -> str:
    """Say what kinds of figures a page holds: ``money, counts``."""
    rows = ledger.metrics().set_index("metric")
    words = [wording.lower_first(wording.MEASURED[rows["kind"][m]]) for m in page.metrics]
    return ", ".join(dict.fromkeys(words)) or "path"


def _shared_page(page: SharedPage) -> str:
    rows = ledger.companies().set_index("company")
    parts = ["Each of these stands in the ledger with a few rows only, to measure others by."]
    for company in page.companies:
        parts += [
            f"(company-{company})=",
            f"## {escape(rows['name'][company])}",
            _directive("ledger-company", company),
        ]
    return _page(page.title, *parts)


def claims_page(seed: str) -> str:
    """Return the document name of the page with the claims of a founding document."""
    return f"{FOLDER}/claims/{seed}"


def _seeds() -> list[str]:
    """Return the founding documents with claims, in order of their dates."""
    return sorted(set(ledger.claims()["seed"]), key=lambda name: (ledger.source(name).date, name))


def _claims_index() -> str:
    return _page(
        "What the founding documents claim",
        "The book grew out of a handful of documents, here called seeds. Each of their claims that "
        "can be tested is put in our words, judged, and tied to the rows that decide it.",
        _directive("ledger-claims-index", " ".join(_seeds())) if _seeds() else "",
    )


def _claims_page(seed: str) -> str:
    return _page(
        ledger.source(seed).title,
        _directive("seed-note", seed),
        _directive("claims", "all", seed=seed),
    )


def _data_page() -> str:
    parts = []
    for described in tables.descriptor()["resources"]:
        name = described["name"]
        parts += [f"## {escape(described['title'])}", _directive("ledger-table", name)]
    return _page(
        "The data",
        "The ledger is a [Frictionless](https://datapackage.org) data package: plain CSV tables "
        "in UTF-8, one row a fact, and one file that describes them. Everything drawn or quoted in "
        "this book is in it.",
        _directive("ledger-package"),
        *parts,
    )

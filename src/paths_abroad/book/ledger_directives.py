"""Directives of the generated pages: they build nodes from the ledger, so that search finds it."""

from docutils import nodes as dn
from sphinx.application import Sphinx

from paths_abroad import ledger
from paths_abroad.book import downloads, nodes, pages, wording
from paths_abroad.book.directives import (
    BookDirective,
    block,
    described,
    external,
    heading,
    inline,
    joined,
    paragraph,
    table,
)
from paths_abroad.ledger import archive, periods, tables


def _bold(text: str) -> dn.Node:
    return dn.strong("", text)


def _to(table_name: str, row_id: str, text: str) -> dn.Node:
    """Return a plain link to a row on the generated pages."""
    return inline(nodes.row_link("", "", table=table_name, row=row_id), text)


def _company(slug: str, name: str) -> dn.Node | str:
    return _to("company", slug, name) if slug in pages.plan().place_of_company else name


class LedgerSource(BookDirective):
    """``{ledger-source} id``: one source and every row taken from it."""

    required_arguments = 1

    def make(self) -> list[dn.Node]:
        """Return the source's block, with an anchor for it and for each row."""
        source = ledger.source(self.arguments[0].strip())
        title: list[dn.Node | str] = [external(source.title, source.url)]
        if source.seed:
            title += [" ", inline(nodes.label_badge(kind="seed"), "founding document")]
        parts = [ledger.wording.date_words(source.date) if source.date else "no date given"]
        if source.note:
            parts.append(source.note)
        listing = dn.bullet_list(bullet="-", classes=["pa-rows"])
        held = pages.plan().rows_of_source
        listing.extend(_fact_item(ledger.fact(i)) for i in held.get(("fact", source.source_id), ()))
        listing.extend(
            _event_item(ledger.event(i)) for i in held.get(("event", source.source_id), ())
        )
        markets = ledger.markets_table()
        markets = markets[markets["source_id"] == source.source_id]
        if len(markets):
            listing += dn.list_item("", paragraph(_markets(markets)))
        box = block(
            "div",
            "pa-source",
            heading("h3", *title),
            paragraph(". ".join(p.rstrip(".") for p in parts) + "."),
        )
        box["ids"] = [f"source-{source.source_id}"]
        if len(listing):
            box += listing
        return [box]


def _fact_item(fact: ledger.Fact) -> dn.list_item:
    label = wording.lower_first(fact.metric_label)
    parts: list[dn.Node | str] = [
        _bold(ledger.wording.words(fact)),
        ": ",
        _company(fact.company, fact.company_name),
        f", {label}, {wording.period_and_place(fact)}. {_sentence(fact.definition)} "
        f"In the source: {_sentence(fact.locator)} Grade {wording.grade(fact.grade)}.",
    ]
    if fact.main:
        parts += [" Disputes ", _to("fact", fact.main.id, ledger.wording.words(fact.main)), "."]
    for rival in fact.rivals:
        parts += [" Disputed by ", _to("fact", rival.id, ledger.wording.words(rival)), "."]
    if fact.break_before:
        parts.append(f" New definition from here: {_sentence(fact.break_before)}")
    item = dn.list_item("", paragraph(*parts))
    item["ids"] = [f"fact-{fact.id}"]
    return item


def _event_item(event: ledger.Event) -> dn.list_item:
    item = dn.list_item(
        "",
        paragraph(
            _bold(ledger.wording.date_words(event.date)),
            ": ",
            _company(event.company, event.company_name),
            f", {event.place_name}. {_sentence(event.description)} In the source: "
            f"{_sentence(event.locator)} Grade {wording.grade(event.grade)}.",
        ),
    )
    item["ids"] = [f"event-{event.id}"]
    return item


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _markets(rows) -> str:
    labels = ledger.metrics().set_index("metric")["label"]
    named = ", ".join(wording.lower_first(labels.get(i, i)) for i in sorted(set(rows["indicator"])))
    first, last = rows["year"].min(), rows["year"].max()
    years = f"{first}" if first == last else f"{first} to {last}"
    return (
        f"{wording.plural(len(rows), 'figure')} on "
        f"{wording.plural(rows['country'].nunique(), 'country', 'countries')}, {years}: {named}."
    )


class LedgerSourceIndex(BookDirective):
    """``{ledger-source-index}``: the pages of the list, by kind of source."""

    def make(self) -> list[dn.Node]:
        """Return a table of kinds with counts and links."""
        plan, sources = pages.plan(), ledger.sources()
        counts = ledger.facts()["source_id"].value_counts()
        rows = []
        for page in plan.sources:
            ids = [i for _, held in page.publishers for i in held]
            figures = int(sum(counts.get(i, 0) for i in ids))
            rows.append(
                [[_to("page", page.docname, page.title)], [f"{len(ids):,}"], [f"{figures:,}"]]
            )
        total = (
            f"{wording.plural(len(sources), 'source')}, "
            f"{wording.plural(len(ledger.facts()), 'figure')} and "
            f"{wording.plural(len(ledger.events()), 'event')} in all."
        )
        return [
            paragraph(total),
            table(["Kind", "Sources", "Figures"], rows, label="Sources by kind"),
        ]


class LedgerClaimsIndex(BookDirective):
    """``{ledger-claims-index} seed seed``: the founding documents, and how their claims stand."""

    required_arguments = 1

    def make(self) -> list[dn.Node]:
        """Return a table with a row a document."""
        claims = ledger.claims()
        rows = []
        for seed in self.arguments[0].split():
            source = ledger.source(seed)
            counts = claims[claims["seed"] == seed]["verdict"].value_counts()
            tally = ", ".join(f"{counts[v]} {v}" for v in wording.VERDICTS if v in counts)
            date = ledger.wording.date_words(source.date) if source.date else ""
            link = _to("page", pages.claims_page(seed), source.title)
            rows.append([[link], [", ".join(p for p in (source.publisher, date) if p)], [tally]])
        head = ["Document", "Published", "Its claims"]
        return [table(head, rows, label="Founding documents", stacked=True)]


class LedgerLegend(BookDirective):
    """``{ledger-legend}``: grades and qualifiers in words."""

    def make(self) -> list[dn.Node]:
        """Return two definition lists."""
        grades = described((f"Grade {g}", [w]) for g, w in ledger.wording.GRADES.items())
        meanings = {
            "approx": "the source itself says about",
            "at_least": "a lower bound in the source",
            "at_most": "an upper bound in the source",
            "estimate": "worked out by somebody outside the firm",
            "target": "a plan, not a result",
            "cumulative": "everything up to the date, not the period alone",
        }
        words = ledger.wording.QUALIFIERS
        return [
            grades,
            described((words[q].strip() or q, [meaning]) for q, meaning in meanings.items()),
        ]


class LedgerCompanies(BookDirective):
    """``{ledger-companies} path``: the companies of one way abroad.

    Those with a page of their own are listed with a line each; the others share a page and are
    named in one paragraph.
    """

    required_arguments = 1

    def make(self) -> list[dn.Node]:
        """Return the list, and the paragraph where it is needed."""
        place = pages.plan().place_of_company
        rows = ledger.companies().set_index("company")
        rows = rows[(rows["path"] == self.arguments[0].strip()) & rows.index.isin(place)]
        rows = rows.sort_values("name", key=lambda names: names.str.casefold())
        listing = dn.bullet_list(bullet="-")
        small: list[dn.Node] = []
        for row in rows.itertuples():
            link = _to("company", row.Index, row.name)
            if place[row.Index][1]:
                small.append(link)
                continue
            parts: list[dn.Node | str] = [link]
            if row.name_zh:
                parts += [" ", inline(nodes.foreign_text(lang="zh-Hans"), row.name_zh)]
            listing += dn.list_item("", paragraph(*parts, f": {row.one_line}"))
        out: list[dn.Node] = [listing] if len(listing) else []
        if small:
            out.append(paragraph("With a few rows each: ", *joined(small, ", "), "."))
        return out


class LedgerCompany(BookDirective):
    """``{ledger-company} slug``: all the ledger holds of a company that has no page of its own."""

    required_arguments = 1

    def make(self) -> list[dn.Node]:
        """Return what it is, its events and its series."""
        row = self.company()
        out: list[dn.Node] = [paragraph(row["one_line"])]
        if row["company"] in set(ledger.events()["company"]):
            out.append(_events(row["company"]))
        facts = ledger.facts()
        held = facts[facts["company"] == row["company"]]["metric"]
        labels = ledger.metrics().set_index("metric")["label"]
        for metric in pages.metrics_in_order(set(held)):
            out += [paragraph(_bold(labels[metric])), *_series(row["company"], metric)]
        return out


class LedgerNames(BookDirective):
    """``{ledger-names}``: Chinese names with pinyin, of the ledger's companies or as given.

    The content, if there is any, has a line a name: ``Lei Jun, Xiaomi | 雷军 | Léi Jūn``.
    """

    has_content = True

    def make(self) -> list[dn.Node]:
        """Return a table."""
        if self.content:
            named = [tuple(part.strip() for part in line.split("|")) for line in self.content]
            for line in named:
                if len(line) != 3 or not all(line):
                    raise ValueError(f"{' | '.join(line)!r}: write name | characters | pinyin")
        else:
            rows = ledger.companies()
            rows = rows[rows["name_zh"] != ""].sort_values("name", key=lambda n: n.str.casefold())
            named = [
                (_company(row.company, row.name), row.name_zh, row.pinyin)
                for row in rows.itertuples()
            ]
        cells = [
            [
                [name],
                [inline(nodes.foreign_text(lang="zh-Hans"), characters)],
                [inline(nodes.foreign_text(lang="zh-Latn-pinyin"), pinyin)],
            ]
            for name, characters, pinyin in named
        ]
        return [table(["Name", "Characters", "Pinyin"], cells, label="Chinese names")]


class LedgerEvents(BookDirective):
    """``{ledger-events} company``: the company's events in order of time."""

    required_arguments = 1

    def make(self) -> list[dn.Node]:
        """Return a list of dated events."""
        return [_events(self.company()["company"])]


def _events(company: str) -> dn.bullet_list:
    listing = dn.bullet_list(bullet="-", classes=["pa-events"])
    for row in ledger.path(company).itertuples():
        listing += dn.list_item(
            "",
            paragraph(
                _bold(row.date_text),
                f", {row.place}. {_sentence(row.description)} (",
                _to("event", row.id, row.source),
                ")",
            ),
        )
    return listing


class LedgerSeries(BookDirective):
    """``{ledger-series} company metric``: every figure of a series, rivals among them."""

    required_arguments = 2
    final_argument_whitespace = False

    def make(self) -> list[dn.Node]:
        """Return the metric's note and a table per place."""
        return _series(*self.arguments)


def _series(company: str, metric: str) -> list[dn.Node]:
    rows = ledger.facts()
    rows = rows[(rows["company"] == company) & (rows["metric"] == metric)]
    note = ledger.metrics().set_index("metric")["note"].get(metric, "")
    places = ledger.places().set_index("place")["name"]
    out: list[dn.Node] = [paragraph(_sentence(note))] if note else []
    order = sorted(set(rows["geography"]), key=lambda g: (g not in wording.WORLD, places.get(g, g)))
    for place in order:
        here = [ledger.fact(i) for i in rows[rows["geography"] == place]["id"]]
        here.sort(key=lambda f: (periods.last_day(f.period), f.period, f.series, f.id))
        name = places.get(place, place)
        if len(order) > 1 or place not in wording.WORLD:
            out.append(paragraph(_bold(name)))
        out.append(
            table(
                ["Period", "Figure", "Grade", "Source"],
                [_series_cells(fact) for fact in here],
                label=f"{here[0].metric_label}, {name}",
            )
        )
        definitions = list(dict.fromkeys(f.definition for f in here))
        out.append(paragraph(" ".join(_sentence(d) for d in definitions), classes=["pa-where"]))
    return out


def _series_cells(fact: ledger.Fact) -> list[list[dn.Node | str]]:
    figure: list[dn.Node | str] = [ledger.wording.words(fact)]
    if fact.series == "rival":
        figure += [" ", inline(nodes.label_badge(kind="rival"), "rival")]
    if fact.break_before:
        figure.append(f" (new definition: {fact.break_before})")
    return [
        [ledger.wording.period_words(fact.period)],
        figure,
        [fact.grade],
        [_to("fact", fact.id, fact.source.publisher)],
    ]


class LedgerTable(BookDirective):
    """``{ledger-table} name``: what a table holds, its columns, and its file."""

    required_arguments = 1

    def make(self) -> list[dn.Node]:
        """Return description, download and columns of a table."""
        name = self.arguments[0].strip()
        described_ = tables.resource(name)
        count = wording.plural(len(tables.table(name)), "row")
        rows = [
            [
                [dn.literal("", field["name"])],
                [field.get("description", "")],
                [_allowed(field)],
            ]
            for field in described_["schema"]["fields"]
        ]
        return [
            paragraph(
                _sentence(described_.get("description", described_["title"])),
                f" {count}. ",
                _download(described_["path"]),
            ),
            table(["Column", "Holds", "Allowed"], rows, label=f"Columns of {name}", stacked=True),
        ]


class LedgerPackage(BookDirective):
    """``{ledger-package}``: version, licence, the archive, and the same for search engines."""

    def make(self) -> list[dn.Node]:
        """Return two paragraphs and the JSON-LD of the data set."""
        package = tables.descriptor()
        parts: list[dn.Node | str] = [f"Version {package['version']}"]
        for licence in package.get("licenses", ()):
            parts += [", ", external(licence["title"], licence["path"])]
        everything = paragraph(
            "Everything in one archive: ",
            _download(archive.file_name()),
            ". Its description, with the size and the SHA-256 of every table: ",
            _download("datapackage.json"),
            ". How to read it in a spreadsheet, in R and in Python: ",
            _download("README.md"),
            ".",
        )
        described_ = downloads.json_ld(self.config.author, "../" * self.env.docname.count("/"))
        return [paragraph(*parts, "."), everything, dn.raw("", described_, format="html")]


def _allowed(field: dict) -> str:
    limits = field.get("constraints", {})
    said = [field["type"]]
    if limits.get("required"):
        said.append("required")
    if "enum" in limits:
        said.append("one of " + ", ".join(limits["enum"]))
    return "; ".join(said)


def _download(name: str) -> dn.Node:
    """Return a link to a file of the ledger."""
    path = f"{downloads.FOLDER}/{name}"
    return inline(nodes.site_link(path=path, download=True), dn.literal("", name))


def setup(app: Sphinx) -> None:
    """Register the directives."""
    for name, made in {
        "ledger-source": LedgerSource,
        "ledger-source-index": LedgerSourceIndex,
        "ledger-claims-index": LedgerClaimsIndex,
        "ledger-legend": LedgerLegend,
        "ledger-companies": LedgerCompanies,
        "ledger-company": LedgerCompany,
        "ledger-names": LedgerNames,
        "ledger-events": LedgerEvents,
        "ledger-series": LedgerSeries,
        "ledger-table": LedgerTable,
        "ledger-package": LedgerPackage,
    }.items():
        app.add_directive(name, made)

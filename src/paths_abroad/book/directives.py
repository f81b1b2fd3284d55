"""Directives that chapters use: company card, claims, objectives, discussion, exercises, sources.

Each one checks what it is given and says in one line, with file and line, what to mend. What can
only be known when the whole page has been read (evidence, sources, cards) is a placeholder that
:func:`resolve` fills before the page is written.
"""

import re
from collections.abc import Iterable
from pathlib import Path
from textwrap import shorten
from typing import ClassVar

from docutils import nodes as dn
from docutils.parsers.rst import directives as options
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from paths_abroad import ledger
from paths_abroad.book import cited, launch, nodes, pages, wording
from paths_abroad.book.fact_role import note_ledger
from paths_abroad.ledger import periods

logger = logging.getLogger(__name__)


class BookDirective(SphinxDirective):
    """A directive whose errors become warnings with file and line."""

    required_arguments = 0
    optional_arguments = 0
    final_argument_whitespace = True

    def run(self) -> list[dn.Node]:
        """Return the nodes of :meth:`make`, or report what is wrong."""
        note_ledger(self.env)
        try:
            return self.make()
        except (ledger.LedgerError, ValueError) as problem:
            logger.warning(
                "{%s}: %s", self.name, problem, location=self.get_location(), type="paths_abroad"
            )
            return []

    def make(self) -> list[dn.Node]:
        """Return the directive's content; raise LedgerError or ValueError where it cannot."""
        raise NotImplementedError

    def company(self) -> dict:
        """Return the company named by the argument, as a row of ``companies.csv``."""
        asked = self.arguments[0].strip()
        rows = ledger.companies().set_index("company", drop=False)
        if asked not in rows.index:
            from paths_abroad.ledger.errors import unknown

            raise unknown("company", asked, rows.index)
        return rows.loc[asked].to_dict()

    def parsed(self) -> list[dn.Node]:
        """Return the directive's content, parsed."""
        holder = dn.Element()
        self.state.nested_parse(self.content, self.content_offset, holder)
        return holder.children

    def cite(self, table: str, row) -> nodes.row_link:
        """Return an empty link with a card to a row, and note that this page cites it."""
        cited.row(self.env, self.env.docname, table, row.id, row.source_id)
        return nodes.row_link("", "", table=table, row=row.id, card=True)


# --- small builders ---------------------------------------------------------------------------


def inline(node: dn.TextElement, *parts: dn.Node | str) -> dn.TextElement:
    """Append texts and inline nodes to a node, and return it."""
    for part in parts:
        node += dn.Text(part) if isinstance(part, str) else part
    return node


def paragraph(*parts: dn.Node | str, classes: Iterable[str] = ()) -> dn.paragraph:
    """Return a paragraph of texts and inline nodes."""
    return inline(dn.paragraph(classes=list(classes)), *parts)


def block(tag: str, classes: str, *children: dn.Node, **attributes: str) -> nodes.html_element:
    """Return an HTML element that holds blocks."""
    made = nodes.html_element(tag=tag, classes=classes.split(), attributes=attributes)
    made.extend(children)
    return made


def heading(tag: str, *parts: dn.Node | str, classes: Iterable[str] = ()) -> nodes.block_title:
    """Return a title that stays out of the table of contents."""
    return inline(nodes.block_title(tag=tag, classes=list(classes)), *parts)


def external(text: str, url: str) -> dn.Node:
    """Return a link to another site, or the text alone where there is no address."""
    if not url:
        return dn.Text(text)
    return dn.reference("", text, refuri=url, internal=False)


def described(pairs: Iterable[tuple[str, list[dn.Node | str]]]) -> dn.definition_list:
    """Return a definition list with one line a term."""
    made = dn.definition_list(classes=["pa-dl"])
    for term, parts in pairs:
        item = dn.definition_list_item()
        item += dn.term("", term)
        item += dn.definition("", paragraph(*parts))
        made += item
    return made


def table(
    head: list[str],
    rows: Iterable[list[list[dn.Node | str]]],
    *,
    label: str,
    stacked: bool = False,
) -> nodes.ledger_table:
    """Return a table of inline cells.

    Parameters
    ----------
    head : list of str
        Column titles.
    rows : iterable
        Per row the cells, each a list of texts and inline nodes.
    label : str
        What a screen reader calls the table.
    stacked : bool
        On a small screen each row becomes a card: the columns do not fit beside each other.
    """
    made = nodes.ledger_table(head=head, label=label, stacked=stacked)
    for cells in rows:
        line = nodes.ledger_row()
        line.extend(inline(nodes.ledger_cell(), *parts) for parts in cells)
        made += line
    return made


def joined(items: list[dn.Node], separator: str = "; ") -> list[dn.Node | str]:
    """Return nodes with a separator between them."""
    out: list[dn.Node | str] = []
    for item in items:
        out += [separator, item] if out else [item]
    return out


def source_line(source: ledger.Source) -> list[dn.Node | str]:
    """Return publisher, linked title and date of a source."""
    date = f", {ledger.wording.date_words(source.date)}" if source.date else ""
    return [f"{source.publisher}: ", external(source.title, source.url), date]


# --- company card ------------------------------------------------------------------------------

KEY_FIGURES = (
    "revenue",
    "revenue_overseas_share",
    "shipments_smartphone|shipments_smartphone_idc|deliveries|monthly_active_users",
    "global_rank_idc|global_rank",
    "rd_spend",
    "employees",
)
"""Metrics that a card shows when the author names none, as patterns of the whole name, in order."""


def key_figures(company: str) -> list[ledger.Fact]:
    """Return the latest yearly main figure of each kind that a card shows."""
    rows = ledger.facts()
    rows = rows[(rows["company"] == company) & (rows["series"] == "main")]
    rows = rows[~rows["qualifier"].isin(["target", "estimate"])]
    yearly = rows["period"].map(lambda p: periods.form_of(p) in ("year", "fiscal_year"))
    rows = rows[yearly & rows["geography"].isin((*wording.WORLD, "overseas"))]
    chosen = []
    for pattern in KEY_FIGURES:
        fit = rows[rows["metric"].str.fullmatch(pattern)]
        if len(fit):
            latest = max(fit.itertuples(), key=lambda r: (periods.last_day(r.period), r.id))
            chosen.append(ledger.fact(latest.id))
    return chosen


class CompanyCard(BookDirective):
    """``{company-card} slug``: who the company is, with a few figures."""

    required_arguments = 1
    option_spec: ClassVar = {"figures": options.unchanged}

    def make(self) -> list[dn.Node]:
        """Return the card."""
        row = self.company()
        asked = self.options.get("figures", "").replace(",", " ").split()
        figures = [ledger.fact(i) for i in asked] or key_figures(row["company"])
        name: list[dn.Node | str] = [row["name"]]
        if row["name_zh"]:
            name += [" ", inline(nodes.foreign_text(lang="zh-Hans"), row["name_zh"])]
        if row["pinyin"]:
            name += [" ", inline(nodes.foreign_text(lang="zh-Latn-pinyin"), row["pinyin"])]
        places = ledger.places().set_index("place")["name"]
        founded = ledger.wording.date_words(row["founded"]) if row["founded"] else ""
        pairs: list[tuple[str, list]] = [
            ("Founded", [founded]),
            ("Home", [places.get(row["home"], row["home"])]),
            ("Industry", [row["industry"]]),
            ("Way abroad", [wording.PATHS[row["path"]]]),
        ]
        for fact in figures:
            link = inline(self.cite("fact", fact), ledger.wording.words(fact, "brief"))
            label = f"{fact.metric_label}, {ledger.wording.period_words(fact.period)}"
            pairs.append((label, [link]))
        return [
            block(
                "div",
                "pa-company",
                paragraph(*name, classes=["pa-company-name"]),
                paragraph(row["one_line"]),
                described((term, parts) for term, parts in pairs if parts != [""]),
            )
        ]


# --- claims -------------------------------------------------------------------------------------


class Claims(BookDirective):
    """``{claims} slug``: what the seeds claim about a company, and how each claim stands.

    ``{claims} all`` takes every company; ``:seed:`` keeps one document, ``:only:`` named claims.
    """

    required_arguments = 1
    option_spec: ClassVar = {"seed": options.unchanged, "only": options.unchanged}

    def make(self) -> list[dn.Node]:
        """Return the table of claims."""
        rows = ledger.claims()
        if self.arguments[0].strip() != "all":
            rows = rows[rows["company"] == self.company()["company"]]
        seed = self.options.get("seed", "").strip()
        if seed:
            rows = rows[rows["seed"] == ledger.source(seed).source_id]
        only = self.options.get("only", "").replace(",", " ").split()
        for name in only:
            if name not in set(rows["id"]):
                raise ledger.LedgerError(f"no claim {name!r} for {self.arguments[0]!r}")
        if only:
            rows = rows[rows["id"].isin(only)]
        if rows.empty:
            raise ledger.LedgerError(f"the ledger holds no claims for {self.arguments[0]!r}")
        counts = rows["verdict"].value_counts()
        tally = ", ".join(f"{counts[v]} {v}" for v in wording.VERDICTS if v in counts)
        made: list[dn.Node] = [paragraph(f"{wording.plural(len(rows), 'claim')}: {tally}.")]
        dated = sorted(set(rows["seed"]), key=lambda name: (ledger.source(name).date, name))
        for name in dated:
            source = ledger.source(name)
            cited.chart(self.env, self.env.docname, f"claims {name}", [name])
            if not seed:
                made.append(heading("h3", f"{source.publisher}, {source.title}"))
            held = [row for row in rows.itertuples() if row.seed == name]
            made += [self._claim(row) for row in sorted(held, key=_paragraph)]
        return made

    def _claim(self, row) -> dn.Node:
        """Return one claim with its verdict; the reasons are folded."""
        badge = inline(nodes.label_badge(kind=row.verdict.replace(" ", "-")), row.verdict)
        title = inline(nodes.block_title(tag="summary"), inline(dn.inline(), row.claim), " ", badge)
        evidence = joined([self._evidence(i) for i in row.evidence.split()])
        made = nodes.folded(classes=["pa-claim"], ids=[f"claim-{row.id}"])
        made += title
        made += paragraph(row.note)
        made += paragraph("Evidence: ", *(evidence or ["none in the ledger"]), ".")
        made += paragraph(f"{row.locator.capitalize()} of the document.", classes=["pa-where"])
        return made

    def _evidence(self, row_id: str) -> dn.Node:
        table_name, row = find(row_id)
        return inline(self.cite(table_name, row), said(row))


def _paragraph(row) -> tuple[int, str]:
    """Order claims as they stand in their document."""
    numbers = re.findall(r"\d+", row.locator)
    return (int(numbers[0]) if numbers else 0, row.id)


def find(row_id: str) -> tuple[str, ledger.Fact | ledger.Event]:
    """Return (table, row) of a fact or an event.

    Raises
    ------
    LedgerError
        If neither table has the id.
    """
    # Asked first, as a miss is dear: the error looks for near misses.
    if ("event", row_id) in pages.plan().source_of:
        return "event", ledger.event(row_id)
    return "fact", ledger.fact(row_id)


def said(row: ledger.Fact | ledger.Event) -> str:
    """Say a row in a few words, for a list of evidence."""
    if isinstance(row, ledger.Fact):
        when = ledger.wording.period_words(row.period)
        where = "" if row.geography in wording.WORLD else f", {row.place_name}"
        words = ledger.wording.words(row)
        return (
            f"{row.company_name}, {wording.lower_first(row.metric_label)}{where}, {when}: {words}"
        )
    what = shorten(row.description.rstrip("."), 80, placeholder=" …")
    return f"{ledger.wording.date_words(row.date)}: {what}"


class SeedNote(BookDirective):
    """``{seed-note} source-id``: the bibliographic line of a founding document."""

    required_arguments = 1

    def make(self) -> list[dn.Node]:
        """Return the line."""
        source = ledger.source(self.arguments[0].strip())
        if not source.seed:
            raise ledger.LedgerError(f"{source.source_id!r} is not one of the founding documents")
        cited.chart(self.env, self.env.docname, f"seed {source.source_id}", [source.source_id])
        note = f" {source.note}" if source.note else ""
        return [paragraph(*source_line(source), ".", note, classes=["pa-seed"])]


# --- teaching -----------------------------------------------------------------------------------


def minutes(argument: str) -> int:
    """Read a whole number of minutes."""
    if not re.fullmatch(r"[1-9]\d*", argument.strip()):
        raise ValueError(f"{argument!r} is no whole number of minutes")
    return int(argument)


class Objectives(BookDirective):
    """``{objectives}``: what the reader will be able to do, and how long it takes."""

    has_content = True
    option_spec: ClassVar = {"reading": minutes, "exercises": minutes}

    def make(self) -> list[dn.Node]:
        """Return the objectives with the minutes."""
        self.assert_has_content()
        parts = [
            f"{self.options[key]} minutes {words}"
            for key, words in {"reading": "to read", "exercises": "for the exercises"}.items()
            if key in self.options
        ]
        time = [paragraph(", ".join(parts), classes=["pa-minutes"])] if parts else []
        return [block("div", "pa-objectives", *self.parsed(), *time)]


class Discussion(BookDirective):
    """``{discussion} title``: a prompt with roles or positions, minutes, and checked evidence."""

    required_arguments = 1
    has_content = True
    option_spec: ClassVar = {
        "minutes": minutes,
        "roles": options.unchanged,
        "positions": options.unchanged,
        "evidence": options.unchanged,
    }

    def make(self) -> list[dn.Node]:
        """Return the prompt."""
        self.assert_has_content()
        for needed in ("minutes", "evidence"):
            if not self.options.get(needed):
                raise ValueError(f"say the {needed}: add the option :{needed}:")
        sides = [key for key in ("roles", "positions") if self.options.get(key)]
        if len(sides) != 1:
            raise ValueError("give either :roles: or :positions:, separated by semicolons")
        named = [s.strip() for s in self.options[sides[0]].split(";") if s.strip()]
        if len(named) < 2:
            raise ValueError(f":{sides[0]}: needs at least two, separated by semicolons")
        asked = [e for e in re.split(r"[,\s]+", self.options["evidence"]) if e]
        listing = dn.bullet_list(bullet="-", classes=["pa-sides"])
        listing.extend(dn.list_item("", paragraph(side)) for side in named)
        place = nodes.evidence_list(asked=asked, location=self.get_location())
        for row_id in asked:
            self._note(row_id)
        title, _ = self.state.inline_text(self.arguments[0], self.lineno)
        return [
            block(
                "div",
                "pa-discussion",
                heading("h3", *title),
                paragraph(f"{self.options['minutes']} minutes", classes=["pa-minutes"]),
                *self.parsed(),
                paragraph(sides[0].capitalize(), classes=["pa-label"]),
                listing,
                place,
            )
        ]

    def _note(self, row_id: str) -> None:
        try:
            self.cite(*find(row_id))
        except ledger.LedgerError:
            return  # a label of this page, or unknown: known when the page has been read


class Next(BookDirective):
    """``{next} summary``: content that stays folded until the reader has decided."""

    optional_arguments = 1
    has_content = True

    def make(self) -> list[dn.Node]:
        """Return the folded content."""
        self.assert_has_content()
        summary = self.arguments[0] if self.arguments else "What happened next"
        title, _ = self.state.inline_text(summary, self.lineno)
        made = nodes.folded(classes=["pa-next"])
        made += heading("summary", *title)
        made.extend(self.parsed())
        return [made]


class Launch(BookDirective):
    """``{launch} slug``: open the chapter's exercises, or the chapter itself, as a notebook."""

    required_arguments = 1
    option_spec: ClassVar = {"what": lambda a: options.choice(a, ("exercises", "chapter"))}

    def make(self) -> list[dn.Node]:
        """Return the links."""
        return [self.links(self.arguments[0].strip(), self.options.get("what", "exercises"))]

    def links(self, slug: str, what: str) -> dn.Node:
        """Return the list of launch links."""
        repository = launch.repository(Path(self.env.srcdir), self.config.paths_abroad_repository)
        listing = dn.bullet_list(bullet="-", classes=["pa-launch"])
        for link in launch.links(slug, what, repository, self.config.paths_abroad_branch):
            if link.local:
                node = inline(nodes.site_link(path=link.address, download=True), link.label)
            else:
                node = external(link.label, link.address)
            listing += dn.list_item("", paragraph(node))
        return listing


class ExerciseList(Launch):
    """``{exercise-list} slug``: the questions with kind and points, minutes, and launch links."""

    option_spec: ClassVar = {}

    def make(self) -> list[dn.Node]:
        """Return the list of questions."""
        from paths_abroad.exercises import source

        slug = self.arguments[0].strip()
        file = Path(self.env.srcdir) / "exercises" / f"{slug}.md"
        self.env.note_dependency(str(file))
        if not file.is_file():
            raise ValueError(f"there is no exercises/{slug}.md")
        held = source.load(file)
        rows = []
        for q in held.questions:
            kind = wording.QUESTIONS.get(q.kind, q.kind)
            rows.append([[q.title], [kind], [f"{q.minutes}"], [f"{q.points:g}"]])
        total = sum(q.points for q in held.questions)
        time = f", about {held.minutes} minutes" if getattr(held, "minutes", None) else ""
        summary = (
            f"{wording.plural(len(rows), 'question')}, {wording.plural(total, 'point')}{time}."
        )
        return [
            paragraph(summary),
            table(["Question", "Kind", "Minutes", "Points"], rows, label="Questions"),
            self.links(slug, "exercises"),
        ]


FOLDED = 12
"""A longer list of sources of one kind is folded."""


class ChapterSources(BookDirective):
    """``{chapter-sources}``: everything this page cites, in prose and charts."""

    def make(self) -> list[dn.Node]:
        """Return the placeholder that :func:`resolve` fills."""
        return [nodes.cited_sources()]


# --- what waits for the whole page ---------------------------------------------------------------


def resolve(app: Sphinx, doctree: dn.document, docname: str) -> None:
    """Fill placeholders and add the cards, once everything on the page is known."""
    for place in list(doctree.findall(nodes.evidence_list)):
        place.replace_self(_evidence(app, doctree, docname, place))
    for place in list(doctree.findall(nodes.cited_sources)):
        place.replace_self(_cited(app, docname))
    rows = dict.fromkeys(
        (node["table"], node["row"]) for node in doctree.findall(nodes.row_link) if node.get("card")
    )
    if rows and app.builder.format == "html":
        doctree += nodes.card_store(rows=list(rows))


def _evidence(app: Sphinx, doctree: dn.document, docname: str, place: dn.Element) -> dn.Node:
    listing = dn.bullet_list(bullet="-", classes=["pa-evidence"])
    for asked in place["asked"]:
        try:
            name, row = find(asked)
            node = inline(nodes.row_link("", "", table=name, row=row.id, card=True), said(row))
        except ledger.LedgerError as problem:
            node = _label(app, doctree, docname, asked)
            if node is None:
                logger.warning(
                    "{discussion}: evidence %r is neither a label on this page nor a row of the "
                    "ledger (%s)",
                    asked,
                    problem,
                    location=place["location"],
                    type="paths_abroad",
                )
                continue
        listing += dn.list_item("", paragraph(node))
    return block("div", "pa-evidence-box", paragraph("Evidence", classes=["pa-label"]), listing)


def _label(app: Sphinx, doctree: dn.document, docname: str, label: str) -> dn.Node | None:
    """Return a link to a label of this page, named after the chart or section it marks."""
    known = app.env.get_domain("std").anonlabels
    found = known.get(label.lower(), ("", ""))
    anchor = found[1] if found[0] == docname else label
    for node in doctree.findall(dn.Element):
        if anchor in node.get("ids", ()):
            return dn.reference("", _title(node) or label, refid=anchor, internal=True)
    return None


def _title(node: dn.Element) -> str:
    """Return the title of a section or of the chart inside a cell."""
    if isinstance(node, dn.section):
        return node.next_node(dn.title).astext()
    if isinstance(node, dn.target):
        return ""
    for inner in node.findall(dn.Element):
        if isinstance(inner.get("title"), str) and inner["title"]:
            return inner["title"]
    return ""


def _cited(app: Sphinx, docname: str) -> dn.Node:
    env = app.env
    rows, charts = cited.rows_of(env, docname), cited.charts_of(env, docname)
    quoted: dict[str, dict[str, int]] = {}
    for name, row_id in rows:
        row = ledger.fact(row_id) if name == "fact" else ledger.event(row_id)
        counts = quoted.setdefault(row.source_id, {"fact": 0, "event": 0})
        counts[name] += 1
    drawn = {
        source: sum(source in ids for name, ids in charts.items() if " " not in name)
        for source in cited.sources_of(env, docname)
    }
    box = block("div", "pa-sources")
    sources = [ledger.source(s) for s in cited.sources_of(env, docname)]
    for kind, title in wording.KINDS.items():
        held = sorted(
            (s for s in sources if s.kind == kind),
            key=lambda s: (s.publisher.casefold(), s.date, s.title.casefold()),
        )
        if not held:
            continue
        listing = dn.bullet_list(bullet="-")
        for source in held:
            uses = _uses(quoted.get(source.source_id, {}), drawn.get(source.source_id, 0))
            link = nodes.row_link("", "", table="source", row=source.source_id)
            listing += dn.list_item(
                "", paragraph(*source_line(source), " (", inline(link, uses), ")")
            )
        if len(held) <= FOLDED:
            box.extend([heading("h3", title), listing])
            continue
        fold = nodes.folded(classes=["pa-many"])
        fold += inline(nodes.block_title(tag="summary"), f"{title} ({len(held)})")
        fold += listing
        box += fold
    return box


def _uses(quoted: dict[str, int], drawn: int) -> str:
    parts = [
        f"{wording.plural(quoted[name], noun)} quoted"
        for name, noun in {"fact": "figure", "event": "date"}.items()
        if quoted.get(name)
    ]
    if drawn:
        parts.append(f"drawn in {wording.plural(drawn, 'chart')}")
    return ", ".join(parts) or "all rows"


def setup(app: Sphinx) -> None:
    """Register the directives."""
    for name, made in {
        "company-card": CompanyCard,
        "claims": Claims,
        "seed-note": SeedNote,
        "objectives": Objectives,
        "discussion": Discussion,
        "next": Next,
        "launch": Launch,
        "exercise-list": ExerciseList,
        "chapter-sources": ChapterSources,
    }.items():
        app.add_directive(name, made)
    app.connect("doctree-resolved", resolve)

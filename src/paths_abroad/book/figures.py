"""Charts on a page: a figure that needs no script, and what a script needs to wake it.

MyST-NB hands every Vega-Lite output to `ChartRenderer`. The figure holds the finding, two pictures
(one for a column of text, one for a phone; the style sheet shows one of them, and readers of the
page meet only that one), the sources, and the rows as a table and as a CSV. Beside it, in
``_static/paths_abroad/charts``, lie the CSV and the specification as a small script, which
``charts.js`` loads when the reader comes near; a script, because a page opened from a folder may
not fetch.
"""

import csv
import io
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any, ClassVar

from docutils import nodes
from sphinx.environment import BuildEnvironment

from paths_abroad import charts, ledger
from paths_abroad.book import cited, pages
from paths_abroad.charts import theme

MIME = "application/vnd.vegalite.v6+json"
FOLDER = "paths_abroad/charts"
HEADINGS = {
    "name": "Name",
    "label": "Measure",
    "place": "Place",
    "period": "Period",
    "date": "Date",
    "date_text": "Date",
    "value": "Value",
    "unit": "Unit",
    "qualifier": "Qualifier",
    "grade": "Grade",
    "source_id": "Source",
    "type": "Kind",
    "country": "Country",
    "description": "What happened",
}
FORMS = ("wide", "narrow")
"""The two pictures of a chart: for a column of text, and for a phone."""

FOLDED_FROM = 20
"""More sources than this are folded away until asked for."""

_VIEW_BOX = re.compile(r'viewBox="0 0 ([\d.]+) ([\d.]+)"')
_NOT_A_WORD = re.compile(r"[^a-z0-9]+")


class Incomplete(Exception):
    """A chart lacks what a page may not do without; the message says how to mend it."""


@dataclass(frozen=True)
class Chart:
    """What the page says of one chart, read from its specification and checked.

    Parameters
    ----------
    spec : dict
        The Vega-Lite specification without its title.
    title, description, caption : str
        The finding; the words in place of the picture; the small print (may be empty).
    sources : list of str
        Ids of the ledger's sources.
    rows : list of dict
        What the table and the CSV hold.
    """

    spec: dict[str, Any]
    title: str
    description: str
    caption: str
    sources: list[str]
    rows: list[dict[str, Any]]


def read(spec: dict[str, Any]) -> Chart:
    """Read a chart's words, sources and rows from its specification.

    Raises
    ------
    Incomplete
        If title, description, sources or rows are missing, or a source is not in the ledger.
    """
    meta = (spec.get("usermeta") or {}).get("paths_abroad") or {}
    title = charts.title_of(spec)
    description = (spec.get("description") or "").strip()
    if not description:
        raise Incomplete(
            "the chart has no description: pass description='...' to the chart form "
            "or to charts.finish, one or two sentences that say what the picture shows"
        )
    if not title:
        raise Incomplete("the chart has no title: pass title='...', the finding in one sentence")
    sources = list(charts.sources_of(spec))
    if not sources:
        raise Incomplete(
            "the chart has no sources: keep the column source_id in its rows, "
            "or pass sources=[...] to charts.finish where rows were aggregated"
        )
    known = set(ledger.sources()["source_id"])
    for source in sources:
        if source not in known:
            raise Incomplete(f"the chart names the source {source!r}, which is not in sources.csv")
    rows = list(charts.rows_of(spec))
    if not rows:
        raise Incomplete("the chart has no rows for its table: pass rows=... to charts.finish")
    return Chart(
        charts.page_spec(spec), title, description, str(meta.get("caption") or ""), sources, rows
    )


def table(rows: list[dict[str, Any]], label: str, source_link: dict[str, str]) -> str:
    """Return the rows as an HTML table in a box of its own that scrolls.

    Parameters
    ----------
    rows : list of dict
        All with the same keys.
    label : str
        Name of the box for those who do not see it.
    source_link : dict
        Source id -> address relative to the page.
    """
    columns = [c for c in rows[0] if any(_shown(row[c]) for row in rows)]
    numeric = {c for c in columns if _numeric([row[c] for row in rows])}
    heads = "".join(
        f'<th scope="col"{_class(c in numeric)}>{escape(HEADINGS.get(c, _plain(c)))}</th>'
        for c in columns
    )
    lines = []
    for row in rows:
        cells = []
        for position, column in enumerate(columns):
            value = row[column]
            shown = escape(_shown(value))
            if column == "source_id" and value in source_link:
                shown = f'<a href="{escape(source_link[value])}">{shown}</a>'
            # An empty heading would name nothing.
            heads_row = position == 0 and shown
            tag, scope = ("th", ' scope="row"') if heads_row else ("td", "")
            cells.append(f"<{tag}{scope}{_class(column in numeric)}>{shown}</{tag}>")
        lines.append(f"<tr>{''.join(cells)}</tr>")
    return (
        f'<div class="pa-scroll" role="region" tabindex="0" aria-label="{escape(label)}">'
        f"<table><thead><tr>{heads}</tr></thead><tbody>{''.join(lines)}</tbody></table></div>"
    )


def _numeric(values: list[Any]) -> bool:
    held = [value for value in values if value is not None]
    return bool(held) and all(isinstance(value, int | float) for value in held)


def _class(numeric: bool) -> str:
    return ' class="num"' if numeric else ""


def _plain(column: str) -> str:
    return column.replace("_", " ").capitalize()


def _shown(value: Any) -> str:
    if value is None or value != value:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return f"{value:,.10g}" if abs(value) >= 10_000 else f"{value:.10g}"
    return str(value)


def as_csv(rows: list[dict[str, Any]]) -> str:
    """Return the rows as CSV: the table's columns, values unrounded, UTF-8, LF."""
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def source_line(sources: Iterable[str], links: dict[str, str]) -> str:
    """Return the line under a picture: each publisher once, each of its documents by year."""
    known = ledger.sources().set_index("source_id")
    groups: dict[str, list[tuple[str, str]]] = {}
    for source in sources:
        row = known.loc[source]
        year = str(row["date"])[:4] if row["date"] == row["date"] and row["date"] else "undated"
        groups.setdefault(str(row["publisher"]), []).append((year, source))
    parts = []
    for publisher, held in groups.items():
        held.sort()
        years = [year for year, _ in held]
        marks = []
        for position, (year, source) in enumerate(held):
            alike = years.count(year)
            letter = chr(ord("a") + position - years.index(year)) if alike > 1 else ""
            name = f"{publisher}, {year}{letter}"
            marks.append(
                f'<a href="{escape(links[source])}" aria-label="{escape(name)}">{year}{letter}</a>'
            )
        parts.append(f"{escape(publisher)} ({', '.join(marks)})")
    number = sum(len(held) for held in groups.values())
    word = "Source" if number == 1 else "Sources"
    if number <= FOLDED_FROM:
        return f'<p class="pa-chart__source">{word}: {"; ".join(parts)}.</p>'
    return (
        '<details class="pa-chart__source pa-chart__data">'
        f"<summary>Sources: {number} documents</summary><p>{'; '.join(parts)}.</p></details>"
    )


def bound_inputs(spec: Any) -> int:
    """Count the inputs (select, slider) that a chart asks for, to keep their place free."""
    if isinstance(spec, dict):
        own = sum(
            len(bind) if isinstance(bind, dict) and "input" not in bind else 1
            for bind in (p.get("bind") for p in spec.get("params") or [] if isinstance(p, dict))
            if isinstance(bind, dict)
        )
        parts = ("layer", "hconcat", "vconcat", "concat", "spec")
        return own + sum(bound_inputs(spec.get(part)) for part in parts)
    if isinstance(spec, list):
        return sum(bound_inputs(part) for part in spec)
    return 0


def forms_of(chart: Chart) -> dict[str, dict]:
    """Return the chart's specification for each of `FORMS`: as it is, and for a phone."""
    return {"wide": chart.spec, "narrow": charts.narrow(chart.spec)}


def figure(
    chart: Chart,
    forms: Mapping[str, dict],
    *,
    slug: str,
    name: str,
    root: str,
    links: dict[str, str],
    anchor: bool = True,
) -> str:
    """Return the chart's HTML.

    Parameters
    ----------
    chart : Chart
        What to show.
    forms : dict
        From `forms_of`.
    slug : str
        Names the chart on the whole site: its files.
    name : str
        Names it on its page: its anchor.
    root : str
        From the page to ``_static``, as a relative address that ends in ``_static``.
    links : dict
        Source id -> address relative to the page.
    anchor : bool
        Whether the figure carries the anchor itself, or what is around it does.
    """
    anchored = f' id="{name}"' if anchor else ""
    files = f"{root}/{FOLDER}/{slug}"
    pictures = []
    for form in FORMS:
        svg = charts.svg(forms[form], prefix=f"{name}-{form}")
        width, height = _VIEW_BOX.search(svg).groups()
        # The place is kept by its proportions, so that nothing moves when the chart wakes.
        pictures.append(
            f'<div class="pa-chart__picture pa-chart__picture--{form}" data-form="{form}" '
            f'role="img" aria-label="{escape(chart.description)}" '
            f'style="aspect-ratio:{width}/{height};max-width:{width}px">{svg}</div>'
        )
    inputs = bound_inputs(chart.spec)
    controls = (
        f'<div class="pa-chart__controls" style="--pa-binds:{inputs}"></div>' if inputs else ""
    )
    caption = (
        f'<span class="pa-chart__caption">{escape(chart.caption)}</span>' if chart.caption else ""
    )
    return "\n".join(
        [
            f'<figure class="pa-chart"{anchored} data-chart="{slug}" data-rows="{files}.js">',
            f'<figcaption><strong class="pa-chart__title">{escape(chart.title)}</strong>'
            f"{caption}</figcaption>",
            controls,
            f'<div class="pa-chart__pictures">{"".join(pictures)}</div>',
            source_line(chart.sources, links),
            '<details class="pa-chart__data"><summary>Data and description</summary>',
            f"<p>{escape(chart.description)}</p>",
            f'<p><a href="{files}.csv" download>Download the rows as CSV</a></p>',
            table(chart.rows, f"Rows of the chart: {chart.title}", links),
            "</details></figure>",
        ]
    )


def script(forms: Mapping[str, dict], slug: str) -> str:
    """Return the script that hands the chart to ``charts.js``; rows stand in it once."""
    forms = {name: dict(spec) for name, spec in forms.items()}
    datasets: dict[str, Any] = {}
    for form in forms.values():
        form.pop("usermeta", None)
        datasets.update(form.pop("datasets", {}))
    text = json.dumps({"datasets": datasets, **forms}, ensure_ascii=False, separators=(",", ":"))
    return f"pathsAbroad.charts[{json.dumps(slug)}]={theme.in_css(text)};\n"


class ChartRenderer:
    """Plugin of MyST-NB: shows a Vega-Lite output as a figure of the book."""

    # Before text/html, which is there for JupyterLab.
    mime_priority_overrides: ClassVar = [("*", MIME, 1)]

    @staticmethod
    def handle_mime(renderer: Any, data: Any, inline: bool) -> list[nodes.Element] | None:
        """Return the figure, or None for any other output; warn where a chart is incomplete."""
        if data.mime_type != MIME or inline:
            return None
        env: BuildEnvironment | None = getattr(renderer.renderer, "sphinx_env", None)
        if env is None:
            return None
        content = data.content
        spec = json.loads(content) if isinstance(content, str | bytes) else dict(content)
        try:
            chart = read(spec)
        except Incomplete as problem:
            renderer.logger.warning(str(problem), subtype="chart", line=data.line)
            return []
        named = data.cell_metadata.get("name")
        label = named or _label(renderer.renderer.document, data.cell_index)
        node = _node(chart, env, data, label)
        if not named:
            return [node]
        # A name in the cell's options can be linked to, as a label before the cell can.
        box = nodes.container("", node, names=[nodes.fully_normalize_name(named)])
        renderer.renderer.document.set_id(box)
        renderer.renderer.document.note_explicit_target(box, box)
        return [box]


def _label(document: nodes.document, cell_index: int | None) -> str:
    """Return the label that stands before the cell, ``(fig-path)=``; empty if there is none."""
    for cell in document.findall(nodes.container):
        if cell.get("nb_element") == "cell_code" and cell.get("cell_index") == cell_index:
            position = cell.parent.index(cell)
            before = cell.parent[position - 1] if position else None
            return next(iter(before["names"]), "") if isinstance(before, nodes.target) else ""
    return ""


def _node(chart: Chart, env: BuildEnvironment, data: Any, label: str) -> nodes.Element:
    """Write the chart's files and return its figure; ``label`` anchors it where it has one."""
    page = _NOT_A_WORD.sub("-", env.docname.lower()).strip("-")
    name = nodes.make_id(label) if label else f"chart-{data.cell_index}"
    if data.output_index:
        name = f"{name}-{data.output_index}"
    slug = f"{page}-{name}"
    builder = env.app.builder
    links = {}
    for source in chart.sources:
        docname, anchor = pages.source_target(source)
        links[source] = f"{builder.get_relative_uri(env.docname, docname)}#{anchor}"
    up = "../" * env.docname.count("/")
    folder = Path(env.app.outdir) / "_static" / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{slug}.csv").write_text(as_csv(chart.rows), encoding="utf-8", newline="")
    forms = forms_of(chart)
    (folder / f"{slug}.js").write_text(script(forms, slug), encoding="utf-8")
    cited.chart(env, env.docname, name, chart.sources)
    html = figure(
        chart, forms, slug=slug, name=name, root=f"{up}_static", links=links, anchor=not label
    )
    return nodes.raw("", html, format="html", title=chart.title)

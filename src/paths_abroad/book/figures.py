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
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any, ClassVar
from xml.etree import ElementTree

import vl_convert
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
_SVG = "http://www.w3.org/2000/svg"
_XLINK = "http://www.w3.org/1999/xlink"
_NUMBER = re.compile(r"-?\d+\.\d{3,}")
_NOT_A_WORD = re.compile(r"[^a-z0-9]+")
_TALK = ("role", "aria-label", "aria-roledescription", "aria-hidden", "aria-description")


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
    title = _text(spec.get("title"))
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
        charts.page_spec(spec), title, description, _text(meta.get("caption")), sources, rows
    )


def _text(title: Any) -> str:
    if isinstance(title, dict):
        title = title.get("text")
    if isinstance(title, list):
        title = " ".join(str(part) for part in title)
    return str(title or "").strip()


def picture(spec: dict[str, Any], *, prefix: str, label: str) -> tuple[str, float, float]:
    """Draw a specification as an SVG to be put into a page.

    Parameters
    ----------
    spec : dict
        Vega-Lite specification.
    prefix : str
        Put before every id inside, so that ids are unique on the page.
    label : str
        Accessible name: the chart's description.

    Returns
    -------
    tuple
        The SVG as text; its width and height in pixels.
    """
    ElementTree.register_namespace("", _SVG)
    ElementTree.register_namespace("xlink", _XLINK)
    root = ElementTree.fromstring(vl_convert.vegalite_to_svg(spec, allowed_base_urls=[]))
    renamed: dict[str, str] = {}
    for element in root.iter():
        # One name for the whole picture; a hundred names for its dots only slow a listener down.
        for attribute in _TALK:
            element.attrib.pop(attribute, None)
        if "id" in element.attrib:
            renamed[element.attrib["id"]] = f"{prefix}-{len(renamed)}"
    for element in root.iter():
        for attribute, value in element.attrib.items():
            if attribute == "id":
                value = renamed[value]
            elif value.startswith("url(#"):
                value = f"url(#{renamed.get(value[5:-1], value[5:-1])})"
            elif attribute in (f"{{{_XLINK}}}href", "href") and value.startswith("#"):
                value = f"#{renamed.get(value[1:], value[1:])}"
            elif attribute not in ("class", "style"):
                # A hundredth of a pixel is finer than any screen.
                value = _NUMBER.sub(lambda found: f"{float(found.group()):.2f}", value)
            element.attrib[attribute] = value
    width, height = (float(root.attrib[side]) for side in ("width", "height"))
    root.attrib.update({"role": "img", "aria-label": label, "focusable": "false"})
    root.attrib.pop("class", None)
    text = ElementTree.tostring(root, encoding="unicode", short_empty_elements=True)
    return theme.in_css(text), width, height


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
    columns = list(rows[0])
    numeric = {c for c in columns if all(isinstance(row[c], int | float) for row in rows)}
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
            tag, scope = ("th", ' scope="row"') if position == 0 else ("td", "")
            cells.append(f"<{tag}{scope}{_class(column in numeric)}>{shown}</{tag}>")
        lines.append(f"<tr>{''.join(cells)}</tr>")
    return (
        f'<div class="pa-scroll" role="region" tabindex="0" aria-label="{escape(label)}">'
        f"<table><thead><tr>{heads}</tr></thead><tbody>{''.join(lines)}</tbody></table></div>"
    )


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
    word = "Source" if len(parts) == 1 and len(groups[next(iter(groups))]) == 1 else "Sources"
    return f'<p class="pa-chart__source">{word}: {"; ".join(parts)}.</p>'


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


def figure(
    chart: Chart, *, slug: str, name: str, root: str, links: dict[str, str], anchor: bool = True
) -> str:
    """Return the chart's HTML.

    Parameters
    ----------
    chart : Chart
        What to show.
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
    forms = {"wide": chart.spec, "narrow": charts.narrow(chart.spec)}
    pictures = []
    for form, spec in forms.items():
        svg, width, height = picture(spec, prefix=f"{name}-{form}", label=chart.description)
        pictures.append(
            f'<div class="pa-chart__picture pa-chart__picture--{form}" data-form="{form}" '
            f'style="aspect-ratio:{width:g}/{height:g};max-width:{width * 1.1:.0f}px">{svg}</div>'
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


def script(chart: Chart, slug: str) -> str:
    """Return the script that hands the chart to ``charts.js``; rows stand in it once."""
    forms = {"wide": dict(chart.spec), "narrow": dict(charts.narrow(chart.spec))}
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
        return [_node(chart, env, renderer.renderer.document, data)]


def _node(
    chart: Chart, env: BuildEnvironment, document: nodes.document, data: Any
) -> nodes.Element:
    page = _NOT_A_WORD.sub("-", env.docname.lower()).strip("-")
    stated = data.cell_metadata.get("name")
    name = nodes.make_id(stated) if stated else f"chart-{data.cell_index}"
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
    (folder / f"{slug}.js").write_text(script(chart, slug), encoding="utf-8")
    cited.chart(env, env.docname, name, chart.sources)
    html = figure(
        chart, slug=slug, name=name, root=f"{up}_static", links=links, anchor=not stated
    )
    node = nodes.raw("", html, format="html")
    if not stated:
        return node
    # A name given by the author can be linked to: [the shares](#name).
    box = nodes.container("", node, names=[nodes.fully_normalize_name(stated)])
    document.set_id(box)
    document.note_explicit_target(box, box)
    return box


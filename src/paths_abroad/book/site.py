"""The look of the site: page skeleton, style sheets, scripts and what a page says of itself.

The skeleton (``templates/layout.html``) takes the place of the theme's. What the theme would
load (icons as a script of 1.5 MB, two style frameworks) never reaches a page.
"""

import json
import re
import shutil
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any

import vl_convert
from sphinx.application import Sphinx
from sphinx.util.fileutil import copy_asset

from paths_abroad.book import launch
from paths_abroad.charts import theme

HERE = Path(__file__).parent
STATIC = "paths_abroad"
DESCRIPTION_LENGTH = 200

_TAGS = re.compile(r"<[^>]+>")
_PARAGRAPH = re.compile(r"<p>(.*?)</p>", re.DOTALL)
_META_DESCRIPTION = re.compile(r'<meta content="([^"]*)" name="description"')
# The words inside the fold ("Show code") are its name; the label would hide them.
_FOLD_LABEL = re.compile(r'<summary aria-label="Toggle hidden content">')
_EMPTY_HEAD = re.compile(r"<th></th>")
_FRAME = re.compile(r'<table border="1" class="dataframe">.*?</table>', re.DOTALL)
# What pandas' Styler prints: empty heads, and a random number in every id.
_BLANK_HEAD = re.compile(r'<th class="(blank[^"]*)"\s*>(?:&nbsp;|\s)*</th>')
_STYLER = re.compile(r"\bT_[0-9a-f]{5}(?=[_\"\s])")
_FRAME_STYLE = re.compile(r"<style scoped>.*?</style>\s*", re.DOTALL)
_ROW = re.compile(r"<tr[^>]*>.*?</tr>", re.DOTALL)
_CELL = re.compile(r"<(th|td)>(.*?)</\1>", re.DOTALL)
_FIGURE = re.compile(r"[-+−]?[\d.,]+(?:e[-+]?\d+)?%?|NaN|None|<NA>|NaT|")


def static_dir(app: Sphinx) -> Path:
    """Return the folder of the built site that holds what is ours."""
    return Path(app.outdir) / "_static" / STATIC


def copy_static(app: Sphinx) -> None:
    """Put style sheets and scripts where the pages look for them, before any page is written."""
    if app.builder.format != "html":
        return
    folder = static_dir(app)
    shutil.rmtree(folder, ignore_errors=True)
    copy_asset(HERE / "static", folder)
    (folder / "colours.css").write_text(theme.style_sheet(), encoding="utf-8")
    bundle = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;")
    (folder / "vega.js").write_text(bundle, encoding="utf-8")


def describe(body: str, metatags: str) -> str:
    """Return the sentence that describes a page: the author's, else its first paragraph."""
    stated = _META_DESCRIPTION.search(metatags)
    if stated:
        return unescape(stated.group(1))
    for paragraph in _PARAGRAPH.findall(body):
        text = " ".join(unescape(_TAGS.sub("", paragraph)).split())
        if len(text) > 40:
            if len(text) <= DESCRIPTION_LENGTH:
                return text
            return text[:DESCRIPTION_LENGTH].rsplit(" ", 1)[0] + " …"
    return ""


def tidy_frames(body: str) -> str:
    """Let the tables that pandas prints look like tables of the book: words left, figures right."""
    numbers: dict[str, str] = {}
    body = _STYLER.sub(
        lambda found: numbers.setdefault(found.group(), f"frame-{len(numbers) + 1}"), body
    )
    body = _BLANK_HEAD.sub(r'<td class="\1"></td>', body)
    return _FRAME.sub(_tidy_frame, _FRAME_STYLE.sub("", body))


def _tidy_frame(frame: re.Match[str]) -> str:
    rows = [[cell[1] for cell in _CELL.findall(row)] for row in _ROW.findall(frame.group())]
    wide = max(map(len, rows), default=0)
    data = [row for row in rows[1:] if len(row) == wide and any(row[1:])]
    words = {
        column
        for column in range(wide)
        if any(not _FIGURE.fullmatch(unescape(row[column]).strip()) for row in data)
    }

    def mark(row: re.Match[str]) -> str:
        column = -1

        def cell(found: re.Match[str]) -> str:
            nonlocal column
            column += 1
            kind = ' class="words"' if column in words else ""
            if found[1] == "th" and not found[2].strip():
                return f"<td{kind}></td>"
            head = column > 0 or row.start() < body
            scope = "" if found[1] == "td" else ' scope="col"' if head else ' scope="row"'
            return f"<{found[1]}{scope}{kind}>{found[2]}</{found[1]}>"

        return _CELL.sub(cell, row.group())

    table = frame.group().replace(' border="1"', "")
    body = table.find("<tbody")
    return _ROW.sub(mark, table)


def fill_page(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: object
) -> None:
    """Give the skeleton what it needs: description, contents, a tidy body."""
    body = context.get("body", "")
    stated = (context.get("meta") or {}).get("description")
    context["description"] = stated or describe(body, context.get("metatags", ""))
    context["author"] = app.config.author
    context["body"] = _EMPTY_HEAD.sub("<td></td>", tidy_frames(_FOLD_LABEL.sub("<summary>", body)))
    context["source_address"] = _source_address(app, pagename)
    context["nav"] = _chapters(app, pagename, context.get("toctree"))


def _chapters(app: Sphinx, pagename: str, toctree: Callable[..., str] | None) -> str:
    """Return the list of chapters as a page shows it.

    It differs only by the folder of the page and the chapter it belongs to, and is dear to make:
    the hundreds of generated pages share a few.
    """
    if not toctree:
        return ""
    chapter = _chapter_of(app, pagename)
    own = pagename if chapter == pagename else ""
    known = app.builder.__dict__.setdefault("paths_abroad_chapters", {})
    key = (pagename.rpartition("/")[0], chapter, own)
    if key not in known:
        known[key] = toctree(collapse=True, maxdepth=1, includehidden=True, titles_only=True)
    return known[key]


def _chapter_of(app: Sphinx, pagename: str) -> str:
    """Return the entry of the list of chapters below which a page stands."""
    above = {child: page for page, held in app.env.toctree_includes.items() for child in held}
    while pagename in above and above[pagename] != app.config.root_doc:
        pagename = above[pagename]
    return pagename


def _source_address(app: Sphinx, pagename: str) -> str:
    """Return where the text of a page can be seen and mended; empty for pages that are made."""
    if pagename not in app.env.all_docs or pagename.startswith("_generated/"):
        return ""
    repository = launch.repository(Path(app.srcdir), app.config.paths_abroad_repository)
    if not repository:
        return ""
    file = Path(app.env.doc2path(pagename, base=False)).as_posix()
    return f"https://github.com/{repository}/blob/{app.config.paths_abroad_branch}/{file}"


def write_seconds(app: Sphinx, exception: Exception | None) -> None:
    """Write how long each page's cells took, beside the site and never into it."""
    found = getattr(app.env, "nb_metadata", {})
    seconds = {
        page: round(data["exec_data"]["runtime"], 2)
        for page, data in sorted(found.items())
        if data.get("exec_data", {}).get("runtime") is not None
    }
    (Path(app.outdir).parent / "seconds.json").write_text(json.dumps(seconds), encoding="utf-8")


def setup(app: Sphinx) -> None:
    """Register the skeleton and its assets with Sphinx."""
    app.config.templates_path.insert(0, str(HERE / "templates"))
    app.connect("config-inited", _prefer_our_templates, priority=900)
    app.connect("builder-inited", copy_static, priority=100)
    app.connect("builder-inited", _leave_out_the_themes, priority=900)
    app.connect("html-page-context", fill_page, priority=900)
    app.connect("build-finished", write_seconds)
    app.add_css_file(f"{STATIC}/colours.css", priority=300)
    app.add_css_file(f"{STATIC}/site.css", priority=310)
    app.add_js_file(f"{STATIC}/site.js", loading_method="defer")
    app.add_js_file(f"{STATIC}/charts.js", loading_method="defer")


def _leave_out_the_themes(app: Sphinx) -> None:
    """Let the themes prepare no page: the skeleton uses nothing of what they make at length."""
    listeners = app.events.listeners["html-page-context"]
    themes = ("pydata_sphinx_theme", "sphinx_book_theme")
    listeners[:] = [one for one in listeners if not one.handler.__module__.startswith(themes)]


def _prefer_our_templates(app: Sphinx, config: Any) -> None:
    """Put our templates first, whatever the configuration and the theme added meanwhile."""
    ours = str(HERE / "templates")
    config.templates_path = [ours, *(path for path in config.templates_path if path != ours)]
    config.html_search_scorer = str(HERE / "templates" / "search_scorer.js")

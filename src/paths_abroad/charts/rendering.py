"""The Altair renderer of the book and of its notebooks: specification, picture and words."""

import os
from collections.abc import Mapping
from html import escape

import altair as alt

from paths_abroad.charts.finishing import meta_of, sources_of, title_of
from paths_abroad.charts.stable import stable
from paths_abroad.charts.svg import svg

MIME = "application/vnd.vegalite.v6+json"
"""The type of a Vega-Lite specification; with a plus sign, which nbformat asks for."""

PICTURES = "PATHS_ABROAD_PICTURES"
"""Environment variable; where it is "no", charts come without picture. The book's build sets it,
because it draws its own, and drawing takes most of a chapter's time."""


def mimebundle(spec: Mapping) -> dict:
    """Turn a specification into what a notebook stores and a page shows.

    Parameters
    ----------
    spec : dict
        A Vega-Lite specification, finished or not.

    Returns
    -------
    dict
        The specification, a still picture as HTML without script or foreign address, and the
        description as plain text. Equal charts give equal bytes.
    """
    made = stable(spec)
    bundle = {MIME: made, "text/plain": _words(made)}
    if os.environ.get(PICTURES) == "no":
        return bundle
    try:
        bundle["text/html"] = _figure(made)
    except Exception as error:  # vl-convert raises ValueError with a page of JavaScript
        reason = str(error).strip().splitlines()[0] if str(error).strip() else "unknown reason"
        bundle["text/plain"] += f" (cannot be drawn: {reason[:200]})"
    return bundle


def missing(spec: Mapping) -> list[str]:
    """Name what a chart lacks before it may stand in the book: a description, sources, a title."""
    lacks = []
    if not str(spec.get("description") or "").strip():
        lacks.append("a description")
    if not sources_of(spec):
        lacks.append("sources")
    if not title_of(spec).strip():
        lacks.append("a title")
    return lacks


def _words(spec: Mapping) -> str:
    words = str(spec.get("description") or "").strip() or title_of(spec) or "A chart."
    lacks = missing(spec)
    if lacks:
        words += f" [This chart lacks {' and '.join(lacks)}: pass it through charts.finish.]"
    return words


def _figure(spec: Mapping) -> str:
    meta = meta_of(spec)
    title = title_of(spec)
    label = escape(str(spec.get("description") or title or "A chart."))
    parts = [
        '<figure class="pa-chart" style="margin:0;max-width:640px;background:var(--pa-paper,#fff)">'
    ]
    if title:
        parts.append(f"<strong>{escape(title)}</strong>")
    parts.append(f'<div role="img" aria-label="{label}">{svg(spec)}</div>')
    notes = []
    if meta.get("caption"):
        notes.append(escape(meta["caption"]))
    if sources_of(spec):
        notes.append(f"Sources: {escape(', '.join(sources_of(spec)))}.")
    if notes:
        parts.append(f"<figcaption>{' '.join(notes)}</figcaption>")
    return "".join([*parts, "</figure>"])


def enable() -> None:
    """Register and enable the renderer ``paths-abroad`` and the theme of the same name."""
    alt.renderers.register("paths-abroad", lambda spec, **_: mimebundle(spec))
    alt.renderers.enable("paths-abroad")
    alt.theme.enable("paths-abroad")

"""A chart as a picture: the same bytes for the same specification, no script, no fixed width."""

import hashlib
import json
import re
from collections.abc import Mapping

import vl_convert

from paths_abroad.charts.finishing import page_spec
from paths_abroad.charts.stable import stable
from paths_abroad.charts.theme import FONT, in_css

_ID = re.compile(r'\bid="([^"]+)"')


def svg(
    spec: Mapping,
    css_variables: bool = True,
    title: bool = False,
    prefix: str | None = None,
) -> str:
    """Draw a specification as SVG for a page.

    Parameters
    ----------
    spec : dict
        A Vega-Lite specification; for a phone, one from `narrow`.
    css_variables : bool
        Whether colours become ``var(--pa-...)`` with their light value as the fallback.
    title : bool
        Whether the title is drawn; on a page the figure says it as text.
    prefix : str, optional
        Put before ids inside the picture; by default from its content, so that two different
        pictures on one page never share an id.

    Returns
    -------
    str
        ``<svg viewBox=...>`` as wide as its container, up to its own size; decorative to a screen
        reader (``aria-hidden``), because the figure around it carries the description.
    """
    drawn = stable(spec)
    if not title:
        drawn = page_spec(drawn)
    drawn = {key: value for key, value in drawn.items() if key not in ("usermeta", "description")}
    text = vl_convert.vegalite_to_svg(drawn)
    prefix = prefix or "pa" + hashlib.sha256(json.dumps(drawn).encode()).hexdigest()[:10]
    text = _tidy(_own_ids(text, prefix))
    return in_css(text) if css_variables else text


def _own_ids(text: str, prefix: str) -> str:
    for name in dict.fromkeys(_ID.findall(text)):
        text = text.replace(f'id="{name}"', f'id="{prefix}-{name}"')
        text = text.replace(f"url(#{name})", f"url(#{prefix}-{name})")
        text = text.replace(f'href="#{name}"', f'href="#{prefix}-{name}"')
    return text


def _tidy(text: str) -> str:
    """Drop what a page does not need: sizes, fonts, roles of every mark, invisible paths."""
    size = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', text)
    wide, high = size.groups() if size else ("0", "0")
    start = text.index(">") + 1
    body = text[start:]
    body = re.sub(r'<rect width="[\d.]+" height="[\d.]+" fill="white"/>', "", body, count=1)
    # Without a fill and a stroke of its own a path shows nothing: areas that catch the pointer,
    # backgrounds, the marks behind a legend.
    body = re.sub(r'<path (?![^>]*(?: fill=| stroke="))[^>]*/>', "", body)
    body = re.sub(r'<(?:path|text)[^>]* (?:opacity="0"|display="none")[^>]*/>', "", body)
    body = re.sub(r' (?:aria-[a-z]+|role|class|font-family|pointer-events)="[^"]*"', "", body)
    body = body.replace(' opacity="1"', "").replace(' stroke-width="0"', "")
    while re.search(r"<g(?: [^>]*)?></g>", body):
        body = re.sub(r"<g(?: [^>]*)?></g>", "", body)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {high}" aria-hidden="true" '
        f'focusable="false" font-family="{FONT}" '
        f'style="display:block;width:100%;max-width:{wide}px;height:auto;overflow:visible">'
    )
    return head + body

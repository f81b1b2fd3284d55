"""The frame of every page that goes to students and instructors: one file, without scripts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape


def page(title: str, body: str) -> str:
    """Return a whole HTML page.

    Parameters
    ----------
    title
        Plain text; also the page's first heading.
    body
        HTML that stands below the heading.
    """
    name = escape(title)
    return _FRAME.replace("{title}", name).replace("{body}", f"<h1>{name}</h1>\n{body}")


def points(value: float) -> str:
    """Points as a person writes them."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def table(label: str, head: Sequence[str], rows: Iterable[tuple[str, Sequence[str]]]) -> str:
    """Return a table that scrolls in itself where the screen is narrow.

    Parameters
    ----------
    label
        What it shows, for those who do not see it.
    head
        Column headings, as text.
    rows
        (class, cells as HTML); the first cell is the row's heading.
    """
    titles = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in head)
    lines = "\n".join(
        f'<tr class="{kind}"><th scope="row">{cells[0]}</th>'
        + "".join(f"<td>{cell}</td>" for cell in cells[1:])
        + "</tr>"
        for kind, cells in rows
    )
    return (
        f'<div class="wide" tabindex="0" role="region" aria-label="{escape(label)}">'
        f"<table><thead><tr>{titles}</tr></thead>\n"
        f"<tbody>{lines}</tbody></table></div>"
    )


_FRAME = """<!doctype html>
<html lang="en-GB">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
:root{color-scheme:light dark;--ink:#1c2430;--paper:#fff;--line:#c5ccd5;--soft:#f1f4f7;
--good:#0b6b3a;--link:#0b57a4}
@media (prefers-color-scheme:dark){:root{--ink:#e6e9ee;--paper:#14181f;--line:#434c5a;
--soft:#1e2530;--good:#7ddba5;--link:#8ab8ef}}
body{font:16px/1.55 system-ui,sans-serif;color:var(--ink);background:var(--paper);
max-width:64rem;margin:2rem auto;padding:0 1rem}
a{color:var(--link)}
.wide{overflow-x:auto}
table{border-collapse:collapse;width:100%}
th,td{border-bottom:1px solid var(--line);padding:.5em .6em;text-align:left;vertical-align:top}
thead th{background:var(--soft)}
tbody th{font-weight:600}
.marks td:nth-child(2){white-space:nowrap}
.right td:nth-child(3){color:var(--good);font-weight:600}
code{font-size:.9em;overflow-wrap:anywhere;background:var(--soft);padding:.1em .25em}
</style>
</head>
<body>
<main>
{body}
</main>
</body>
</html>
"""

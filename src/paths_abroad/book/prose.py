"""Typed digits in prose: a figure comes from the ledger or from a cell, never from a keyboard.

:func:`typed_digits` reads a MyST file as Markdown, keeps what a reader reads as prose (paragraphs,
headings, lists, tables, the bodies and titles of directives), and reports every figure in it that
is neither a role nor one of the exceptions in :mod:`paths_abroad.book.digits`.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from myst_parser.config.main import MdParserConfig
from myst_parser.parsers.mdit import create_md_parser
from sphinx.application import Sphinx
from sphinx.util import logging

from paths_abroad.book import digits

logger = logging.getLogger(__name__)

PAGES = ("index", "chapters/*", "teaching/*")
"""Documents whose digits are checked (document names, with ``*``)."""

_CODE = """code code-block code-cell sourcecode raw math eval-rst toctree include literalinclude
image bibliography mermaid glue embed parsed-literal doctest index contents"""
_NOT_PROSE = frozenset(_CODE.split())
_TITLES = """admonition attention caution danger discussion dropdown error hint important next note
rubric sidebar table list-table csv-table tip topic warning card tab-item margin"""
_TITLED = frozenset(_TITLES.split())
_READ_OPTIONS = frozenset({"roles", "positions", "caption"})
_DIRECTIVE = re.compile(r"\{(?P<name>[\w:-]+)\}\s*(?P<argument>.*)")
_OPTION = re.compile(r":(?P<key>[\w-]+):\s?(?P<value>.*)")


@dataclass(frozen=True)
class Problem:
    """A typed figure: ``file``, ``line`` (1 is the first), the ``text``, and what to do."""

    file: str
    line: int
    text: str
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


def typed_digits(path: Path | str) -> list[Problem]:
    """Return the figures typed into the prose of a MyST file, in order.

    Parameters
    ----------
    path : Path or str
        A ``.md`` file.

    Returns
    -------
    list of Problem
        Empty where every figure is a role, glued, or a permitted date or name.
    """
    path = Path(path)
    return in_text(path.read_text(encoding="utf-8"), str(path))


def in_text(text: str, file: str) -> list[Problem]:
    """Return the figures typed into the prose of a MyST text; ``file`` is only named."""
    found = []
    for line, prose in _prose(text, 0):
        for figure in sorted(
            (*digits.typed(prose), *digits.spelled(digits.mask(prose))), key=lambda f: f.start
        ):
            at = line + prose.count("\n", 0, figure.start) + 1
            found.append(Problem(file, at, figure.text, _message(figure.text)))
    return sorted(found, key=lambda p: p.line)


def _message(text: str) -> str:
    shown = " ".join(text.split())
    return (
        f"{shown!r} is typed into the prose: quote a row of the ledger with {{fact}}`id` or glue a "
        "computed figure (a product or standard goes into NAMES in paths_abroad/book/digits.py)"
    )


def _parser():
    config = MdParserConfig(enable_extensions={"colon_fence", "deflist", "attrs_inline"})
    return create_md_parser(config, RendererHTML)


def _prose(text: str, offset: int) -> Iterable[tuple[int, str]]:
    """Yield (line of its start, counted from 0, text) of every run of prose."""
    for token in _parser().parse(text):
        line = offset + (token.map[0] if token.map else 0)
        if token.type == "inline":
            yield line, _readable(token)
        elif token.type == "html_block":
            yield line, re.sub(r"<!--.*?-->|<[^>]*>", _blank, token.content, flags=re.DOTALL)
        elif token.type in ("fence", "colon_fence"):
            yield from _directive(token, line)


def _blank(match: re.Match) -> str:
    """Blank a match, keeping its line breaks."""
    return re.sub(r"[^\n]", " ", match.group())


def _readable(token: Token) -> str:
    """Return the text of a paragraph with roles, code and addresses left out, lines kept."""
    parts = []
    address = False
    for child in token.children or ():
        if child.type == "link_open":
            address = child.markup == "autolink"
        elif child.type == "link_close":
            address = False
        elif child.type == "text":
            parts.append("·" if address else child.content)
        elif child.type in ("softbreak", "hardbreak"):
            parts.append("\n")
        elif child.type == "image":
            parts.append(child.content)
        elif child.type in ("code_inline", "myst_role", "html_inline"):
            # A placeholder keeps "US$ {fact}`x`" from reading as one figure with its neighbours.
            parts.append("·" + "\n" * child.content.count("\n"))
    return "".join(parts)


def _directive(token: Token, line: int) -> Iterable[tuple[int, str]]:
    """Yield the prose of a directive: title, options that are read, body. Plain code has none."""
    found = _DIRECTIVE.fullmatch(token.info.strip())
    if not found or found["name"].split(":")[0] in _NOT_PROSE:
        return
    if found["argument"] and found["name"] in _TITLED:
        yield from ((line, prose) for _, prose in _prose(found["argument"], 0))
    lines = token.content.split("\n")
    start = 0
    if lines and lines[0].strip() == "---":
        start = next((i + 1 for i, x in enumerate(lines) if i and x.strip() == "---"), len(lines))
    else:
        while start < len(lines) and (option := _OPTION.fullmatch(lines[start].strip())):
            if option["key"] in _READ_OPTIONS:
                yield line + 1 + start, option["value"]
            start += 1
    yield from _prose("\n".join(lines[start:]), line + 1 + start)


def check(app: Sphinx, docname: str, content: list[str]) -> None:
    """Report typed digits while Sphinx reads a page."""
    if not any(fnmatch(docname, pattern) for pattern in PAGES):
        return
    file = app.env.doc2path(docname)
    if not file.endswith(".md"):
        return
    for problem in in_text(content[0], file):
        logger.warning(
            "%s", problem.message, location=f"{file}:{problem.line}", type="paths_abroad"
        )


def setup(app: Sphinx) -> None:
    """Check every page as it is read."""
    app.connect("source-read", check)

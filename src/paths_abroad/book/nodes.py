"""Docutils nodes of the book and how each is written as HTML; elsewhere they are plain text."""

from html import escape
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.writers.html5 import HTML5Translator

from paths_abroad.book import cards, pages

logger = logging.getLogger(__name__)


class row_link(nodes.Inline, nodes.TextElement):
    """A link to a row's place in the generated pages.

    ``table`` is ``fact``, ``event``, ``source``, ``company`` or ``page``; ``row`` the id (for
    ``page`` a document name); ``card`` asks for the small card on hover, focus and tap.
    """


class site_link(nodes.Inline, nodes.TextElement):
    """A link to a file of the built site that is no page; ``path`` is relative to its root."""


class foreign_text(nodes.Inline, nodes.TextElement):
    """Text in another language; ``lang`` is a BCP 47 tag."""


class label_badge(nodes.Inline, nodes.TextElement):
    """A short label; ``kind`` colours it, the text says everything."""


class html_element(nodes.General, nodes.Element):
    """An HTML element with ``tag``, ``classes`` and optional ``attributes``, holding blocks."""


class block_title(nodes.General, nodes.TextElement):
    """A title inside a block, kept out of the table of contents; ``tag`` is its HTML element."""


class folded(nodes.General, nodes.Element):
    """Content that is folded until opened; its first child is the :class:`block_title` to click."""


class ledger_table(nodes.General, nodes.Element):
    """A table of inline cells under ``head``.

    ``stacked`` shows rows as cards on small screens.
    """


class ledger_row(nodes.General, nodes.Element):
    """A row of a :class:`ledger_table`."""


class ledger_cell(nodes.General, nodes.TextElement):
    """A cell of a :class:`ledger_row`; ``label`` repeats the column on small screens."""


class card_store(nodes.Special, nodes.Element):
    """The cards of a page, once each; ``rows`` is a list of (table, id)."""


class cited_sources(nodes.General, nodes.Element):
    """Stands for the list of sources until everything on the page is known."""


class evidence_list(nodes.General, nodes.Element):
    """Stands for the evidence of a prompt until the page's labels are known."""


def target(table: str, row_id: str) -> tuple[str, str]:
    """Return (document name, anchor) of a row in the generated pages; anchor may be ``""``."""
    if table == "page":
        docname, _, anchor = row_id.partition("#")
        return docname, anchor
    return pages.target(table, row_id)


def _href(self: HTML5Translator, node: row_link) -> str:
    docname, anchor = target(node["table"], node["row"])
    here = self.builder.current_docname
    suffix = f"#{anchor}" if anchor else ""
    if docname == here:
        return suffix or "#"
    if docname in self.builder.env.all_docs:
        return self.builder.get_relative_uri(here, docname) + suffix
    if f"{pages.FOLDER}/sources" in self.builder.env.all_docs:
        logger.warning(
            "the generated pages are older than the ledger: %s is missing; write them again with "
            "paths_abroad.book.pages.write, or add it to _toc.yml",
            docname,
            location=here,
            type="paths_abroad",
            once=True,
        )
    # A book without the generated pages (the instructor edition) links to the document itself.
    return pages.original(node["table"], node["row"]) or ""


def _visit_row_link(self: HTML5Translator, node: row_link) -> None:
    nested = any(isinstance(up, nodes.reference | row_link) for up in _ancestors(node))
    href = "" if nested else _href(self, node)
    node["open"] = bool(href)
    if not href:
        return
    if node.get("card"):
        key = cards.key(node["table"], node["row"])
        self.body.append(f'<a class="pa-fact" href="{escape(href)}" data-card="{key}">')
    else:
        self.body.append(f'<a class="reference internal" href="{escape(href)}">')


def _depart_row_link(self: HTML5Translator, node: row_link) -> None:
    if node["open"]:
        self.body.append("</a>")


def _ancestors(node: nodes.Node):
    while node.parent is not None:
        node = node.parent
        yield node


def _visit_site_link(self: HTML5Translator, node: site_link) -> None:
    up = "../" * self.builder.current_docname.count("/")
    kind = " download" if node.get("download") else ""
    self.body.append(f'<a class="reference internal" href="{escape(up + node["path"])}"{kind}>')


def _depart_a(self: HTML5Translator, node: nodes.Element) -> None:
    self.body.append("</a>")


def _visit_language(self: HTML5Translator, node: foreign_text) -> None:
    self.body.append(f'<span lang="{escape(node["lang"])}">')


def _depart_span(self: HTML5Translator, node: nodes.Element) -> None:
    self.body.append("</span>")


def _visit_badge(self: HTML5Translator, node: label_badge) -> None:
    self.body.append(f'<span class="pa-badge pa-badge-{escape(node["kind"])}">')


def _visit_block(self: HTML5Translator, node: html_element) -> None:
    self.body.append(self.starttag(node, node["tag"], **node.get("attributes", {})))


def _depart_block(self: HTML5Translator, node: html_element) -> None:
    self.body.append(f"</{node['tag']}>\n")


def _visit_fold(self: HTML5Translator, node: folded) -> None:
    self.body.append(self.starttag(node, "details"))


def _depart_fold(self: HTML5Translator, node: folded) -> None:
    self.body.append("</div></details>\n")


def _depart_heading(self: HTML5Translator, node: block_title) -> None:
    after = "<div>" if isinstance(node.parent, folded) else ""
    self.body.append(f"</{node['tag']}>{after}\n")


def _visit_table(self: HTML5Translator, node: ledger_table) -> None:
    stacked = node.get("stacked")
    # Blocks in place of table boxes take the roles of a table away: say them.
    role = ' role="table"' if stacked else ""
    label = f' aria-label="{escape(node["label"])}"' if node.get("label") else ""
    kind = "pa-table pa-stacked" if stacked else "pa-table"
    self.body.append(f'<table class="{kind}"{role}{label}>')
    group, line, head = (
        (' role="rowgroup"', ' role="row"', ' role="columnheader"') if stacked else ("", "", "")
    )
    columns = "".join(f'<th scope="col"{head}>{escape(c)}</th>' for c in node["head"])
    self.body.append(f"<thead{group}><tr{line}>{columns}</tr></thead>\n<tbody{group}>")


def _depart_table(self: HTML5Translator, node: ledger_table) -> None:
    self.body.append("</tbody></table>\n")


def _visit_row(self: HTML5Translator, node: ledger_row) -> None:
    anchor = f' id="{escape(node["ids"][0])}"' if node["ids"] else ""
    role = ' role="row"' if node.parent.get("stacked") else ""
    kind = f' class="{" ".join(node["classes"])}"' if node["classes"] else ""
    self.body.append(f"<tr{anchor}{kind}{role}>")


def _depart_row(self: HTML5Translator, node: ledger_row) -> None:
    self.body.append("</tr>\n")


def _visit_cell(self: HTML5Translator, node: ledger_cell) -> None:
    line = node.parent
    place = line.index(node)
    stacked = line.parent.get("stacked")
    tag, attributes = ("td", "") if place else ("th", ' scope="row"')
    if stacked:
        column = escape(line.parent["head"][place])
        attributes += f' role="{"cell" if place else "rowheader"}" data-label="{column}"'
    node["end"] = f"</{tag}>"
    self.body.append(f"<{tag}{attributes}>")


def _depart_cell(self: HTML5Translator, node: ledger_cell) -> None:
    self.body.append(node["end"])


def _visit_card_store(self: HTML5Translator, node: card_store) -> None:
    here = self.builder.current_docname

    def href(table: str, row_id: str) -> str:
        docname, anchor = target(table, row_id)
        if docname in self.builder.env.all_docs:
            return self.builder.get_relative_uri(here, docname) + f"#{anchor}"
        return ""

    inner = "".join(cards.html(table, row_id, href) for table, row_id in node["rows"])
    self.body.append(f'<template id="pa-cards">{inner}</template>\n')
    raise nodes.SkipNode


def _nothing(self: Any, node: nodes.Element) -> None:
    """Write nothing for the node itself."""


def _skip(self: Any, node: nodes.Element) -> None:
    raise nodes.SkipNode


def _as_paragraph(self: Any, node: nodes.Element) -> None:
    self.visit_paragraph(node)


def _end_paragraph(self: Any, node: nodes.Element) -> None:
    self.depart_paragraph(node)


def setup(app: Sphinx) -> None:
    """Register the nodes; builders other than HTML get the text alone."""
    plain = (_nothing, _nothing)
    paragraph = (_as_paragraph, _end_paragraph)

    def add(node: type, visit: Any, depart: Any, other: tuple = plain) -> None:
        formats = ("latex", "text", "man", "texinfo")
        app.add_node(node, html=(visit, depart), **dict.fromkeys(formats, other))

    add(row_link, _visit_row_link, _depart_row_link)
    add(site_link, _visit_site_link, _depart_a)
    add(foreign_text, _visit_language, _depart_span)
    add(label_badge, _visit_badge, _depart_span)
    add(html_element, _visit_block, _depart_block)
    add(block_title, _visit_block, _depart_heading, paragraph)
    add(folded, _visit_fold, _depart_fold)
    add(ledger_table, _visit_table, _depart_table)
    add(ledger_row, _visit_row, _depart_row)
    add(ledger_cell, _visit_cell, _depart_cell, paragraph)
    add(card_store, _visit_card_store, _nothing, (_skip, _nothing))
    for placeholder in (cited_sources, evidence_list):
        add(placeholder, _skip, _nothing, (_skip, _nothing))

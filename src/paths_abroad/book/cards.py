"""The small card behind a figure: value, definition, period, source, locator, grade, rivals.

A page holds every card once, in an inert ``<template>``; ``static/facts.js`` shows them.
"""

from collections.abc import Callable
from html import escape

from paths_abroad import ledger
from paths_abroad.book import wording

Href = Callable[[str, str], str]
"""(table, id) -> relative address of the row on the generated pages, or ``""``."""


def key(table: str, row_id: str) -> str:
    """Return the name under which a page stores a row's card."""
    return f"{table}-{row_id}"


def html(table: str, row_id: str, href: Href) -> str:
    """Return one card.

    Parameters
    ----------
    table : {"fact", "event"}
        The ledger's table.
    row_id : str
        The row.
    href : callable
        Gives addresses on this page for rows of the ledger.
    """
    return _fact(row_id, href) if table == "fact" else _event(row_id, href)


def _entry(term: str, html: str) -> str:
    return f"<dt>{term}</dt><dd>{html}</dd>"


def _link(text: str, address: str) -> str:
    return f'<a href="{escape(address)}">{escape(text)}</a>' if address else escape(text)


def _source(source: ledger.Source) -> str:
    when = f", {ledger.wording.date_words(source.date)}" if source.date else ""
    return f"{escape(source.publisher)}: {_link(source.title, source.url)}{when}"


def _card(name: str, head: str, entries: list[str], more: str) -> str:
    link = f'<p class="pa-card-more"><a href="{escape(more)}">In the list of sources</a></p>'
    return (
        f'<div data-card="{escape(name)}"><p class="pa-card-head">{head}</p>'
        f"<dl>{''.join(entries)}</dl>{link if more else ''}</div>"
    )


def _fact(row_id: str, href: Href) -> str:
    fact = ledger.fact(row_id)
    about = f"{fact.company_name}, {wording.lower_first(fact.metric_label)}"
    entries = [
        _entry("Figure", escape(about)),
        _entry("Period", escape(wording.period_and_place(fact))),
        _entry("Definition", escape(fact.definition)),
        _entry("Source", _source(fact.source)),
        _entry("Where", escape(fact.locator)),
        _entry("Grade", escape(wording.grade(fact.grade))),
    ]
    if fact.break_before:
        entries.append(_entry("New definition", escape(fact.break_before)))
    if fact.derived_from:
        parts = [
            _link(ledger.wording.words(part), href("fact", part.id))
            for part in map(ledger.fact, fact.derived_from.split())
        ]
        entries.append(_entry("Computed from", "; ".join(parts)))
    if fact.rivals:
        entries.append(_entry("Others say", _rivals(fact.rivals, href)))
    if fact.main:
        entries.append(_entry("Disputes", _rivals((fact.main,), href)))
    head = f"<b>{escape(ledger.wording.words(fact))}</b>"
    return _card(key("fact", row_id), head, entries, href("fact", row_id))


def _rivals(rivals: tuple[ledger.Fact, ...], href: Href) -> str:
    return "; ".join(
        f"{_link(ledger.wording.words(rival), href('fact', rival.id))} "
        f"({escape(rival.source.publisher)})"
        for rival in rivals
    )


def _event(row_id: str, href: Href) -> str:
    event = ledger.event(row_id)
    entries = [_entry("What", escape(event.description))]
    if event.amount is not None:
        entries.append(_entry("Amount", escape(ledger.wording.amount(event.amount, event.unit))))
    entries += [
        _entry("Source", _source(event.source)),
        _entry("Where", escape(event.locator)),
        _entry("Grade", escape(wording.grade(event.grade))),
    ]
    place = f", {event.place_name}" if event.place_name else ""
    head = f"<b>{escape(ledger.wording.date_words(event.date))}</b>{escape(place)}"
    return _card(key("event", row_id), head, entries, href("event", row_id))

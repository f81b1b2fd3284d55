"""The ledger: every figure of the book, read from ``data/`` into typed pandas tables.

This room is the only one that knows the files. Everything else asks it for rows::

    from paths_abroad import ledger

    ledger.series("revenue_overseas_share", company="xiaomi", period="year")
    ledger.fact("xiaomi-valuation-2014-12").value
"""

from paths_abroad.ledger import periods, wording
from paths_abroad.ledger.check import Problem, check
from paths_abroad.ledger.errors import LedgerError
from paths_abroad.ledger.queries import markets, path, series
from paths_abroad.ledger.records import Event, Fact, Source, event, fact, source, value
from paths_abroad.ledger.tables import (
    claims,
    companies,
    data_dir,
    events,
    facts,
    markets_table,
    metrics,
    places,
    sources,
    table,
)

__all__ = [
    "Event",
    "Fact",
    "LedgerError",
    "Problem",
    "Source",
    "check",
    "claims",
    "companies",
    "data_dir",
    "event",
    "events",
    "fact",
    "facts",
    "markets",
    "markets_table",
    "metrics",
    "path",
    "periods",
    "places",
    "series",
    "source",
    "sources",
    "table",
    "value",
    "wording",
]

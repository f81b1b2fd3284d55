"""Single rows of the ledger as objects: a fact with its source and its rivals."""

import math
from dataclasses import dataclass
from functools import lru_cache

from paths_abroad.ledger import tables
from paths_abroad.ledger.errors import unknown


@dataclass(frozen=True)
class Source:
    """Where a row was read; fields as in ``sources.csv``."""

    source_id: str
    title: str
    publisher: str
    date: str
    url: str
    kind: str
    seed: bool
    note: str


@dataclass(frozen=True)
class Fact:
    """One figure; fields as in ``facts.csv``, with its labels beside it."""

    id: str
    company: str
    metric: str
    period: str
    value: float
    unit: str
    geography: str
    qualifier: str
    grade: str
    source_id: str
    locator: str
    definition: str
    series: str
    rival_of: str
    break_before: str
    derived_from: str
    company_name: str
    metric_label: str
    place_name: str

    @property
    def source(self) -> Source:
        """The source the figure was read in."""
        return source(self.source_id)

    @property
    def main(self) -> "Fact | None":
        """The main row that this rival disputes, or None for a main row."""
        return fact(self.rival_of) if self.rival_of else None

    @property
    def rivals(self) -> "tuple[Fact, ...]":
        """The rows that dispute this one, by id."""
        return tuple(fact(i) for i in _index().rivals.get(self.id, ()))


@dataclass(frozen=True)
class Event:
    """One dated event; fields as in ``events.csv``, with its labels beside it."""

    id: str
    company: str
    date: str
    type: str
    country: str
    amount: float | None
    unit: str
    grade: str
    source_id: str
    locator: str
    description: str
    company_name: str
    place_name: str

    @property
    def source(self) -> Source:
        """The source the event was read in."""
        return source(self.source_id)


@dataclass(frozen=True)
class _Index:
    facts: dict[str, dict]
    events: dict[str, dict]
    sources: dict[str, dict]
    rivals: dict[str, list[str]]
    companies: dict[str, str]
    metrics: dict[str, str]
    places: dict[str, str]


@lru_cache(maxsize=2)
def _build(stamp: tuple) -> _Index:
    def rows(name: str, key: str) -> dict[str, dict]:
        return {row[key]: row for row in tables.table(name).to_dict("records")}

    def names(name: str, key: str, label: str) -> dict[str, str]:
        frame = tables.table(name)
        return dict(zip(frame[key], frame[label], strict=True))

    facts = rows("facts", "id")
    rivals: dict[str, list[str]] = {}
    for row in facts.values():
        if row["rival_of"]:
            rivals.setdefault(row["rival_of"], []).append(row["id"])
    return _Index(
        facts=facts,
        events=rows("events", "id"),
        sources=rows("sources", "source_id"),
        rivals=rivals,
        companies=names("companies", "company", "name"),
        metrics=names("metrics", "metric", "label"),
        places=names("places", "place", "name"),
    )


def _index() -> _Index:
    return _build(tables.stamp())


def source(source_id: str) -> Source:
    """Return one source.

    Raises
    ------
    LedgerError
        If the ledger has no such source.
    """
    index = _index()
    if source_id not in index.sources:
        raise unknown("source", source_id, index.sources)
    return Source(**index.sources[source_id])


def fact(fact_id: str) -> Fact:
    """Return one figure with its labels.

    Raises
    ------
    LedgerError
        If the ledger has no such fact; the message names near misses.
    """
    index = _index()
    if fact_id not in index.facts:
        raise unknown("fact", fact_id, index.facts)
    row = index.facts[fact_id]
    return Fact(
        **row,
        company_name=index.companies.get(row["company"], row["company"]),
        metric_label=index.metrics.get(row["metric"], row["metric"]),
        place_name=index.places.get(row["geography"], row["geography"]),
    )


def event(event_id: str) -> Event:
    """Return one event with its labels.

    Raises
    ------
    LedgerError
        If the ledger has no such event; the message names near misses.
    """
    index = _index()
    if event_id not in index.events:
        raise unknown("event", event_id, index.events)
    row = dict(index.events[event_id])
    if math.isnan(row["amount"]):
        row["amount"] = None
    return Event(
        **row,
        company_name=index.companies.get(row["company"], row["company"]),
        place_name=index.places.get(row["country"], row["country"]),
    )


def value(fact_id: str) -> float:
    """Return the value of one figure, in its own unit (a share of 13.4% is 0.134).

    Raises
    ------
    LedgerError
        If the ledger has no such fact.
    """
    return fact(fact_id).value

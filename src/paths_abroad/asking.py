"""Ask a person at the command line for what a new row of the ledger needs.

Each answer is looked at when it is given: an unknown name is answered with its near misses and
asked for again. Without a person at the keyboard, what is missing is named instead.
"""

from collections.abc import Callable, Mapping

import click

from paths_abroad.ledger import add, periods, tables, wording
from paths_abroad.ledger.errors import LedgerError

Look = Callable[[str], str]
_SOURCE_OPTIONS = {
    "title": "source_title",
    "publisher": "publisher",
    "kind": "kind",
    "date": "date",
    "url": "url",
    "note": "note",
}
_MAY_BE_EMPTY = ("date", "url", "note")


class _Desk:
    """Takes answers from the options first, then from the keyboard."""

    def __init__(self, given: Mapping[str, str | None], ask: bool) -> None:
        self.given = given
        self.ask = ask

    def answer(
        self, option: str, words: str, look: Look = str.strip, default: str | None = None
    ) -> str:
        """Return the answer to one question, looked at."""
        stated = self.given.get(option)
        if stated is not None:
            return look(stated)
        if not self.ask:
            if default is not None:
                return default
            raise ValueError(f"--{option.replace('_', '-')} is missing: {words}")

        def looked(text: str) -> str:
            try:
                return look(text)
            except (LedgerError, ValueError) as problem:
                raise click.BadParameter(str(problem)) from None

        return click.prompt(
            words, default=default, show_default=bool(default), value_proc=looked, type=str
        )


def fact(
    given: Mapping[str, str | None], *, ask: bool
) -> tuple[dict[str, str], dict[str, str] | None]:
    """Return the columns of a new fact and, where it is new, of its source.

    Parameters
    ----------
    given : mapping
        What was said on the command line; None or missing where nothing was.
    ask : bool
        Whether somebody is there to be asked.

    Raises
    ------
    LedgerError
        If a given name is not in the ledger; the message names near misses.
    ValueError
        If something needed is missing and nobody can be asked.
    """
    desk = _Desk(given, ask)
    company = desk.answer("company", "Company (slug)", _known("company"))
    metric = desk.answer("metric", "Metric", _known("metric"))
    described = tables.table("metrics").set_index("metric").loc[metric]
    if ask:
        click.echo(f"  {described['label']}. {described['note']}")
    forms = described["periods"]
    row = {"company": company, "metric": metric}
    row["period"] = desk.answer("period", f"Period ({forms})", _period(forms))
    row["value"] = desk.answer("value", "Value (0.134, 13.4%, 45 billion)", add.number)
    units = described["units"].split()
    like = add.latest(company, metric, row["period"])
    usual = units[0] if len(units) == 1 else like["unit"] or None
    row["unit"] = desk.answer("unit", f"Unit ({' '.join(units)})", _one_of(units), usual)
    row["geography"] = desk.answer("geography", "Place", _known("geography"), "WLD")
    limits = {
        f["name"]: f["constraints"]
        for f in tables.resource("facts")["schema"]["fields"]
        if "enum" in f.get("constraints", {})
    }
    allowed = limits["qualifier"]["enum"]
    row["qualifier"] = desk.answer(
        "qualifier", f"How firm ({', '.join(allowed)})", _one_of(allowed), "exact"
    )
    meanings = "; ".join(f"{g} {words}" for g, words in wording.GRADES.items())
    row["grade"] = desk.answer(
        "grade", f"Grade of the source ({meanings})", _one_of(limits["grade"]["enum"])
    )
    new = given.get("source_title") is not None
    look = str.strip if new or ask else _known("source_id")
    row["source_id"] = desk.answer("source", "Source (source_id, or a new one)", look)
    source = _source(desk, row["source_id"]) if new or ask else None
    row["locator"] = desk.answer("locator", "Where in the source (page, table, paragraph)")
    row["definition"] = desk.answer(
        "definition", "What was counted, in your own words", default=like["definition"] or None
    )
    row["rival_of"] = desk.answer(
        "rival_of", "Disputes the main row (id, or nothing)", _known("rival_of"), ""
    )
    row["derived_from"] = given.get("derived_from") or ""
    row["id"] = given.get("row_id") or ""
    return row, source


def _source(desk: _Desk, source_id: str) -> dict[str, str] | None:
    """Return the columns of a new source; None where the ledger has it."""
    keys = add.known("source_id")
    if source_id in keys and not desk.given.get("source_title"):
        return None
    if desk.ask and desk.given.get("source_title") is None:
        try:
            add.refer("source_id", source_id)
        except LedgerError as problem:
            click.echo(f"  {problem}")
        click.echo("  A new source, then:")
    field = next(f for f in tables.resource("sources")["schema"]["fields"] if f["name"] == "kind")
    kinds = field["constraints"]["enum"]
    source = {}
    for column, option in _SOURCE_OPTIONS.items():
        default = "" if column in _MAY_BE_EMPTY else None
        words = f"Kind ({', '.join(kinds)})" if column == "kind" else column.capitalize()
        look = _one_of(kinds) if column == "kind" else str.strip
        source[column] = desk.answer(option, f"  {words} of the source", look, default)
    return source


def _known(column: str) -> Look:
    def look(text: str) -> str:
        text = text.strip()
        return add.refer(column, text) if text else text

    return look


def _one_of(allowed: list[str]) -> Look:
    def look(text: str) -> str:
        if text.strip() not in allowed:
            raise ValueError(f"{text!r}: allowed are {', '.join(allowed)}")
        return text.strip()

    return look


def _period(forms: str) -> Look:
    def look(text: str) -> str:
        form = periods.form_of(text.strip())
        if form not in forms.split():
            raise ValueError(f"{text!r} is a {form}; allowed here: {forms}")
        return text.strip()

    return look

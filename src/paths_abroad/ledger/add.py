"""Add a figure, and its source if it is new, to the CSV files; nothing is written that is wrong.

The rows go into a copy of the ledger first. Only when the checker finds the copy in order do the
files change, by the new lines alone.
"""

import csv
import io
import re
import shutil
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path

from paths_abroad.ledger import periods, tables
from paths_abroad.ledger.check import Problem, check
from paths_abroad.ledger.errors import LedgerError, unknown

_SCALES = {"thousand": 3, "million": 6, "billion": 9, "trillion": 12, "%": -2}
_FIGURE = re.compile(rf"([-+]?[\d,]*\.?\d+(?:e[-+]?\d+)?) ?({'|'.join(_SCALES)}|)", re.IGNORECASE)
_REFERENCES = {
    "company": "companies",
    "metric": "metrics",
    "geography": "places",
    "source_id": "sources",
    "rival_of": "facts",
}


class WrongRow(ValueError):
    """What the checker says against a new row; the files are as they were."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = list(problems)
        lines = [str(problem) for problem in self.problems]
        super().__init__("\n".join([*lines, "Nothing was written."]))


@dataclass(frozen=True)
class Added:
    """What was written: the row of ``facts.csv``, and that of ``sources.csv`` if it is new."""

    fact: dict[str, str]
    source: dict[str, str] | None


def number(text: str) -> str:
    """Read a figure as people write it, and return it as the ledger does.

    Parameters
    ----------
    text : str
        ``0.134``, ``13.4%``, ``1,234`` or ``45 billion``.

    Returns
    -------
    str
        A plain decimal: ``0.134``, ``1234``, ``45000000000``.

    Raises
    ------
    ValueError
        If the text is not a figure.
    """
    found = _FIGURE.fullmatch(text.strip())
    try:
        if not found:
            raise InvalidOperation
        shift = _SCALES.get(found[2].casefold(), 0)
        plain = f"{Decimal(found[1].replace(',', '')).scaleb(shift):f}"
    except InvalidOperation:
        raise ValueError(
            f"{text!r} is not a figure: write 0.134, 13.4%, 45000000000 or 45 billion"
        ) from None
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


def name(company: str, metric: str, period: str, geography: str) -> str:
    """Return the id that a row gets where none is given: ``xiaomi-revenue-ind-2016``."""
    place = "" if geography in ("WLD", "") else geography.casefold()
    parts = (company, metric.replace("_", "-"), place, period.casefold().replace("/", "-"))
    return "-".join(part for part in parts if part)


def known(column: str) -> list[str]:
    """Return the keys that a column of ``facts.csv`` may name.

    Parameters
    ----------
    column : {"company", "metric", "geography", "source_id", "rival_of"}
        A column that refers to another table, or to another fact.
    """
    described = tables.resource(_REFERENCES[column])
    return list(tables.table(described["name"])[described["schema"]["primaryKey"][0]])


def refer(column: str, value: str) -> str:
    """Return a value that a column may hold.

    Raises
    ------
    LedgerError
        If the table has no such key; the message names near misses.
    """
    keys = known(column)
    if value not in keys:
        raise unknown(column.removesuffix("_id").replace("_", " "), value, keys)
    return value


def latest(company: str, metric: str, period: str) -> dict[str, str]:
    """Return unit and definition of the latest row of a series in the same form of period.

    They are what a new row of the series most likely says too; both are empty for a new series.
    """
    facts = tables.table("facts")
    rows = facts[(facts["metric"] == metric) & (facts["company"] == company)]
    form = periods.form_of(period)
    rows = rows[[periods.form_of(p) == form for p in rows["period"]]]
    if rows.empty:
        return {"unit": "", "definition": ""}
    last = max(rows.to_dict("records"), key=lambda r: periods.last_day(r["period"]))
    return {"unit": last["unit"], "definition": last["definition"]}


def fact(row: dict[str, str], source: dict[str, str] | None = None) -> Added:
    """Write a figure into its place in the ledger.

    Parameters
    ----------
    row : dict
        Columns of ``facts.csv``. ``id``, ``unit`` (where the metric has one only), ``geography``
        (the world), ``qualifier`` (exact) and ``series`` may be missing.
    source : dict, optional
        Columns of ``sources.csv`` but ``source_id``, where the source is new.

    Returns
    -------
    Added
        The rows as they were written.

    Raises
    ------
    LedgerError
        If the row names something that the ledger does not have, with near misses.
    WrongRow
        If the checker objects. The files are as they were.
    """
    row = {key: " ".join(text.split()) for key, text in row.items() if text.strip()}
    for column in ("company", "metric", "geography", "rival_of"):
        if row.get(column):
            refer(column, row[column])
    if source is None:
        refer("source_id", row.get("source_id", ""))
    elif row["source_id"] in known("source_id"):
        raise LedgerError(f"the source {row['source_id']!r} exists already: name it alone")
    metric = tables.table("metrics").set_index("metric").loc[row["metric"]]
    units = metric["units"].split()
    row.setdefault("geography", "WLD")
    row.setdefault("unit", units[0] if len(units) == 1 else "")
    row.setdefault("qualifier", "exact")
    row["value"] = number(row.get("value", ""))
    row["series"] = "rival" if row.get("rival_of") else "main"
    parts = (row.get(k, "") for k in ("company", "metric", "period", "geography"))
    row.setdefault("id", name(*parts) + ("-rival" if row["series"] == "rival" else ""))
    _point_is_free(row)

    new: dict[str, dict[str, str]] = {"facts": row}
    if source is not None:
        cleaned = {key: " ".join(text.split()) for key, text in source.items() if text.strip()}
        new["sources"] = {"seed": "false", **cleaned, "source_id": row["source_id"]}
    folder = tables.data_dir()
    if folder.name == "_data":
        raise LedgerError(
            "this is the copy of the ledger inside the installed package: run this in a clone of "
            "the repository, or set PATHS_ABROAD_DATA to its data folder"
        )
    texts = {f"{table}.csv": _with(folder, table, added) for table, added in new.items()}
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(scratch) / "data"
        shutil.copytree(folder, copy, ignore=shutil.ignore_patterns("*.md"))
        for file, text in texts.items():
            (copy / file).write_text(text, encoding="utf-8", newline="\n")
        problems = check(copy)
    if problems:
        raise WrongRow(problems)
    for file, text in texts.items():
        (folder / file).write_text(text, encoding="utf-8", newline="\n")
    ordered = {table: _in_order(table, added) for table, added in new.items()}
    return Added(ordered["facts"], ordered.get("sources"))


def _in_order(table: str, added: dict[str, str]) -> dict[str, str]:
    columns = [field["name"] for field in tables.resource(table)["schema"]["fields"]]
    return {column: added.get(column, "") for column in columns}


def _point_is_free(row: dict[str, str]) -> None:
    facts = tables.table("facts")
    if row["series"] == "main":
        same = facts[facts["series"] == "main"]
        point = [row.get(c, "") for c in ("company", "metric", "period", "geography")]
        for column, value in zip(("company", "metric", "period", "geography"), point, strict=True):
            same = same[same[column] == value]
        if len(same):
            there = same["id"].iloc[0]
            raise LedgerError(
                f"{there!r} is already the main row of {' '.join(point)}: if your source "
                f"disagrees with it, add yours as its rival (rival of {there})"
            )
    if row["id"] in set(facts["id"]):
        raise LedgerError(f"the id {row['id']!r} is taken: give another one")


def _with(folder: Path, table: str, added: dict[str, str]) -> str:
    """Return the text of a table with a row in its place; the other lines stay as they are."""
    described = tables.resource(table, folder)
    key = described["schema"]["primaryKey"][0]
    text = (folder / described["path"]).read_text(encoding="utf-8")
    columns = [field["name"] for field in described["schema"]["fields"]]
    line = io.StringIO()
    writer = csv.DictWriter(line, columns, restval="", lineterminator="\n")
    writer.writerow(added)
    lines = text.splitlines(keepends=True)
    keys = [row[key] for row in csv.DictReader(io.StringIO(text))]
    place = next((i for i, other in enumerate(keys) if other > added[key]), len(keys))
    lines.insert(place + 1, line.getvalue())
    return "".join(lines)

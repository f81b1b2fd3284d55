"""Check the ledger: the declared schema with Frictionless, then the rules a schema cannot say.

Every problem is one line for the person who edits the file: file, row, field, what is wrong, what
is allowed.
"""

import csv
import io
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from paths_abroad.ledger import periods, tables

# A neighbour in time this many times larger or smaller is a slip of units, not growth.
FACTOR = 100
_SOURCED = ("facts", "events", "markets")
_PERIOD_IN_ID = re.compile(r"-((?:fy)?(?:19|20)\d{2}(?:q[1-4]|h[12]|-\d{2}(?:-\d{2})?)?)$")


@dataclass(frozen=True)
class Problem:
    """One thing wrong in the ledger.

    Attributes
    ----------
    file : str
        Name of the file, e.g. ``facts.csv``.
    row : str
        The row's key, or its line number where the key cannot be read.
    field : str
        Name of the column, empty where the row or file as a whole is meant.
    message : str
        What is wrong and what is allowed.
    """

    file: str
    row: str
    field: str
    message: str

    def __str__(self) -> str:
        place = ", ".join(p for p in (self.file, self.row, self.field) if p)
        return f"{place}: {self.message}"


Rows = dict[str, list[dict[str, str]]]


def check(directory: Path | str | None = None) -> list[Problem]:
    """Check a ledger.

    Parameters
    ----------
    directory : path, optional
        The folder with ``datapackage.json``; by default the ledger in use.

    Returns
    -------
    list of Problem
        Empty if all is well. Where bytes or columns are wrong, only these are reported, because
        everything else would follow from them.

    Raises
    ------
    FileNotFoundError
        If the folder has no ``datapackage.json``.
    """
    folder = Path(directory) if directory else tables.data_dir()
    if not (folder / "datapackage.json").is_file():
        raise FileNotFoundError(f"no datapackage.json in {folder}")
    problems = list(_bytes(folder))
    if not problems:
        problems = list(_schema(folder))
    if any(p.field == "" for p in problems):
        return problems
    rows = {
        r["name"]: list(csv.DictReader(io.StringIO((folder / r["path"]).read_text("utf-8"))))
        for r in tables.descriptor(folder)["resources"]
    }
    seen = {(p.file, p.row, p.field) for p in problems}
    for row in rows["facts"]:
        # The schema has reported it; the rules must be able to go on.
        if not _is_number(row["value"]):
            row["value"] = "nan"
    for rule in RULES:
        problems += [p for p in rule(rows) if (p.file, p.row, p.field) not in seen]
    return problems


def _bytes(folder: Path) -> Iterator[Problem]:
    for described in tables.descriptor(folder)["resources"]:
        file = folder / described["path"]
        if not file.is_file():
            yield Problem(file.name, "", "", "the file is missing")
            continue
        content = file.read_bytes()
        try:
            content.decode("utf-8")
        except UnicodeDecodeError as error:
            line = content[: error.start].count(b"\n") + 1
            yield Problem(file.name, f"line {line}", "", "not UTF-8: save the file as UTF-8")
            continue
        if content.startswith(b"\xef\xbb\xbf"):
            yield Problem(file.name, "line 1", "", "a byte order mark: save as UTF-8 without BOM")
        if b"\r" in content:
            line = content[: content.index(b"\r")].count(b"\n") + 1
            yield Problem(
                file.name, f"line {line}", "", "a Windows line end: save with LF line ends"
            )
        header = next(csv.reader(io.StringIO(content.decode("utf-8"))), [])
        header = [h.removeprefix("\ufeff") for h in header]
        expected = [f["name"] for f in described["schema"]["fields"]]
        if header != expected:
            missing = [h for h in expected if h not in header]
            extra = [h for h in header if h not in expected]
            what = [f"column {h} is missing" for h in missing]
            what += [f"unknown column {h}" for h in extra]
            message = "; ".join(what) or "columns are out of order"
            yield Problem(file.name, "line 1", "", f"{message}; allowed: {','.join(expected)}")


def _schema(folder: Path) -> Iterator[Problem]:
    # Slow to import, and only needed here.
    from frictionless import Package

    described = {r["path"]: r for r in tables.descriptor(folder)["resources"]}
    report = Package(str(folder / "datapackage.json")).validate()
    for error in report.errors:
        yield Problem("datapackage.json", "", "", error.message)
    for task in report.tasks:
        name = Path(task.place).name
        schema = described[name]["schema"]
        constraints = {f["name"]: f for f in schema["fields"]}
        for error in task.errors:
            kind = error.type
            line = getattr(error, "row_number", None)
            cells = getattr(error, "cells", None) or []
            row = _key(schema, [str(c) for c in cells]) or (f"line {line}" if line else "")
            field = getattr(error, "field_name", "") or ""
            if kind in ("type-error", "constraint-error"):
                cell = getattr(error, "cell", "")
                yield Problem(name, row, field, f"{cell!r}: {_allowed(constraints[field])}")
            elif kind == "primary-key":
                yield Problem(
                    name, row, schema_key(schema), "the key stands twice; keys are unique"
                )
            elif kind == "foreign-key":
                field = " ".join(getattr(error, "field_names", ()) or ())
                asked = " ".join(str(c) for c in getattr(error, "field_cells", ()) or ())
                table = getattr(error, "reference_name", "") or described[name]["name"]
                yield Problem(
                    name, row, field, f"{asked!r} is not in {table}.csv: add it or mend it"
                )
            else:
                yield Problem(name, row, field, error.message)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def schema_key(schema: dict) -> str:
    """Return the names of the key's columns, separated by spaces."""
    key = schema["primaryKey"]
    return key if isinstance(key, str) else " ".join(key)


def _key(schema: dict, cells: list[str]) -> str:
    names = [f["name"] for f in schema["fields"]]
    row = dict(zip(names, cells, strict=False))
    return " ".join(row.get(k, "") for k in schema_key(schema).split()).strip()


def _allowed(field: dict) -> str:
    limits = field.get("constraints", {})
    if "enum" in limits:
        return f"allowed: {', '.join(limits['enum'])}"
    if field["type"] != "string":
        return f"a {field['type']} is needed"
    if "pattern" in limits:
        return field.get("description") or f"the form is {limits['pattern']}"
    if "minLength" in limits:
        return f"at least {limits['minLength']} characters are needed"
    return "it may not be empty"


def _sorted(rows: Rows) -> Iterator[Problem]:
    for name, keys in (
        ("companies", ["company"]),
        ("metrics", ["metric"]),
        ("places", ["place"]),
        ("sources", ["source_id"]),
        ("facts", ["id"]),
        ("events", ["id"]),
        ("markets", ["country", "indicator", "year"]),
        ("claims", ["id"]),
    ):
        have = [[r[k] for k in keys] for r in rows[name]]
        for before, after in zip(have, sorted(have), strict=True):
            if before != after:
                yield Problem(
                    f"{name}.csv", " ".join(before), keys[0], "rows are sorted by their key"
                )
                break


def _one_main_row(rows: Rows) -> Iterator[Problem]:
    first: dict[tuple[str, ...], str] = {}
    for row in rows["facts"]:
        if row["series"] != "main":
            continue
        point = (row["company"], row["metric"], row["period"], row["geography"])
        if point in first:
            yield Problem(
                "facts.csv",
                row["id"],
                "series",
                f"{first[point]} is already the main row of {' '.join(point)}: "
                "make one of them a rival",
            )
        first.setdefault(point, row["id"])


def _rivals(rows: Rows) -> Iterator[Problem]:
    facts = {r["id"]: r for r in rows["facts"]}
    for row in facts.values():
        named = row["rival_of"]
        if row["series"] == "main" and named:
            yield Problem(
                "facts.csv", row["id"], "rival_of", "a main row disputes nothing: empty it"
            )
        if row["series"] != "rival":
            continue
        if not named:
            yield Problem(
                "facts.csv", row["id"], "rival_of", "a rival names the main row it disputes"
            )
        elif named in facts:
            main = facts[named]
            if main["series"] != "main":
                yield Problem("facts.csv", row["id"], "rival_of", f"{named} is not a main row")
            if main["company"] != row["company"]:
                yield Problem(
                    "facts.csv", row["id"], "rival_of", f"{named} is about {main['company']}"
                )


def _units_and_periods(rows: Rows) -> Iterator[Problem]:
    metrics = {r["metric"]: r for r in rows["metrics"]}
    for row in rows["facts"]:
        metric = metrics.get(row["metric"])
        if metric is None:
            continue
        if row["unit"] not in metric["units"].split():
            yield Problem(
                "facts.csv",
                row["id"],
                "unit",
                f"{row['unit']!r} does not fit {row['metric']}; allowed: {metric['units']}",
            )
        try:
            form = periods.form_of(row["period"])
            periods.last_day(row["period"])
        except ValueError as error:
            yield Problem("facts.csv", row["id"], "period", str(error))
            continue
        if form not in metric["periods"].split():
            yield Problem(
                "facts.csv",
                row["id"],
                "period",
                f"{row['period']!r} is a {form}; {row['metric']} allows: {metric['periods']}",
            )
    for row in rows["markets"]:
        metric = metrics.get(row["indicator"])
        if metric and row["unit"] not in metric["units"].split():
            yield Problem(
                "markets.csv",
                f"{row['country']} {row['indicator']} {row['year']}",
                "unit",
                f"{row['unit']!r} does not fit {row['indicator']}; allowed: {metric['units']}",
            )


def _values(rows: Rows) -> Iterator[Problem]:
    kinds = {r["metric"]: r["kind"] for r in rows["metrics"]}
    for row in rows["facts"]:
        kind = kinds.get(row["metric"])
        number = float(row["value"])
        if kind == "share" and not -5 <= number <= 10:
            yield Problem(
                "facts.csv",
                row["id"],
                "value",
                f"{row['value']}: a share is a fraction, 0.134 for 13.4%",
            )
        elif kind in ("count", "rank", "duration", "date") and number < 0:
            yield Problem(
                "facts.csv", row["id"], "value", f"{row['value']}: a {kind} is not negative"
            )
        elif kind == "rank" and (number < 1 or number % 1):
            yield Problem("facts.csv", row["id"], "value", f"{row['value']}: a rank is 1, 2, 3 ...")


def _jumps(rows: Rows) -> Iterator[Problem]:
    groups: dict[tuple[str, ...], list[dict[str, str]]] = defaultdict(list)
    kinds = {r["metric"]: r["kind"] for r in rows["metrics"]}
    for row in rows["facts"]:
        if row["series"] == "main" and kinds.get(row["metric"]) in ("money", "count"):
            try:
                form = periods.form_of(row["period"])
                periods.last_day(row["period"])
            except ValueError:
                continue
            key = ("company", "metric", "geography", "unit")
            groups[(*(row[k] for k in key), form)].append(row)
    for group in groups.values():
        group.sort(key=lambda r: periods.last_day(r["period"]))
        values = [abs(float(r["value"])) for r in group]
        for i, row in enumerate(group):
            near = [values[j] for j in (i - 1, i + 1) if 0 <= j < len(values)]
            near = [n for n in near if n > 0]
            here = values[i]
            if here > 0 and near and not row["break_before"]:
                ratios = [max(here / n, n / here) for n in near]
                if min(ratios) >= FACTOR:
                    yield Problem(
                        "facts.csv",
                        row["id"],
                        "value",
                        f"{row['value']} is {min(ratios):,.0f} times away from its neighbours in "
                        "time: check the unit (thousand, million, billion)",
                    )
    mains = {r["id"]: r for r in rows["facts"]}
    for row in rows["facts"]:
        main = mains.get(row["rival_of"])
        if main and main["unit"] == row["unit"] and kinds.get(row["metric"]) in ("money", "count"):
            one, other = abs(float(row["value"])), abs(float(main["value"]))
            if one and other and max(one / other, other / one) >= FACTOR:
                yield Problem(
                    "facts.csv",
                    row["id"],
                    "value",
                    f"{row['value']} disputes {main['value']}: check the unit of one of them",
                )


def _ids_and_dates(rows: Rows) -> Iterator[Problem]:
    published = {r["source_id"]: r["date"] for r in rows["sources"]}
    for row in rows["facts"]:
        found = _PERIOD_IN_ID.search(row["id"])
        if found:
            said, period = found.group(1).upper(), row["period"].upper()
            if not (period.startswith(said) or said.startswith(period) or said in period):
                yield Problem(
                    "facts.csv", row["id"], "period", f"{row['period']} does not fit the id"
                )
        date = published.get(row["source_id"])
        if date and row["qualifier"] not in ("target", "estimate"):
            try:
                start = row["period"].removeprefix("FY")
                # A fiscal year may begin in the calendar year before the one it is named after.
                begins = int(start[:4]) - row["period"].startswith("FY")
                if begins > periods.last_day(date).year:
                    yield Problem(
                        "facts.csv",
                        row["id"],
                        "period",
                        f"{row['period']} begins after its source was published ({date})",
                    )
            except ValueError:
                continue


def _sources_used(rows: Rows) -> Iterator[Problem]:
    used = Counter(r["source_id"] for name in _SOURCED for r in rows[name])
    used.update(r["seed"] for r in rows["claims"])
    for row in rows["sources"]:
        if not used[row["source_id"]]:
            yield Problem("sources.csv", row["source_id"], "source_id", "no row uses this source")
    seeds = {r["source_id"] for r in rows["sources"] if r["seed"] == "true"}
    for row in rows["claims"]:
        if row["seed"] not in seeds:
            yield Problem(
                "claims.csv", row["id"], "seed", f"{row['seed']} is not a founding document"
            )


def _references(rows: Rows) -> Iterator[Problem]:
    facts = {r["id"] for r in rows["facts"]}
    known = facts | {r["id"] for r in rows["events"]}
    for row in rows["claims"]:
        for name in row["evidence"].split():
            if name not in known:
                yield Problem("claims.csv", row["id"], "evidence", f"{name!r} is no fact or event")
        opinion = row["verdict"] in ("opinion", "cannot be checked")
        if not row["evidence"] and not opinion:
            yield Problem(
                "claims.csv",
                row["id"],
                "evidence",
                f"a claim that is {row['verdict']} needs evidence",
            )
    for row in rows["facts"]:
        for name in row["derived_from"].split():
            if name not in facts:
                yield Problem("facts.csv", row["id"], "derived_from", f"{name!r} is no fact")
            elif name == row["id"]:
                yield Problem(
                    "facts.csv", row["id"], "derived_from", "a figure is not its own input"
                )


def _events(rows: Rows) -> Iterator[Problem]:
    for row in rows["events"]:
        if bool(row["amount"]) != bool(row["unit"]):
            yield Problem(
                "events.csv", row["id"], "unit", "amount and unit come together or not at all"
            )
        try:
            periods.first_day(row["date"])
        except ValueError as error:
            yield Problem("events.csv", row["id"], "date", str(error))


RULES: tuple[Callable[[Rows], Iterator[Problem]], ...] = (
    _sorted,
    _one_main_row,
    _rivals,
    _units_and_periods,
    _values,
    _jumps,
    _ids_and_dates,
    _sources_used,
    _references,
    _events,
)

"""Check the ledger: the declared schema with Frictionless, then the rules a schema cannot say.

Every problem is one line for the person who edits the file: file, row, field, what is wrong, what
is allowed.
"""

import csv
import io
import math
import re
from bisect import bisect_left, insort
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from paths_abroad.ledger import periods, tables

# Both neighbours in time this many times larger or smaller: a slip of units, not growth.
FACTOR = 100
# So many figures of other companies or places make a crowd that a figure should not stand far from.
CROWD = 4
# Shares of all vendors and of the others together make the whole, but for rounding.
WHOLE = (0.95, 1.05)
# A price, a listing or a deal may be told so long before it comes.
ANNOUNCED = timedelta(days=62)
_SOURCED = ("facts", "events", "markets")
_PART = r"(?:q[1-4]|h[12])"
_YEAR = r"(?:fy)?(?:19|20)\d{2}"
_PERIOD_IN_ID = re.compile(
    rf"(?<![^-])(?:({_PART})-)?({_YEAR})(?:-?({_PART})|(-\d{{2}}(?:-\d{{2}})?))?(?![^-])"
)


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
    try:
        tables.descriptor(folder)
    except ValueError as error:
        return [Problem("datapackage.json", "", "", f"not JSON: {error}")]
    problems = list(_bytes(folder))
    if not problems:
        problems = list(_schema(folder))
    if any(p.field == "" for p in problems):
        return problems
    rows = {r["name"]: _rows(folder / r["path"]) for r in tables.descriptor(folder)["resources"]}
    seen = {(p.file, p.row, p.field) for p in problems}
    for row in rows["facts"]:
        # The schema has reported it; the rules must be able to go on.
        if not _is_number(row["value"]):
            row["value"] = "nan"
    for rule in RULES:
        problems += [p for p in rule(rows) if (p.file, p.row, p.field) not in seen]
    return problems


def _rows(file: Path) -> list[dict[str, str]]:
    """Read a table as text; a short row gets empty cells, a long one loses the rest."""
    table = csv.DictReader(io.StringIO(file.read_text("utf-8")))
    return [{k: v or "" for k, v in row.items() if k is not None} for row in table]


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
        table = csv.reader(io.StringIO(content.decode("utf-8")))
        header = next(table, [])
        header = [h.removeprefix("\ufeff") for h in header]
        expected = [f["name"] for f in described["schema"]["fields"]]
        if header != expected:
            missing = [h for h in expected if h not in header]
            extra = [h for h in header if h not in expected]
            what = [f"column {h} is missing" for h in missing]
            what += [f"unknown column {h}" for h in extra]
            message = "; ".join(what) or "columns are out of order"
            yield Problem(file.name, "line 1", "", f"{message}; allowed: {','.join(expected)}")
            continue
        for cells in table:
            if len(cells) != len(expected):
                message = f"{len(cells)} cells where there are {len(expected)} columns"
                if len(cells) > len(expected):
                    message += ": does a text with commas lack its quotation marks?"
                yield Problem(file.name, f"line {table.line_num}", "", message)


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
    if "maxLength" in limits:
        return f"at most {limits['maxLength']} characters are allowed"
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
        elif kind == "count" and number % 1:
            yield Problem(
                "facts.csv", row["id"], "value", f"{row['value']}: a count is a whole number"
            )
        elif kind == "rank" and (number < 1 or number % 1):
            yield Problem("facts.csv", row["id"], "value", f"{row['value']}: a rank is 1, 2, 3 ...")


def _plausible(rows: Rows) -> Iterator[Problem]:
    metrics = {r["metric"]: r for r in rows["metrics"]}
    for metric in metrics.values():
        low, high = _limits(metric)
        if low > high:
            yield Problem("metrics.csv", metric["metric"], "minimum", "it is above the maximum")
    held = [("facts", r["metric"], r["id"], r["value"]) for r in rows["facts"]]
    held += [
        ("markets", r["indicator"], f"{r['country']} {r['indicator']} {r['year']}", r["value"])
        for r in rows["markets"]
    ]
    for table, name, key, value in held:
        metric = metrics.get(name)
        if metric is None or not _is_number(value):
            continue
        low, high = _limits(metric)
        if not low <= float(value) <= high and float(value) == float(value):
            limits = f"{metric['minimum'] or 'any'} to {metric['maximum'] or 'any'}"
            yield Problem(
                f"{table}.csv",
                key,
                "value",
                f"{value} is not plausible for {name} ({limits}): check sign and unit (thousand, "
                "million, billion); if it is right, widen the limits in metrics.csv",
            )


def _limits(metric: dict[str, str]) -> tuple[float, float]:
    low, high = metric["minimum"], metric["maximum"]
    return (
        float(low) if _is_number(low) else -math.inf,
        float(high) if _is_number(high) else math.inf,
    )


def _jumps(rows: Rows) -> Iterator[Problem]:
    """Compare each figure with its nearest kin: in time, else in place or company."""
    series: dict[tuple[str, ...], list[tuple[str, float]]] = defaultdict(list)
    kin: dict[tuple[str, ...], list[float]] = defaultdict(list)
    sized = []
    # Growth may be next to nothing in one year and not in the next: no kin there.
    compared = {
        r["metric"]
        for r in rows["metrics"]
        if r["kind"] in ("money", "count", "share")
        or (r["kind"] in ("rate", "index") and _limits(r)[0] > 0)
    }
    for row in rows["facts"]:
        size = abs(float(row["value"]))
        if row["metric"] not in compared or not size > 0:
            continue
        try:
            form, end = periods.form_of(row["period"]), periods.last_day(row["period"])
        except ValueError:
            continue
        what = (row["metric"], row["unit"])
        line = (*what, row["company"], row["geography"], form)
        sized.append((row, size, line))
        if row["series"] == "main":
            series[line].append((f"{end} {row['id']}", size))
        for group in _kin(row):
            insort(kin[group], size)
    for points in series.values():
        points.sort()
    for row, size, line in sized:
        points = series[line]
        if row["series"] == "main" and len(points) > 1:
            here = points.index((f"{periods.last_day(row['period'])} {row['id']}", size))
            near = [points[i][1] for i in (here - 1, here + 1) if 0 <= i < len(points)]
            who = "its neighbours in time"
        else:
            near = next((_nearest(kin[g], size) for g in _kin(row) if len(kin[g]) >= CROWD), [])
            who = "every other figure of its kind"
        ratio = min((max(size / n, n / size) for n in near), default=1)
        if ratio >= FACTOR and not row["break_before"]:
            yield Problem(
                "facts.csv",
                row["id"],
                "value",
                f"{row['value']} is {ratio:,.0f} times away from {who}: check the unit (thousand, "
                "million, billion)",
            )
    mains = {r["id"]: r for r in rows["facts"]}
    for row, size, _ in sized:
        main = mains.get(row["rival_of"])
        if main and (main["unit"], main["metric"]) == (row["unit"], row["metric"]):
            other = abs(float(main["value"]))
            if other and max(size / other, other / size) >= FACTOR:
                yield Problem(
                    "facts.csv",
                    row["id"],
                    "value",
                    f"{row['value']} disputes {main['value']}: check the unit of one of them",
                )


def _kin(row: dict[str, str]) -> tuple[tuple[str, ...], ...]:
    """Return the groups in which a figure looks for its like, the closest first."""
    what = (row["metric"], row["unit"])
    return (
        (*what, row["company"], row["geography"]),
        (*what, row["company"], ""),
        (*what, "", row["geography"]),
    )


def _nearest(sizes: list[float], size: float) -> list[float]:
    """Return the neighbours in size of one of a sorted list of sizes."""
    here = bisect_left(sizes, size)
    return [sizes[i] for i in (here - 1, here + 1) if 0 <= i < len(sizes)]


def _whole(rows: Rows) -> Iterator[Problem]:
    """Where the others are given, the shares of a market make the whole."""
    markets: dict[tuple[str, ...], list[dict[str, str]]] = defaultdict(list)
    groups = {r["company"] for r in rows["companies"] if r["path"] == "aggregate"} - {"others"}
    for row in rows["facts"]:
        if row["unit"] == "share" and row["series"] == "main" and row["company"] not in groups:
            markets[row["metric"], row["geography"], row["period"]].append(row)
    for (metric, place, period), held in markets.items():
        others = next((r for r in held if r["company"] == "others"), None)
        if others is None:
            continue
        # A vendor missing in one table may come from another, which counts the others otherwise.
        total = sum(float(r["value"]) for r in held)
        table = sum(float(r["value"]) for r in held if r["source_id"] == others["source_id"])
        if total < WHOLE[0] or table > WHOLE[1]:
            yield Problem(
                "facts.csv",
                others["id"],
                "value",
                f"the shares of {metric}, {place}, {period} make {total:.3g} together, not 1: "
                f"check {', '.join(r['id'] for r in held if r is not others)}",
            )


def _ids_and_dates(rows: Rows) -> Iterator[Problem]:
    published = {r["source_id"]: r["date"] for r in rows["sources"]}
    yearly = {r["metric"] for r in rows["metrics"] if "year" in r["periods"].split()}
    for row in rows["facts"]:
        if not _fits_the_id(row["id"], row["period"], row["metric"] in yearly):
            yield Problem("facts.csv", row["id"], "period", f"{row['period']} does not fit the id")
        date = published.get(row["source_id"])
        if date and row["qualifier"] not in ("target", "estimate"):
            try:
                begins = periods.start(row["period"])
                known = periods.last_day(date)
            except ValueError:
                continue
            # A fiscal year may begin in the calendar year before the one it is named after.
            early = 365 if row["period"].startswith("FY") else 0
            if begins - timedelta(days=early) > known + ANNOUNCED:
                yield Problem(
                    "facts.csv",
                    row["id"],
                    "period",
                    f"{row['period']} begins after its source was published ({date})",
                )


def _fits_the_id(name: str, period: str, yearly: bool) -> bool:
    """Tell whether a period agrees with the dates that an id contains, if it contains any.

    In a metric that has years, a bare year in the id is a whole year.
    """
    found = _PERIOD_IN_ID.findall(name)
    said = [(f"{year}{before or after}".upper() + day) for before, year, after, day in found]
    try:
        begins, ends = periods.start(period), periods.last_day(period)
        spans = [(periods.start(text), periods.last_day(text)) for text in said]
    except ValueError:
        return True  # no date of ours, such as the model x86 or a wrong period, reported elsewhere
    if any(text.startswith("FY") and not period.startswith("FY") for text in said):
        return False
    if yearly and spans and periods.form_of(period) in ("quarter", "half"):
        spans = [(first, last) for first, last in spans if (last - first).days < 364]
        if not spans:
            return False
    # The id may be coarser than the period or finer, never beside it.
    return not spans or any(
        (first <= begins and ends <= last) or (begins <= first <= ends) for first, last in spans
    )


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
    _plausible,
    _jumps,
    _whole,
    _ids_and_dates,
    _sources_used,
    _references,
    _events,
)

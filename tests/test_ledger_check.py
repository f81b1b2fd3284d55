"""Every rule of the ledger, with a mutation of the real files that it must catch."""

import csv
import io
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from paths_abroad import ledger

Rows = list[dict[str, str]]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Return a copy of the ledger that a test may spoil."""
    folder = tmp_path / "data"
    shutil.copytree(ledger.data_dir(), folder, ignore=shutil.ignore_patterns("*.md"))
    return folder


def edit(folder: Path, table: str, change: Callable[[Rows], None]) -> None:
    file = folder / f"{table}.csv"
    reader = csv.DictReader(io.StringIO(file.read_text("utf-8")))
    rows = list(reader)
    change(rows)
    out = io.StringIO()
    writer = csv.DictWriter(out, reader.fieldnames or [], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    file.write_text(out.getvalue(), "utf-8")


def first(rows: Rows, **wanted: str) -> dict[str, str]:
    return next(r for r in rows if all(r[k] == v for k, v in wanted.items()))


def lines(folder: Path) -> list[str]:
    return [str(p) for p in ledger.check(folder)]


def test_the_ledger_is_clean():
    assert lines(ledger.data_dir()) == []


def test_frictionless_itself_finds_the_package_valid():
    from frictionless import Package

    report = Package(str(ledger.data_dir() / "datapackage.json")).validate()
    assert report.valid, report.flatten(["rowNumber", "fieldName", "note"])[:5]


def set_(field: str, value: str, **where: str) -> Callable[[Rows], None]:
    def change(rows: Rows) -> None:
        first(rows, **where)[field] = value

    return change


def duplicate_main_row(rows: Rows) -> None:
    row = first(rows, id="xiaomi-revenue-2016")
    rows.append({**row, "id": "xiaomi-revenue-2016-again", "value": "1"})
    rows.sort(key=lambda r: r["id"])


def swap_periods(rows: Rows) -> None:
    one = first(rows, id="xiaomi-revenue-overseas-share-2016")
    other = first(rows, id="xiaomi-revenue-overseas-share-2019")
    one["period"], other["period"] = other["period"], one["period"]


def unsort(rows: Rows) -> None:
    rows[0], rows[1] = rows[1], rows[0]


def orphan(rows: Rows) -> None:
    rows.append({**rows[-1], "source_id": "zzz-nobody-uses-this"})


FACT = {"id": "xiaomi-revenue-2016"}
MUTATIONS = {
    "a word where a number is needed": ("facts", set_("value", "many", **FACT), "value", "number"),
    "an unknown unit": ("facts", set_("unit", "groats", **FACT), "unit", "allowed: CNY"),
    "a unit of another kind": ("facts", set_("unit", "share", **FACT), "unit", "allowed: CNY"),
    "a negative count": (
        "facts",
        set_("value", "-66500000", metric="shipments_smartphone", series="main"),
        "value",
        "not negative",
    ),
    "a factor of a thousand": (
        "facts",
        set_("value", "68434000", **FACT),
        "value",
        "times away from its neighbours",
    ),
    "a factor of a thousand beyond what is plausible": (
        "facts",
        set_("value", "7190000000000", id="xiaomi-phones-sold-2012"),
        "value",
        "not plausible for smartphones_sold_company",
    ),
    "a negative figure where none is": (
        "facts",
        set_("value", "-68434000000", **FACT),
        "value",
        "check sign and unit",
    ),
    "a market figure of another size": (
        "markets",
        lambda rows: rows[0].update(value=rows[0]["value"] + "000000"),
        "value",
        "not plausible",
    ),
    "limits the wrong way round": (
        "metrics",
        lambda rows: first(rows, metric="revenue").update(minimum="5", maximum="4"),
        "minimum",
        "above the maximum",
    ),
    "a share that the others do not leave": (
        "facts",
        set_("value", "0.9", company="others", unit="share", series="main"),
        "value",
        "together, not 1",
    ),
    "a quarter where the id says another": (
        "facts",
        lambda rows: next(r for r in rows if r["id"].endswith("-2014q3")).update(period="2014Q2"),
        "period",
        "does not fit the id",
    ),
    "a quarter where the id says a year": (
        "facts",
        set_("period", "2016Q1", id="xiaomi-shipments-china-idc-2016"),
        "period",
        "does not fit the id",
    ),
    "half a phone": (
        "facts",
        set_("value", "7190.5", id="xiaomi-phones-sold-2012"),
        "value",
        "a whole number",
    ),
    "a figure older than its source": (
        "facts",
        lambda rows: first(rows, **FACT).update(source_id="seed-chinadaily-2015-1"),
        "period",
        "after its source was published",
    ),
    "a percentage in place of a share": (
        "facts",
        set_("value", "13.4", id="xiaomi-revenue-overseas-share-2016"),
        "value",
        "a share is a fraction",
    ),
    "a duplicated main row": ("facts", duplicate_main_row, "series", "already the main row"),
    "a swapped period": ("facts", swap_periods, "period", "does not fit the id"),
    "a period that is none": ("facts", set_("period", "2016-13", **FACT), "period", "2016-13"),
    "a form of period the metric does not have": (
        "facts",
        set_("period", "2016-05-01", **FACT),
        "period",
        "allows: ",
    ),
    "an unknown grade": ("facts", set_("grade", "D", **FACT), "grade", "allowed: A, B, C"),
    "an unknown qualifier": ("facts", set_("qualifier", "circa", **FACT), "qualifier", "approx"),
    "an unknown source": ("facts", set_("source_id", "nobody", **FACT), "source_id", "sources.csv"),
    "an unknown company": ("facts", set_("company", "nobody", **FACT), "company", "companies.csv"),
    "an unknown metric": ("facts", set_("metric", "charm", **FACT), "metric", "metrics.csv"),
    "an unknown place": ("facts", set_("geography", "XYZ", **FACT), "geography", "places.csv"),
    "no locator": ("facts", set_("locator", "", **FACT), "locator", "needed"),
    "a break told at length": (
        "facts",
        set_("break_before", "too long for the line in a chart " * 3, **FACT),
        "break_before",
        "at most 70 characters",
    ),
    "no definition": ("facts", set_("definition", "", **FACT), "definition", "needed"),
    "a rival without a main row": (
        "facts",
        set_("rival_of", "", series="rival"),
        "rival_of",
        "names the main row",
    ),
    "a rival of nothing": (
        "facts",
        set_("rival_of", "no-such-row", series="rival"),
        "rival_of",
        "no-such-row",
    ),
    "a rival of a rival": (
        "facts",
        lambda rows: first(rows, series="rival").update(
            rival_of=[r for r in rows if r["series"] == "rival"][1]["id"]
        ),
        "rival_of",
        "is not a main row",
    ),
    "a main row that disputes": (
        "facts",
        set_("rival_of", "xiaomi-revenue-2017", **FACT),
        "rival_of",
        "disputes nothing",
    ),
    "inputs that do not exist": (
        "facts",
        set_("derived_from", "no-such-row", **FACT),
        "derived_from",
        "no fact",
    ),
    "rows out of order": ("facts", unsort, "id", "sorted"),
    "a source nobody uses": ("sources", orphan, "source_id", "no row uses"),
    "an address that is none": (
        "sources",
        lambda rows: rows[0].update(url="www.example.org"),
        "url",
        "http",
    ),
    "an unknown kind of event": (
        "events",
        lambda rows: rows[0].update(type="party"),
        "type",
        "market_entry",
    ),
    "a day that does not exist": (
        "events",
        lambda rows: rows[0].update(date="2014-02-30"),
        "date",
        "day",
    ),
    "an amount without unit": (
        "events",
        lambda rows: rows[0].update(amount="5", unit=""),
        "unit",
        "come together",
    ),
    "an unknown verdict": (
        "claims",
        lambda rows: rows[0].update(verdict="true"),
        "verdict",
        "contradicted",
    ),
    "evidence that does not exist": (
        "claims",
        lambda rows: rows[0].update(evidence="no-such-row"),
        "evidence",
        "no fact or event",
    ),
    "a market figure in another unit": (
        "markets",
        lambda rows: rows[0].update(unit="groats"),
        "unit",
        "allowed",
    ),
}


@pytest.mark.parametrize("name", MUTATIONS)
def test_a_mutation_is_caught_in_one_useful_line(copy, name):
    table, change, field, words = MUTATIONS[name]
    edit(copy, table, change)
    found = [line for line in lines(copy) if f", {field}: " in line and words in line]
    assert found, "\n".join(lines(copy)) or "nothing was reported"
    assert found[0].startswith(f"{table}.csv, ")
    assert "\n" not in found[0]
    assert len(found[0]) < 300


def spoil(file: Path, change: Callable[[bytes], bytes]) -> None:
    file.write_bytes(change(file.read_bytes()))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda b: b.replace("é".encode(), b"\xe9") + "caf\xe9\n".encode("latin-1"), "UTF-8"),
        (lambda b: b.replace(b"\n", b"\r\n"), "LF"),
        (lambda b: b"\xef\xbb\xbf" + b, "BOM"),
        (lambda b: b.replace(b"locator", b"locater", 1), "column locator is missing"),
        (lambda b: b.replace(b"id,company", b"company,id", 1), "out of order"),
        (lambda b: b + b"zz,zz\n", "2 cells where there are"),
        (lambda b: b.rstrip(b"\n") + b", and more\n", "quotation marks"),
    ],
    ids=["Latin-1", "CRLF", "BOM", "missing column", "columns swapped", "short", "long"],
)
def test_spoilt_bytes_are_named(copy, change, words):
    spoil(copy / "facts.csv", change)
    found = lines(copy)
    assert any(line.startswith("facts.csv, line ") and words in line for line in found), found


def test_a_package_that_is_not_json_is_named(copy):
    spoil(copy / "datapackage.json", lambda b: b[:-9])
    assert lines(copy)[0].startswith("datapackage.json: not JSON")


def test_a_missing_file_is_named(copy):
    (copy / "events.csv").unlink()
    assert lines(copy) == ["events.csv: the file is missing"]


@pytest.mark.parametrize(
    "line", ["<<<<<<< ours", "a,b", "x" + "," * 40], ids=["word", "short", "long"]
)
def test_a_line_that_is_no_row_is_named(copy, line):
    spoil(copy / "events.csv", lambda b: b + line.encode() + b"\n")
    assert any(found.startswith("events.csv, ") for found in lines(copy))


def test_a_duplicated_key_is_named(copy):
    edit(copy, "facts", lambda rows: rows.insert(1, dict(rows[0])))
    assert any("stands twice" in line for line in lines(copy))


def test_the_folder_without_a_package_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"datapackage\.json"):
        ledger.check(tmp_path)


def test_keys_and_types_stand_in_the_package_and_nowhere_else():
    package = json.loads((ledger.data_dir() / "datapackage.json").read_text("utf-8"))
    assert all(r["schema"]["primaryKey"] for r in package["resources"])
    facts = next(r for r in package["resources"] if r["name"] == "facts")
    keys = {k["fields"] for k in facts["schema"]["foreignKeys"]}
    assert {"company", "metric", "geography", "source_id", "rival_of"} <= keys

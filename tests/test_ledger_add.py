"""`paths-abroad add fact`: one new line in its place, or nothing at all."""

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from paths_abroad import asking, cli, ledger
from paths_abroad.ledger import add

SOURCE = {
    "--source-title": "Annual report, of a year to come",
    "--publisher": "Xiaomi Corporation",
    "--date": "2031-03-18",
    "--url": "https://example.org/report",
    "--kind": "annual_report",
}
FACT = {
    "--company": "xiaomi",
    "--metric": "revenue",
    "--period": "2030",
    "--value": "500 billion",
    "--grade": "A",
    "--source": "xiaomi-report-2030",
    "--locator": "page 3, table 1, first row",
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    copy = tmp_path / "data"
    shutil.copytree(ledger.data_dir(), copy)
    monkeypatch.setenv("PATHS_ABROAD_DATA", str(copy))
    return copy


def run(options: dict[str, str], **changes: str):
    given = {**options, **{f"--{k.replace('_', '-')}": v for k, v in changes.items()}}
    arguments = [part for pair in given.items() for part in pair]
    return CliRunner().invoke(cli.main, ["add", "fact", *arguments])


def lines(folder: Path) -> dict[str, list[str]]:
    return {f.name: f.read_text("utf-8").splitlines() for f in sorted(folder.glob("*.csv"))}


def new(folder: Path, before: dict[str, list[str]]) -> dict[str, list[str]]:
    after = lines(folder)
    for name, held in before.items():  # every old line is there, in the old order
        rest = iter(after[name])
        assert all(line in rest for line in held), name
    return {
        name: added
        for name, held in after.items()
        if (added := sorted(set(held) - set(before[name])))
    }


def test_a_fact_with_a_new_source(folder):
    before = lines(folder)
    done = run(FACT | SOURCE)
    assert done.exit_code == 0, done.output
    added = new(folder, before)
    assert list(added) == ["facts.csv", "sources.csv"]
    assert len(added["facts.csv"]) == len(added["sources.csv"]) == 1
    assert ledger.check(folder) == []
    fact = ledger.fact("xiaomi-revenue-2030")
    assert (fact.value, fact.unit, fact.geography) == (500e9, "CNY", "WLD")
    assert (fact.qualifier, fact.series) == ("exact", "main")
    assert fact.source.publisher == "Xiaomi Corporation"
    assert "revenue" in fact.definition.casefold() and "quarter" not in fact.definition
    assert "xiaomi-revenue-2030" in done.output and "500000000000" in done.output


def test_a_rival_with_a_source_that_is_there(folder):
    before = lines(folder)
    options = FACT | {
        "--source": "xiaomi-results-2020",
        "--period": "2016",
        "--value": "70 billion",
    }
    refused = run(options)
    assert refused.exit_code == 1
    assert "'xiaomi-revenue-2016' is already the main row" in refused.output
    assert lines(folder) == before
    done = run(options, rival_of="xiaomi-revenue-2016")
    assert done.exit_code == 0, done.output
    assert list(new(folder, before)) == ["facts.csv"]
    assert ledger.fact("xiaomi-revenue-2016-rival").main.id == "xiaomi-revenue-2016"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"company": "xiomi"}, "unknown company 'xiomi': did you mean 'xiaomi'?"),
        ({"metric": "revenu"}, "did you mean 'revenue'"),
        ({"geography": "WORLD"}, "unknown geography 'WORLD'"),
        ({"source": "xiaomi-results-202"}, "is not"),
        ({"period": "2030-05-01"}, "'2030-05-01' is a day; allowed here"),
        ({"period": "spring"}, "is not a period"),
        ({"value": "many"}, "'many' is not a figure"),
        ({"value": "500 trillion"}, "facts.csv, xiaomi-revenue-2030, value: 500000000000000"),
        ({"unit": "USDT"}, "allowed are"),
        ({"grade": "D"}, "allowed are A, B, C"),
        ({"qualifier": "circa"}, "approx"),
        ({"kind": "blog"}, "reference"),
        ({"url": "example.org"}, "sources.csv, xiaomi-report-2030, url"),
        ({"locator": "p"}, "facts.csv, xiaomi-revenue-2030, locator"),
        ({"date": "2029-01"}, "begins after its source was published"),
        ({"rival_of": "xiaomi-revenu-2016"}, "did you mean 'xiaomi-revenue-2016'"),
        ({"id": "xiaomi-revenue-2016"}, "is taken"),
        ({"id": "xiaomi-revenue-2029"}, "does not fit the id"),
    ],
)
def test_what_is_wrong_is_said_at_once_and_nothing_is_written(folder, changes, words):
    before = lines(folder)
    options = FACT | SOURCE
    if "source" in changes:
        options = FACT
        words = "did you mean 'xiaomi-results-202"
    refused = run(options, **changes)
    assert refused.exit_code == 1, refused.output
    assert words in refused.output
    assert "Traceback" not in refused.output
    assert lines(folder) == before


def test_what_is_missing_is_named_where_nobody_can_be_asked(folder):
    refused = run({"--company": "xiaomi", "--metric": "revenue", "--period": "2030"})
    assert "--value is missing" in refused.output


def test_a_person_is_asked_and_asked_again(folder, monkeypatch, capsys):
    answers = iter(
        [
            "xiomi",
            "xiaomi",
            "revenue",
            "2030",
            "500 billion",
            "",
            "",
            "",
            "A",
            "xiaomi-report-2030",
            "Annual report",
            "Xiaomi Corporation",
            "annual_report",
            "2031-03",
            "",
            "",
            "page 3",
            "",
            "",
        ]
    )
    monkeypatch.setattr("click.termui.visible_prompt_func", lambda _: next(answers))
    row, source = asking.fact({}, ask=True)
    assert "did you mean 'xiaomi'" in capsys.readouterr().out
    assert row["company"] == "xiaomi" and row["unit"] == "CNY" and row["value"] == "500000000000"
    assert source == {
        "title": "Annual report",
        "publisher": "Xiaomi Corporation",
        "kind": "annual_report",
        "date": "2031-03",
        "url": "",
        "note": "",
    }
    assert add.fact(row, source).fact["id"] == "xiaomi-revenue-2030"
    assert ledger.check(folder) == []


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("0.134", "0.134"),
        ("13.4%", "0.134"),
        ("45 billion", "45000000000"),
        ("1,234", "1234"),
        ("-7.6 billion", "-7600000000"),
        ("1.10", "1.1"),
        ("2e3", "2000"),
    ],
)
def test_figures_as_people_write_them(said, written):
    assert add.number(said) == written


def test_the_copy_inside_the_package_is_not_written_to(folder, monkeypatch):
    installed = folder.rename(folder.with_name("_data"))
    monkeypatch.setenv("PATHS_ABROAD_DATA", str(installed))
    refused = run(FACT | SOURCE)
    assert "inside the installed package" in refused.output

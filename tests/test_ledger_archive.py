"""The release archive: the same bytes each time, and readable without us."""

import csv
import hashlib
import io
import json
import zipfile

import pandas as pd
import pytest
from click.testing import CliRunner

from paths_abroad import cli, ledger
from paths_abroad.ledger import archive


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return archive.write(tmp_path_factory.mktemp("dist"))


def test_the_same_bytes_twice(made, tmp_path):
    done = CliRunner().invoke(cli.main, ["data", "--out", str(tmp_path / "again")])
    assert done.exit_code == 0, done.output
    assert (tmp_path / "again" / made.name).read_bytes() == made.read_bytes()


def test_everything_is_inside(made):
    with zipfile.ZipFile(made) as held:
        names = held.namelist()
        assert {i.date_time for i in held.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        package = json.loads(held.read("datapackage.json"))
        assert "CC BY 4.0" in held.read("LICENSE.txt").decode()
        assert names == sorted(names)
        assert {"README.md", "CHANGES.md", "LICENSE.txt", "datapackage.json"} < set(names)
        assert package["version"] in made.name
        for resource in package["resources"]:
            content = held.read(resource["path"])
            assert resource["bytes"] == len(content)
            assert resource["hash"] == f"sha256:{hashlib.sha256(content).hexdigest()}"


def test_frictionless_opens_the_archive(made):
    from frictionless import Package

    package = Package(str(made))
    assert len(package.get_resource("facts").read_rows()) == len(ledger.facts())
    report = package.validate()
    assert report.valid, report.flatten(["rowNumber", "fieldName", "note"])[:5]


def test_plain_python_and_pandas_read_the_tables(made):
    with zipfile.ZipFile(made) as held:
        text = held.read("facts.csv").decode("utf-8")
        rows = list(csv.DictReader(io.StringIO(text)))
        assert len(rows) == len(ledger.facts())
        assert all(float(row["value"]) == float(row["value"]) for row in rows)
        # As data/README.md tells a reader of pandas to.
        with held.open("facts.csv") as file:
            frame = pd.read_csv(
                file, dtype={"period": str}, keep_default_na=False, na_values={"value": [""]}
            )
    assert frame["period"].tolist() == [row["period"] for row in rows]
    assert frame["value"].dtype == "float64"


def test_every_column_is_described():
    for resource in ledger_tables():
        assert resource["description"]
        for field in resource["schema"]["fields"]:
            assert len(field.get("description", "")) > 5, (resource["name"], field["name"])


def ledger_tables() -> list[dict]:
    return json.loads((ledger.data_dir() / "datapackage.json").read_text("utf-8"))["resources"]

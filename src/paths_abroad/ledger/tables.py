"""Read the files of the data package into typed pandas tables.

Types come from ``datapackage.json`` and from nowhere else. A table is read once and kept until its
file changes, so that an edit of a CSV shows at the next call; callers get a copy.
"""

import json
import os
from functools import cache, lru_cache
from pathlib import Path

import pandas as pd

from paths_abroad.ledger.errors import unknown

_TYPES = {"string": "object", "number": "float64", "year": "int64", "boolean": "object"}


def data_dir() -> Path:
    """Return the folder that holds ``datapackage.json``.

    ``PATHS_ABROAD_DATA`` decides where it is set; then the repository that the code lies in; then
    the copy that travels inside the installed package.

    Raises
    ------
    FileNotFoundError
        If none of them holds a ``datapackage.json``.
    """
    return _found(os.environ.get("PATHS_ABROAD_DATA") or "")


@cache  # asked thousands of times by a build; a folder that is not found is looked for again
def _found(asked: str) -> Path:
    package = Path(__file__).resolve().parents[1]
    places = [Path(asked)] if asked else [package.parents[1] / "data", package / "_data"]
    for place in places:
        if (place / "datapackage.json").is_file():
            return place
    raise FileNotFoundError(
        f"no datapackage.json in {' or '.join(str(p) for p in places)}: "
        "set PATHS_ABROAD_DATA to the folder of the ledger"
    )


def _stamp(file: Path | str) -> tuple[int, int]:
    state = os.stat(file)  # noqa: PTH116 - a path made anew would cost more than the question
    return state.st_mtime_ns, state.st_size


@lru_cache(maxsize=4)
def _descriptor(file: Path, stamp: tuple[int, int]) -> dict:
    return json.loads(file.read_text(encoding="utf-8"))


def descriptor(directory: Path | None = None) -> dict:
    """Return the data package's descriptor (``datapackage.json``) as a dict."""
    file = (directory or data_dir()) / "datapackage.json"
    return _descriptor(file, _stamp(file))


def resource(name: str, directory: Path | None = None) -> dict:
    """Return the description of one table.

    Raises
    ------
    LedgerError
        If the package has no table of that name.
    """
    tables = {r["name"]: r for r in descriptor(directory)["resources"]}
    if name not in tables:
        raise unknown("table", name, tables)
    return tables[name]


@cache
def _booleans() -> dict[str, bool]:
    return {"true": True, "false": False}


@lru_cache(maxsize=32)
def _read(file: Path, stamp: tuple[int, int], fields: tuple[tuple[str, str], ...]) -> pd.DataFrame:
    kinds = dict(fields)
    frame = pd.read_csv(
        file,
        dtype={name: _TYPES[kind] for name, kind in kinds.items()},
        keep_default_na=False,
        na_values={name: [""] for name, kind in kinds.items() if kind in ("number",)},
        encoding="utf-8",
    )
    for name, kind in kinds.items():
        if kind == "boolean":
            frame[name] = frame[name].map(_booleans()).astype(bool)
    return frame


def table(name: str) -> pd.DataFrame:
    """Return a table of the ledger, typed; empty text is ``""``, a missing number ``NaN``.

    Parameters
    ----------
    name : str
        ``companies``, ``metrics``, ``places``, ``sources``, ``facts``, ``events``, ``markets`` or
        ``claims``.

    Raises
    ------
    LedgerError
        If there is no such table.
    """
    directory = data_dir()
    described = resource(name, directory)
    file = directory / described["path"]
    fields = tuple((f["name"], f["type"]) for f in described["schema"]["fields"])
    return _read(file, _stamp(file), fields).copy()


def facts() -> pd.DataFrame:
    """Return all figures, one a row."""
    return table("facts")


def events() -> pd.DataFrame:
    """Return all dated events, one a row."""
    return table("events")


def sources() -> pd.DataFrame:
    """Return all sources, one a row."""
    return table("sources")


def companies() -> pd.DataFrame:
    """Return companies, rivals and groupings, one a row."""
    return table("companies")


def metrics() -> pd.DataFrame:
    """Return what is measured, with a note on what may not be compared, one a row."""
    return table("metrics")


def places() -> pd.DataFrame:
    """Return countries and regions, one a row."""
    return table("places")


def markets_table() -> pd.DataFrame:
    """Return attributes of countries in long form: country, indicator, year, value."""
    return table("markets")


def claims() -> pd.DataFrame:
    """Return what the founding documents claim and how each claim stands, one a row."""
    return table("claims")


def stamp() -> tuple:
    """Return a value that changes when any file of the ledger changes; for caches on top."""
    return tuple((name, _stamp(file)) for name, file in _files(data_dir()))


@cache
def _files(directory: Path) -> tuple[tuple[str, str], ...]:
    return tuple(
        (r["name"], str(directory / r["path"])) for r in descriptor(directory)["resources"]
    )

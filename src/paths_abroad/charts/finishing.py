"""The last step of every chart: what it says, in words, and where its figures come from."""

import copy
from collections.abc import Mapping, Sequence
from typing import TypeVar

import altair as alt
import pandas as pd

from paths_abroad.charts import labels
from paths_abroad.charts import rows as row_rules
from paths_abroad.charts.errors import ChartError
from paths_abroad.charts.theme import NARROW, WIDTH

KEY = "paths_abroad"
"""Where our words stand in ``usermeta``."""

AnyChart = TypeVar("AnyChart", bound=alt.TopLevelMixin)


def finish(
    chart: AnyChart,
    *,
    title: str,
    description: str,
    caption: str | None = None,
    rows: pd.DataFrame | None = None,
    sources: Sequence[str] | None = None,
    columns: Sequence[str] | None = None,
    computed: Mapping[str, float] | None = None,
    form: str | None = None,
    options: Mapping[str, object] | None = None,
) -> AnyChart:
    """Give a chart its finding, its description, its sources and its table.

    Parameters
    ----------
    chart : Altair chart
        Any; the chart forms call this themselves.
    title : str
        The finding, as a sentence.
    description : str
        What the chart shows, for a reader who cannot see it.
    caption : str, optional
        What must be known to read it: definitions, gaps, breaks.
    rows : DataFrame, optional
        The rows behind the picture, only where the drawn data are aggregated.
    sources : sequence of str, optional
        Source ids; by default those in the column ``source_id`` of the data.
    columns : sequence of str, optional
        Columns of the table on the page; by default the usual ones that exist (name, label, place,
        period, value, unit, qualifier, grade, source_id).
    computed : mapping, optional
        Figures of the description that are no row but were computed in the cell (a difference, a
        ratio), by a name that says what they are: ``{"points lost since 2020": 0.048}``.
    form, options
        For the chart forms: how to draw the chart again for a small screen.

    Returns
    -------
    Altair chart
        A copy of the same type; ``usermeta["paths_abroad"]`` holds what was given.

    Raises
    ------
    ChartError
        If title or description is empty, or ``columns`` names a column that is not there.
    """
    for name, words in (("title", title), ("description", description)):
        if not isinstance(words, str) or not words.strip():
            raise ChartError(f"finish: {name} is empty; say in a sentence what the chart shows")
    meta: dict = {"title": " ".join(title.split())}
    if caption:
        meta["caption"] = " ".join(caption.split())
    drawn = datasets(chart.to_dict())
    table = _plain(rows) if rows is not None else _main(drawn)
    there = list(dict.fromkeys(column for row in table for column in row))
    for column in columns or ():
        if column not in there:
            raise ChartError(f"finish: no column {column!r}; the rows have {', '.join(there)}")
    meta["columns"] = list(columns or [c for c in row_rules.HUMAN if c in there] or there)
    given = sources if sources is not None else sources_in([table, *drawn])
    meta["sources"] = list(dict.fromkeys(given))
    if rows is not None:
        meta["rows"] = [{c: row[c] for c in meta["columns"] if c in row} for row in table]
    if computed:
        meta["computed"] = {str(k): float(v) for k, v in computed.items()}
    if form:
        meta["form"] = form
        meta["options"] = dict(options or {})
    done = chart.copy(deep=True)
    done.title = heading(meta["title"], _width(chart))
    done.description = " ".join(description.split())
    done.usermeta = {KEY: meta}
    return done


def heading(title: str, width: float = WIDTH) -> alt.TitleParams:
    """Break a finding into lines that fit above the picture."""
    size = 15 if width <= NARROW else 17
    return alt.TitleParams(text=labels.wrap(title, width, size * 1.04), fontSize=size)


def _width(chart: alt.TopLevelMixin) -> float:
    width = getattr(chart, "width", alt.Undefined)
    return width if isinstance(width, int | float) else WIDTH


def _plain(rows: pd.DataFrame) -> list[dict]:
    """Turn a DataFrame into rows of plain JSON values, dates as days."""
    made = rows.copy()
    for column in made:
        if pd.api.types.is_datetime64_any_dtype(made[column]):
            made[column] = made[column].dt.strftime("%Y-%m-%d")
    return [
        {k: (v.item() if hasattr(v, "item") else v) for k, v in row.items() if not _empty(v)}
        for row in made.to_dict("records")
    ]


def _empty(value: object) -> bool:
    return value is None or (isinstance(value, float) and value != value) or value is pd.NaT


def datasets(spec: Mapping) -> list[list[dict]]:
    """Return the tables inside a specification, in order of appearance and each once."""
    named = spec.get("datasets", {})
    found: list[list[dict]] = []

    def walk(node: object) -> None:
        if isinstance(node, Mapping):
            data = node.get("data")
            if isinstance(data, Mapping):
                values = data.get("values", named.get(data.get("name")))
                if isinstance(values, list) and values and values not in found:
                    found.append(values)
            for key, child in node.items():
                if key not in ("data", "datasets", "usermeta", "config"):
                    walk(child)
        elif isinstance(node, list | tuple):
            for child in node:
                walk(child)

    walk({"data": spec.get("data")})
    walk(spec)
    return [table for table in found if all(isinstance(row, Mapping) for row in table)]


def _main(drawn: list[list[dict]]) -> list[dict]:
    """The table that the chart is about: the largest that names sources, else the largest."""
    named = [table for table in drawn if any("source_id" in row for row in table)]
    return max(named or drawn or [[]], key=len)


def sources_in(tables: Sequence[Sequence[Mapping]]) -> list[str]:
    """Collect source ids from tables, in order of first appearance, each once."""
    return list(
        dict.fromkeys(
            str(row["source_id"]) for table in tables for row in table if row.get("source_id")
        )
    )


def meta_of(spec: Mapping) -> dict:
    """Return what `finish` wrote into a specification; empty where it did not pass there."""
    usermeta = spec.get("usermeta")
    meta = usermeta.get(KEY) if isinstance(usermeta, Mapping) else None
    return meta if isinstance(meta, dict) else {}


def rows_of(spec: Mapping) -> list[dict]:
    """Return the rows of the table on the page: stated ones, else those of the drawn data.

    Parameters
    ----------
    spec : dict
        A Vega-Lite specification.

    Returns
    -------
    list of dict
        Column -> value, in the order of ``usermeta.paths_abroad.columns``.
    """
    meta = meta_of(spec)
    table = meta["rows"] if "rows" in meta else _main(datasets(spec))
    columns = meta.get("columns")
    if not columns:
        return copy.deepcopy(table)
    return [{column: row.get(column) for column in columns} for row in table]


def sources_of(spec: Mapping) -> list[str]:
    """Return the source ids of a chart: stated ones, else those of the drawn data."""
    meta = meta_of(spec)
    if meta.get("sources"):
        return list(meta["sources"])
    return sources_in([meta.get("rows", []), *datasets(spec)])


def title_of(spec: Mapping) -> str:
    """Return the finding of a chart as one line; empty where it has none."""
    title = meta_of(spec).get("title") or spec.get("title", "")
    if isinstance(title, Mapping):
        title = title.get("text", "")
    return " ".join(title) if isinstance(title, list) else str(title)


def page_spec(spec: Mapping) -> dict:
    """Return the specification as drawn on a page: without its title, which the page writes."""
    return {key: value for key, value in spec.items() if key != "title"}

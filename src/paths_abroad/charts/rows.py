"""What every form asks of its rows, before anything is drawn."""

from collections.abc import Sequence

import pandas as pd

from paths_abroad.charts.errors import ChartError
from paths_abroad.ledger import periods

HUMAN = (
    "name",
    "label",
    "place",
    "period",
    "value",
    "unit",
    "qualifier",
    "grade",
    "source_id",
)
"""Columns of the table on the page, in this order, as far as the rows have them."""


def checked(
    rows: pd.DataFrame,
    form: str,
    needs: Sequence[str],
    mixed: str | None = None,
) -> pd.DataFrame:
    """Refuse rows that a form cannot draw honestly; return a copy with a clean index.

    Parameters
    ----------
    rows : DataFrame
        As from ``ledger.series``.
    form : str
        Name of the form, for the message.
    needs : sequence of str
        Columns that must be there.
    mixed : str, optional
        Why several metrics or kinds of period may share the axis; without it they may not.

    Raises
    ------
    ChartError
        One line: the form, the column, what is wrong, what is allowed.
    """
    if not isinstance(rows, pd.DataFrame):
        raise ChartError(f"{form}: rows must be a pandas DataFrame, not {type(rows).__name__}")
    if rows.empty:
        raise ChartError(f"{form}: no rows to draw")
    for column in needs:
        if column not in rows:
            raise ChartError(
                f"{form}: no column {column!r}; the rows have {', '.join(map(str, rows.columns))}"
            )
    rows = rows.reset_index(drop=True)
    if "value" in needs:
        _values(rows, form)
        _one_kind(rows, form, mixed)
    return rows


def _values(rows: pd.DataFrame, form: str) -> None:
    if not pd.api.types.is_numeric_dtype(rows["value"]):
        raise ChartError(f"{form}: column 'value' must hold numbers, not {rows['value'].dtype}")
    if rows["value"].isna().any():
        raise ChartError(
            f"{form}: column 'value' is empty in {int(rows['value'].isna().sum())} of {len(rows)} "
            "rows; drop them, a gap is drawn as a gap"
        )


def _one_kind(rows: pd.DataFrame, form: str, mixed: str | None) -> None:
    units = _distinct(rows, "unit")
    if len(units) > 1:
        raise ChartError(
            f"{form}: column 'unit' holds {' and '.join(units)}; one axis has one unit, "
            "so draw a chart for each"
        )
    metrics = _distinct(rows, "metric")
    if len(metrics) > 1 and not mixed:
        raise ChartError(
            f"{form}: column 'metric' holds {' and '.join(metrics)}, which are not the same thing; "
            "keep one, or pass mixed='why they may share an axis' (it is added to the caption)"
        )


def one_form_of_period(rows: pd.DataFrame, form: str, mixed: str | None) -> None:
    """Refuse a line through years and quarters at once; days and months are points in time."""
    if "period" not in rows:
        return
    try:
        forms = {periods.form_of(str(period)) for period in rows["period"]}
    except ValueError as error:
        raise ChartError(f"{form}: column 'period': {error}") from None
    if len(forms - {"day"}) > 1 and not mixed:
        raise ChartError(
            f"{form}: column 'period' holds {' and '.join(sorted(forms))}; keep one with "
            "ledger.series(..., period='year'), or pass mixed='why they may share a line'"
        )


def no_two_for_one_point(rows: pd.DataFrame, form: str, by: list[str]) -> None:
    """Refuse two values for one point of a line or one bar."""
    twice = rows[rows.duplicated(by, keep=False)]
    if not twice.empty:
        first = twice.iloc[0]
        what = ", ".join(str(first[column]) for column in by)
        raise ChartError(
            f"{form}: {len(twice[(twice[by] == first[by]).all(axis=1)])} values for {what} "
            f"(columns {', '.join(by)}); keep one place and one of main and rival"
        )


def _distinct(rows: pd.DataFrame, column: str) -> list[str]:
    return sorted(rows[column].astype(str).unique()) if column in rows else []


def unit_of(rows: pd.DataFrame) -> str:
    """Return the one unit of the rows; bare numbers where none is stated."""
    return str(rows["unit"].iloc[0]) if "unit" in rows else "count"


def kept(rows: pd.DataFrame, *drawn: str) -> pd.DataFrame:
    """Keep the columns that are drawn or tabled, in a fixed order, and nothing else."""
    wanted = [*HUMAN, *drawn]
    columns = [column for column in dict.fromkeys(wanted) if column in rows]
    held = rows[columns]
    return without_nan(held)


def without_nan(rows: pd.DataFrame) -> pd.DataFrame:
    """Make missing texts empty. NaN is not JSON, and Altair turns None in a column back into it."""
    texts = [c for c in rows if not pd.api.types.is_numeric_dtype(rows[c])]
    return rows.assign(**{c: rows[c].astype(object).where(rows[c].notna(), "") for c in texts})

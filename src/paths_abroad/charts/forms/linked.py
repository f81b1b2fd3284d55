"""The linked pair: shares over time, and beside them the ranking of one chosen quarter."""

from collections.abc import Mapping, Sequence

import altair as alt
import pandas as pd

from paths_abroad.charts import labels as text
from paths_abroad.charts import marks, times, units
from paths_abroad.charts.errors import ChartError
from paths_abroad.charts.finishing import finish
from paths_abroad.charts.forms.lines import captioned, human, layers_of, prepare, tooltip
from paths_abroad.charts.forms.ranking import bar_layers
from paths_abroad.charts.theme import INK, NARROW, WIDTH

CHOICE = "chosen_period"
"""Name of the selection that links the two pictures."""


def linked_shares(
    rows: pd.DataFrame,
    *,
    title: str,
    description: str,
    caption: str | None = None,
    default: str | None = None,
    color: str = "name",
    highlight: str | Sequence[str] | None = None,
    y_title: str | None = None,
    choice_title: str | None = None,
    mixed: str | None = None,
    computed: Mapping[str, float] | None = None,
    sources: Sequence[str] | None = None,
    width: int = WIDTH,
    height: int = 300,
) -> alt.HConcatChart:
    """Draw shares over time and, linked to them, ranked bars of one period.

    Where scripts run, the period is chosen by pointing at the lines or from a list (by keyboard).
    The still picture shows the default.

    Parameters
    ----------
    rows : DataFrame
        As from ``ledger.series``, with ``period``, values as shares.
    title, description, caption, computed, sources
        As in `finish`.
    default : str, optional
        Period shown at first, as in the ledger (``"2020Q2"``); by default the latest.
    color, highlight, y_title, mixed
        As in `shares`.
    choice_title : str, optional
        Words before the list of periods; by default ``Quarter`` or ``Year``.
    width, height : int
        Pixels.

    Returns
    -------
    alt.HConcatChart
        Finished.

    Raises
    ------
    ChartError
        As in `shares`; also if ``default`` is no period of the rows.
    """
    if isinstance(rows, pd.DataFrame) and "period" not in rows:
        raise ChartError(
            f"linked_shares: no column 'period'; the rows have {', '.join(map(str, rows))}"
        )
    frame, options = prepare(
        rows,
        "linked_shares",
        color=color,
        highlight=highlight if highlight is not None else [],
        y_title=y_title,
        y_format=None,
        log=False,
        zero=True,
        rules=None,
        labels=True,
        mixed=mixed,
        size=(width, height),
    )
    known = sorted(set(frame["period"]), key=times.start)
    if default is not None and default not in known:
        raise ChartError(
            f"linked_shares: default={default!r} is no period of the rows, "
            f"which run from {known[0]} to {known[-1]}"
        )
    form = times.periods.form_of(known[0]).replace("fiscal_", "")
    options["periods"] = {period: times.short(period) for period in known}
    options["default"] = default or known[-1]
    options["choice_title"] = choice_title or form.capitalize()
    largest = max(frame["value"])
    frame["brief"] = [units.bare(float(v), options["unit"], largest) for v in frame["value"]]
    frame["style"] = [marks.style(one) for one in frame.get("qualifier", ["exact"] * len(frame))]
    return finish(
        draw(frame, options),
        title=title,
        description=description,
        caption=captioned(caption, mixed),
        computed=computed,
        sources=sources,
        columns=human(frame, color),
        form="linked_shares",
        options=options,
    )


def draw(
    frame: pd.DataFrame, options: dict, narrow: bool = False
) -> alt.HConcatChart | alt.VConcatChart:
    """Draw a prepared pair, side by side, or one below the other on a small screen."""
    size = 11 if narrow else 12
    full, high = options["size"]
    names = max(text.width(name, size) for name in options["colours"])
    gutter = names + 26
    if narrow:
        left = NARROW - 58 - gutter
        bars = NARROW - names - 30
        high = min(high, 230)
    else:
        bars = max(120, 0.26 * full)
        left = full - 58 - gutter - 26 - names - bars
    # Names alone at the ends of the lines: the values of the chosen period stand in the bars.
    plain = {**options, "short": {name: name for name in options["colours"]}}
    lines = layers_of(frame, plain, left + 48 + gutter, high, narrow=narrow)
    pointer = (
        alt.Chart(frame)
        .mark_point(opacity=0, size=60)
        .encode(x="at:Q", y="value:Q", tooltip=tooltip(frame, options["color"]))
        .add_params(_choice(options))
    )
    here = (
        alt.Chart(frame)
        .transform_filter({"param": CHOICE, "empty": False})
        .transform_aggregate(groupby=["at", "when"])
        .encode(x="at:Q")
    )
    rule = here.mark_rule(color=INK, strokeWidth=1, tooltip=None)
    over_time = marks.independent(alt.layer(rule, *lines, pointer)).properties(
        width=round(left), height=high
    )
    bar_options = {
        "category": options["color"],
        "order": list(options["colours"]),
        "colours": options["colours"],
        "unit": options["unit"],
        "x_title": "",
    }
    ranked = bar_layers(
        frame,
        bar_options,
        bars + names,
        size,
        order=alt.EncodingSortField(field="value", op="max", order="descending"),
    )
    heading = marks.head(alt.Chart(frame).transform_aggregate(groupby=["when"]), size).encode(
        x=alt.value(0), y=alt.value(-8), text="when:N"
    )
    ranking = (
        marks.independent(alt.layer(*ranked, heading))
        .transform_filter({"param": CHOICE, "empty": False})
        .properties(width=round(bars), height=high if not narrow else 24 * len(options["colours"]))
    )
    if narrow:
        return alt.vconcat(over_time, ranking, spacing=34)
    return alt.hconcat(over_time, ranking, spacing=24)


def _choice(options: dict) -> alt.Parameter:
    """Make the selection: the nearest point under the pointer, or an entry of a list."""
    periods = options["periods"]
    return alt.selection_point(
        name=CHOICE,
        fields=["period"],
        on="pointerover",
        nearest=True,
        clear=False,
        value=[{"period": options["default"]}],
        bind=alt.binding_select(
            options=list(periods), labels=list(periods.values()), name=options["choice_title"] + " "
        ),
    )

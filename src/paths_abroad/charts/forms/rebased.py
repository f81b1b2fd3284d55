"""The index pair: figures over time against a base year that the reader chooses, and who leads."""

from collections.abc import Mapping, Sequence

import altair as alt
import pandas as pd

from paths_abroad.charts import labels as text
from paths_abroad.charts import marks, times
from paths_abroad.charts.errors import ChartError
from paths_abroad.charts.finishing import finish
from paths_abroad.charts.forms.lines import dash, human, prepare, x_axis
from paths_abroad.charts.forms.ranking import category_axis
from paths_abroad.charts.theme import GRID, INK, MUTED, NARROW, WIDTH

BASE = "base_period"
"""Name of the parameter that holds the base."""


def rebased(
    rows: pd.DataFrame,
    *,
    title: str,
    description: str,
    caption: str | None = None,
    base: str,
    end: str,
    bases: Sequence[str] | None = None,
    color: str = "name",
    highlight: str | Sequence[str] | None = None,
    computed: Mapping[str, float] | None = None,
    sources: Sequence[str] | None = None,
    width: int = WIDTH,
    height: int = 300,
) -> alt.HConcatChart:
    """Draw figures as an index (base = 100) and, beside them, the ranking at the end.

    Where scripts run, the base is chosen from a list, and both pictures follow. The still picture
    shows ``base``. A line that has no figure for the base is not drawn.

    Parameters
    ----------
    rows : DataFrame
        As from ``ledger.series``: raw figures of one unit; the index is computed in the chart.
    title, description, caption, computed, sources
        As in `finish`. Index numbers in the description are no rows: give them in ``computed``.
    base : str
        Period set to 100 at first, as in the ledger (``"2007"``).
    end : str
        Period of the ranking.
    bases : sequence of str, optional
        Periods to choose from; by default all before ``end``.
    color, highlight
        As in `shares`; the bars beside the lines say which colour is whose.
    width, height : int
        Pixels.

    Returns
    -------
    alt.HConcatChart
        Finished; its table holds the raw figures.

    Raises
    ------
    ChartError
        As in `line`; also if ``base``, ``end`` or one of ``bases`` is no period of the rows.
    """
    frame, options = prepare(
        rows,
        "line",
        color=color,
        highlight=highlight,
        y_title=None,
        y_format=None,
        log=False,
        zero=True,
        rules=None,
        labels=False,
        mixed=None,
        size=(width, height),
    )
    known = sorted(set(frame["period"]), key=times.start)
    offered = list(bases) if bases is not None else [p for p in known if p < end]
    for period in (base, end, *offered):
        if period not in known:
            raise ChartError(
                f"rebased: {period!r} is no period of the rows, "
                f"which run from {known[0]} to {known[-1]}"
            )
    last = frame.groupby(color, sort=False)["period"].transform("last")
    held = set(frame.loc[frame["period"] == end, color])
    stops = (frame["period"] == last) & ~frame[color].isin(held)
    frame = frame.assign(stops=frame[color].astype(str).where(stops, ""))
    options |= {"base": base, "end": end, "bases": sorted({*offered, base}, key=times.start)}
    return finish(
        draw(frame, options),
        title=title,
        description=description,
        caption=caption,
        computed=computed,
        sources=sources,
        columns=human(frame, color),
        form="rebased",
        options=options,
    )


def draw(
    frame: pd.DataFrame, options: dict, narrow: bool = False
) -> alt.HConcatChart | alt.VConcatChart:
    """Draw a prepared pair, side by side, or one below the other on a small screen."""
    size = 11 if narrow else 12
    full, high = options["size"]
    color, colours = options["color"], options["colours"]
    names = max(text.width(name, size) for name in colours)
    bars = NARROW - names - 62 if narrow else max(100, 0.22 * full)
    left = NARROW - 58 if narrow else full - 116 - names - bars
    choice = alt.param(
        name=BASE,
        value=options["base"],
        bind=alt.binding_select(options=options["bases"], name="Base year "),
    )
    hue = {"scale": marks.name_scale(colours), "legend": None}
    made = (
        alt.Chart(frame)
        .transform_calculate(at_base=f"datum.period === {BASE} ? datum.value : 0")
        .transform_joinaggregate(base_value="max(at_base)", groupby=[color])
        .transform_filter("datum.base_value > 0")
        .transform_calculate(index="100 * datum.value / datum.base_value")
    )
    x, edges = x_axis(options["span"], options["yearly"], left, size)
    title = "Index, base year = 100"
    y = alt.Y(
        "index:Q",
        scale=alt.Scale(zero=True),
        axis=alt.Axis(title=title, tickCount=5, labelFontSize=size, titleFontSize=size),
    )
    words = [
        alt.Tooltip(f"{color}:N", title="who"),
        alt.Tooltip("when:N", title="when"),
        alt.Tooltip("index:Q", title="index", format=".0f"),
        alt.Tooltip("shown:N", title="value"),
        *[alt.Tooltip(f"{c}:N") for c in ("qualifier", "grade") if c in frame],
    ]
    rule = made.transform_filter(f"datum.period === {BASE}").transform_aggregate(groupby=["at"])
    lines = made.transform_flatten(["runs"]).transform_filter("datum.runs !== null")
    layers = [
        *edges,
        rule.mark_rule(color=MUTED, strokeWidth=1, tooltip=None).encode(x="at:Q"),
        lines.mark_line(strokeWidth=2, tooltip=None).encode(
            x=x, y=y, stroke=alt.Stroke(f"{color}:N", **hue), detail="runs:N", strokeDash=dash()
        ),
        marks.points(made.encode(x=x, y=y), colours, color, "grade" in frame, size=26).encode(
            tooltip=words
        ),
    ]
    # Who has no figure at the end has no bar to say whose line it is.
    layers += marks.haloed(
        made.transform_filter("datum.stops !== ''").encode(x=x, y=y, text="stops:N"),
        align="left",
        baseline="middle",
        dx=7,
        fontSize=size,
        color=INK,
        tooltip=None,
    )
    layers += marks.legend(
        frame.get("grade", []),
        {run.split()[1] for runs in frame["runs"] for run in runs},
        ({"datum": options["span"][0]}, {"datum": 0}),
        narrow=True,  # a wide legend would push the bars away
    )
    over_time = marks.independent(alt.layer(*layers)).properties(
        width=round(left), height=min(high, 230) if narrow else high
    )
    last = made.transform_filter(f"datum.period === '{options['end']}'")
    ranked = last.encode(
        y=alt.Y(
            f"{color}:N",
            sort=alt.EncodingSortField(field="index", op="max", order="descending"),
            scale=alt.Scale(paddingInner=0.42, paddingOuter=0.2),
            axis=category_axis(list(colours), names + 6, size),
        ),
    )
    across = alt.X("index:Q", scale=alt.Scale(zero=True, nice=False), axis=None)
    bar_layers = [
        ranked.mark_bar(tooltip=None).encode(x=across, fill=alt.Fill(f"{color}:N", **hue)),
        ranked.mark_text(align="left", dx=5, fontSize=size, color=INK, tooltip=None).encode(
            x=across, text=alt.Text("index:Q", format=".0f")
        ),
        marks.head(
            alt.Chart(alt.Data(values=[{"words": f"Index of {options['end']}"}])), size
        ).encode(x=alt.value(0), y=alt.value(-8), text="words:N"),
        alt.Chart(alt.Data(values=[{}]))
        .mark_rule(color=GRID, tooltip=None)
        .encode(x=alt.value(0), y=alt.value(0), y2=alt.value("height")),
    ]
    ranking = marks.independent(alt.layer(*bar_layers)).properties(
        width=round(bars), height=24 * len(colours) if narrow else high
    )
    pair = alt.vconcat if narrow else alt.hconcat
    return pair(over_time, ranking, spacing=34 if narrow else 24).add_params(choice)

"""Values side by side: ranked bars (`bars`), and two values per thing (`dumbbell`)."""

from collections.abc import Mapping, Sequence

import altair as alt
import pandas as pd

from paths_abroad.charts import labels as text
from paths_abroad.charts import marks, times, units
from paths_abroad.charts import rows as row_rules
from paths_abroad.charts.errors import ChartError
from paths_abroad.charts.finishing import finish
from paths_abroad.charts.forms.lines import captioned, human, tooltip
from paths_abroad.charts.theme import (
    EMPHASIS,
    GRID,
    INK,
    MUTED,
    NARROW,
    OTHER,
    WIDTH,
)

STEP = 30
"""Pixels from one bar to the next."""


def bars(
    rows: pd.DataFrame,
    *,
    title: str,
    description: str,
    caption: str | None = None,
    category: str = "name",
    sort: str | Sequence[str] = "-value",
    highlight: str | Sequence[str] | None = None,
    rule: tuple[float, str] | None = None,
    x_title: str | None = None,
    mixed: str | None = None,
    computed: Mapping[str, float] | None = None,
    sources: Sequence[str] | None = None,
    width: int = WIDTH,
) -> alt.LayerChart:
    """Draw ranked bars, each with its value; the point at its end says how the figure is known.

    Parameters
    ----------
    rows : DataFrame
        As from ``ledger.series``: one row a bar, ``value`` in one ``unit``.
    title, description, caption, computed, sources
        As in `finish`.
    category : str
        Column that names the bars.
    sort : {"-value", "value", "rows"} or sequence of str
        Largest first, smallest first, as the rows stand, or the names in order.
    highlight : str or sequence of str, optional
        Bars in colour, the others grey; by default all in colour.
    rule : (float, str), optional
        A value to measure the bars by, and its name: a line across all of them.
    x_title : str, optional
        What is measured; the unit is added. By default the label of the metric.
    mixed : str, optional
        Why several metrics may share the axis; added to the caption.
    width : int
        Pixels; the height follows from the number of bars.

    Returns
    -------
    alt.LayerChart
        Finished. Estimates and targets are pale bars with a dashed or dotted outline.

    Raises
    ------
    ChartError
        If a column is missing, units or metrics differ, two rows claim one bar, or ``sort`` or
        ``highlight`` names what is not there.
    """
    frame = row_rules.checked(rows, "bars", ["value", category], mixed)
    row_rules.no_two_for_one_point(frame, "bars", [category])
    frame = dressed(frame)
    names = [str(name) for name in frame[category]]
    order = _order(frame, category, sort, names)
    frame = frame.assign(_order=[order.index(name) for name in names]).sort_values("_order")
    frame = frame.reset_index(drop=True)
    options = bar_options(frame, "bars", category, order, highlight, x_title, width, rule)
    frame = row_rules.kept(frame, category, "when", "shown", "brief", "style")
    return finish(
        draw_bars(frame, options),
        title=title,
        description=description,
        caption=captioned(caption, mixed),
        computed=computed,
        sources=sources,
        columns=human(frame, category),
        form="bars",
        options=options,
    )


def dressed(frame: pd.DataFrame) -> pd.DataFrame:
    """Add what is drawn: the value in words, the period as a label, the style of the qualifier."""
    unit = row_rules.unit_of(frame)
    largest = max(abs(value) for value in frame["value"])
    frame = frame.assign(
        shown=[units.shown(float(value), unit) for value in frame["value"]],
        brief=[units.bare(float(value), unit, largest) for value in frame["value"]],
    )
    if "period" in frame:
        frame["when"] = [times.short(str(period)) for period in frame["period"]]
    held = frame["qualifier"] if "qualifier" in frame else ["exact"] * len(frame)
    frame["style"] = [marks.style(one) for one in held]
    return frame


def _order(
    frame: pd.DataFrame, category: str, sort: str | Sequence[str], names: list[str]
) -> list[str]:
    if sort in ("-value", "value"):
        ranked = frame.sort_values("value", ascending=sort == "value", kind="stable")
        return [str(name) for name in ranked[category]]
    if sort == "rows":
        return names
    if isinstance(sort, str) or set(sort) != set(names):
        raise ChartError(
            f"bars: sort={sort!r}; allowed are '-value', 'value', 'rows', or a list of exactly "
            f"{', '.join(names)}"
        )
    return list(sort)


def bar_options(
    frame: pd.DataFrame,
    form: str,
    category: str,
    order: list[str],
    highlight: str | Sequence[str] | None,
    x_title: str | None,
    width: int,
    rule: tuple[float, str] | None,
) -> dict:
    """Gather what `bar_layers` asks for, from the arguments of a form of bars."""
    chosen = chosen_names(frame, category, highlight, order, form)
    return {
        "category": category,
        "order": order,
        "colours": {name: EMPHASIS if name in chosen else OTHER for name in order},
        "unit": row_rules.unit_of(frame),
        "x_title": x_title or (str(frame["label"].iloc[0]) if "label" in frame else "Value"),
        "width": width,
        "rule": list(rule) if rule else None,
    }


def chosen_names(
    frame: pd.DataFrame,
    category: str,
    highlight: str | Sequence[str] | None,
    names: list[str],
    form: str,
) -> list[str]:
    """Return the names in colour; a company may be called by its slug, too."""
    if highlight is None:
        return names
    slugs = {}
    if "company" in frame and category == "name":
        slugs = dict(zip(frame["company"], frame["name"], strict=True))
    asked = [highlight] if isinstance(highlight, str) else list(highlight)
    chosen = [slugs.get(one, one) for one in asked]
    for one in chosen:
        if one not in names:
            raise ChartError(
                f"{form}: nothing to highlight under {one!r}; the rows have {', '.join(names)}"
            )
    return chosen


def _title(words: str, suffix: str) -> str | None:
    return ", ".join(part for part in (words, suffix) if part) if words else None


def category_axis(order: Sequence[str], room: float, size: int) -> alt.Axis:
    """Make the axis of names: dark, at the left, as wide as it needs."""
    return alt.Axis(
        title=None,
        labelColor=INK,
        labelFontSize=size,
        labelLimit=room * 1.3,
        domain=False,
        ticks=False,
        grid=False,
    )


def draw_bars(frame: pd.DataFrame, options: dict, narrow: bool = False) -> alt.LayerChart:
    """Draw prepared bars; also how they are drawn again for a small screen."""
    wide = NARROW if narrow else options["width"]
    size = 11 if narrow else 12
    order = options["order"]
    layers = bar_layers(frame, options, wide, size)
    at = ({"datum": 0}, {"datum": order[0]})
    layers += marks.legend(
        frame.get("grade", []),
        set(frame["style"]),
        at,
        narrow=narrow,
        offset=30 if options.get("rule") else 12,  # clear of the name of the rule
    )
    return marks.independent(alt.layer(*layers)).properties(
        width=wide,
        height=STEP * len(order),
        autosize=alt.AutoSizeParams(type="fit-x", contains="padding"),
    )


def bar_layers(
    frame: pd.DataFrame,
    options: dict,
    wide: float,
    size: int,
    *,
    order: Sequence[str] | alt.EncodingSortField | None = None,
    high: float | None = None,
) -> list[alt.LayerChart]:
    """Return the layers of a chart of bars: outline, end point and value."""
    category, colours = options["category"], options["colours"]
    ruled = options.get("rule")
    held = [*frame["value"].dropna()]
    reach = [*held, ruled[0]] if ruled else held
    low, top = min(0.0, *reach), max(0.0, *reach)
    names = max(text.width(name, size) for name in colours)
    room = min(names + 6, wide * 0.42)
    label = max(text.width(words, size) for words in frame["brief"]) + 16
    # The value stands right of the longest bar, and the axis ends where it ends.
    spare = (top - low) * label / max(wide - room - label, 40)
    suffix = units.axis(held, options["unit"]).suffix
    where = {
        "scale": alt.Scale(domain=[low, high or top + spare], nice=False),
        "axis": alt.Axis(
            title=_title(options["x_title"], suffix),
            orient="top",
            values=[0],
            labels=False,
            ticks=False,
            domain=False,
            grid=True,
            gridColor=MUTED,
            titleAnchor="start",
            titlePadding=8,
            titleFontSize=size,
        ),
    }
    y = alt.Y(
        f"{category}:N",
        sort=list(options["order"]) if order is None else order,
        scale=alt.Scale(paddingInner=0.42, paddingOuter=0.2),
        axis=category_axis(options["order"], room, size),
    )
    base = alt.Chart(frame).encode(x=alt.X("value:Q", **where), y=y)
    scale = marks.name_scale(colours)
    dash = {
        "condition": [
            {"test": f"datum.style === '{one}'", "value": [4, 2] if one == "dashed" else [2, 2]}
            for one in ("dashed", "dotted")
        ],
        "value": [1, 0],
    }
    outline = base.mark_bar(strokeWidth=1.4, tooltip=None).encode(
        fill=alt.Fill(f"{category}:N", scale=scale, legend=None),
        stroke=alt.Stroke(f"{category}:N", scale=scale, legend=None),
        fillOpacity=alt.FillOpacityValue.from_dict(
            {
                "condition": [
                    {"test": "datum.style === 'dashed'", "value": 0.3},
                    {"test": "datum.style === 'dotted'", "value": 0},
                ],
                "value": 0.85,
            }
        ),
        strokeDash=alt.StrokeDashValue.from_dict(dash),
    )
    dots = marks.points(base, colours, category, "grade" in frame, size=40).encode(
        tooltip=tooltip(frame, category)
    )
    label = {"align": "left", "baseline": "middle", "dx": 9, "fontSize": size, "color": INK}
    words = base.encode(text="brief:N")
    if "end" in frame:  # a bar may be missing, or lie left of nought, under the rule
        written = marks.haloed(words.encode(x=alt.X("end:Q", **where)), **label, tooltip=None)
    elif ruled:  # the rule may run through the words of a bar that ends beside it
        written = marks.haloed(words, **label, tooltip=None)
    else:
        written = [words.mark_text(**label, tooltip=None)]
    return [outline, dots, *(_rule(ruled, size) if ruled else []), *written]


def _rule(rule: Sequence, size: int) -> list[alt.LayerChart]:
    """Draw the line that the bars are measured by, its name below its foot."""
    at = alt.Chart(alt.Data(values=[{"value": rule[0], "text": rule[1]}])).encode(x="value:Q")
    return [
        at.mark_rule(color=INK, strokeWidth=1.4, strokeDash=[6, 3], tooltip=None),
        *marks.haloed(
            at.encode(y=alt.value("height"), text="text:N"),
            align="right",
            baseline="top",
            dy=5,
            fontSize=size,
            fontWeight="bold",
            color=INK,
            tooltip=None,
        ),
    ]


def dumbbell(
    rows: pd.DataFrame,
    *,
    start: str,
    end: str,
    title: str,
    description: str,
    caption: str | None = None,
    category: str = "name",
    by: str = "period",
    sort: str | Sequence[str] = "-value",
    x_title: str | None = None,
    mixed: str | None = None,
    computed: Mapping[str, float] | None = None,
    sources: Sequence[str] | None = None,
    width: int = WIDTH,
) -> alt.LayerChart:
    """Draw two values per thing, joined by a line: before and after, one source and another.

    Parameters
    ----------
    rows : DataFrame
        As from ``ledger.series``.
    start, end : str
        The two values of column ``by`` that are compared, e.g. ``"2018"`` and ``"2023"``.
    title, description, caption, computed, sources
        As in `finish`.
    category : str
        Column that names the things. One without both values shows the point it has.
    by : str
        Column that tells the two values apart.
    sort : {"-value", "value", "rows"} or sequence of str
        By the value at ``end``, or as in `bars`.
    x_title, mixed, width
        As in `bars`.

    Returns
    -------
    alt.LayerChart
        Finished.

    Raises
    ------
    ChartError
        As in `bars`; also if no row has ``start`` or ``end`` in column ``by``.
    """
    if isinstance(rows, pd.DataFrame) and by in rows:
        for one in (start, end):
            if one not in set(rows[by].astype(str)):
                there = ", ".join(sorted(set(rows[by].astype(str))))
                raise ChartError(f"dumbbell: no row has {by} {one!r}; the rows have {there}")
        rows = rows[rows[by].astype(str).isin([start, end])]
    frame = row_rules.checked(rows, "dumbbell", ["value", category, by], mixed)
    row_rules.no_two_for_one_point(frame, "dumbbell", [category, by])
    frame = dressed(frame)
    frame["side"] = [1 if one == end else 0 for one in frame[by].astype(str)]
    last = frame.sort_values("side").drop_duplicates(category, keep="last")
    names = [str(name) for name in dict.fromkeys(frame[category])]
    order = _order(last, category, sort, names)
    other = {
        (str(name), side): value
        for name, side, value in zip(frame[category], frame["side"], frame["value"], strict=True)
    }
    pairs = [
        other.get((str(name), 1 - side))
        for name, side in zip(frame[category], frame["side"], strict=True)
    ]
    frame["left"] = [
        1 if pair is not None and (value, side) < (pair, 1 - side) else 0
        for value, side, pair in zip(frame["value"], frame["side"], pairs, strict=True)
    ]
    frame["side"] = ["end" if side else "start" for side in frame["side"]]
    frame["_order"] = [order.index(str(name)) for name in frame[category]]
    frame = frame.sort_values(["_order", "value"], kind="stable").reset_index(drop=True)
    heads = [times.short(one) if by == "period" else str(one) for one in (start, end)]
    options = {
        "category": category,
        "order": order,
        "heads": heads,
        "unit": row_rules.unit_of(frame),
        "x_title": x_title or (str(frame["label"].iloc[0]) if "label" in frame else "Value"),
        "width": width,
    }
    frame = row_rules.kept(frame, category, by, "when", "shown", "brief", "side", "left")
    return finish(
        draw_dumbbell(frame, options),
        title=title,
        description=description,
        caption=captioned(caption, mixed),
        computed=computed,
        sources=sources,
        columns=human(frame, category, by),
        form="dumbbell",
        options=options,
    )


def draw_dumbbell(frame: pd.DataFrame, options: dict, narrow: bool = False) -> alt.LayerChart:
    """Draw prepared pairs; also how they are drawn again for a small screen."""
    wide = NARROW if narrow else options["width"]
    size = 11 if narrow else 12
    category = options["category"]
    low, top = min(frame["value"]), max(frame["value"])
    label = max(text.width(words, size) for words in frame["brief"]) + 12
    room = min(max(text.width(name, size) for name in options["order"]) + 12, wide * 0.48)
    plot = max(wide - room, 2 * label + 60)
    margin = ((top - low) or abs(top) or 1) * label / (plot - 2 * label)
    heads, raised = _heads(frame, options, size, plot, (low - margin, top + margin))
    suffix = units.axis([*frame["value"]], options["unit"]).suffix
    x = alt.X(
        "value:Q",
        scale=alt.Scale(domain=[low - margin, top + margin], nice=False, zero=False),
        axis=alt.Axis(
            title=_title(options["x_title"], suffix),
            orient="top",
            labels=False,
            ticks=False,
            domain=False,
            grid=False,
            titleAnchor="start",
            titlePadding=26 + raised,
            titleFontSize=size,
        ),
    )
    y = alt.Y(
        f"{category}:N",
        sort=list(options["order"]),
        scale=alt.Scale(type="point", padding=0.6),
        axis=alt.Axis(
            title=None,
            labelColor=INK,
            labelFontSize=size,
            labelLimit=room,
            domain=False,
            ticks=False,
            grid=True,
            gridColor=GRID,
        ),
    )
    base = alt.Chart(frame).encode(x=x, y=y)
    colours = {"start": MUTED, "end": EMPHASIS}
    scale = marks.name_scale(colours)
    fill = alt.Fill("side:N", scale=scale, legend=None)
    join = base.mark_line(color=OTHER, strokeWidth=3, opacity=0.45, tooltip=None).encode(
        detail=f"{category}:N", order="value:Q"
    )
    dots = marks.points(base, colours, "side", "grade" in frame, size=70).encode(
        tooltip=tooltip(frame, category)
    )
    layers = [join, dots]
    for left in (1, 0):
        layers.append(
            base.transform_filter(f"datum.left === {left}")
            .mark_text(
                align="right" if left else "left",
                baseline="middle",
                dx=-9 if left else 9,
                fontSize=size,
                tooltip=None,
            )
            .encode(text="brief:N", fill=fill)
        )
    layers += heads
    at = ({"datum": low}, {"datum": options["order"][0]})
    layers += marks.legend(frame.get("grade", []), [], at, narrow=narrow)
    return marks.independent(alt.layer(*layers)).properties(
        width=wide,
        height=STEP * len(options["order"]),
        autosize=alt.AutoSizeParams(type="fit-x", contains="padding"),
    )


def _heads(
    frame: pd.DataFrame, options: dict, size: int, plot: float, domain: tuple[float, float]
) -> tuple[list[alt.LayerChart], int]:
    """Write above the first pair which point is which; say how many pixels a second line took."""
    first = frame[frame[options["category"]].astype(str) == options["order"][0]]
    if len(first) < 2:  # then above the first pair that is complete
        counts = frame[options["category"]].value_counts(sort=False)
        whole = [name for name in options["order"] if counts.get(name, 0) == 2]
        first = frame[frame[options["category"]] == whole[0]] if whole else first
    layers, taken, line = [], None, 0
    for _, row in first.sort_values("left", ascending=False).iterrows():
        words = options["heads"][row["side"] == "end"]
        wide = text.width(words, size) * 1.08  # bold
        at = (row["value"] - domain[0]) / (domain[1] - domain[0]) * plot
        start = at + 6 - wide if row["left"] else at - 6
        align, x, shift = ("right", "value:Q", 6) if row["left"] else ("left", "value:Q", -6)
        # A head that would leave the picture stands at its edge instead.
        if start + wide > plot:
            align, x, shift, start = "right", alt.value("width"), 0, plot - wide
        elif start < 0 and wide <= plot:
            align, x, shift, start = "left", alt.value(0), 0, 0
        if taken is not None and start < taken + 10:
            line = size + 4  # no room beside the other head: above it
        taken = start + wide
        data = [{"value": row["value"], "text": words}]
        layers.append(
            alt.Chart(alt.Data(values=data))
            .mark_text(
                align=align,
                baseline="bottom",
                dx=shift,
                fontSize=size,
                fontWeight="bold",
                color=EMPHASIS if row["side"] == "end" else MUTED,
                tooltip=None,
            )
            .encode(x=x, y=alt.value(-4 - line), text="text:N")
        )
    return layers, line

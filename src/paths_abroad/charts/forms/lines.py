"""Figures over time: one line or a few (`line`), and the shares of several vendors (`shares`)."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

import altair as alt
import pandas as pd

from paths_abroad.charts import labels as text
from paths_abroad.charts import marks, times, units
from paths_abroad.charts import rows as row_rules
from paths_abroad.charts.errors import ChartError
from paths_abroad.charts.finishing import finish
from paths_abroad.charts.theme import GRID, MUTED, NARROW, OTHER, WIDTH, colours_for


def line(
    rows: pd.DataFrame,
    *,
    title: str,
    description: str,
    caption: str | None = None,
    color: str = "name",
    highlight: str | Sequence[str] | None = None,
    y_title: str | None = None,
    y_format: str | None = None,
    log: bool = False,
    zero: bool = True,
    rules: pd.DataFrame | None = None,
    rivals: pd.DataFrame | None = None,
    labels: bool = True,
    mixed: str | None = None,
    computed: Mapping[str, float] | None = None,
    sources: Sequence[str] | None = None,
    width: int = WIDTH,
    height: int = 320,
) -> alt.LayerChart:
    """Draw values over time, with points that show how each figure is known.

    A missing year or quarter interrupts the line; so does a break in the definition
    (``break_before``), which also gets a dashed rule with its words. Pieces of line next to an
    estimate are dashed.

    Parameters
    ----------
    rows : DataFrame
        As from ``ledger.series``: ``value`` in one ``unit``, ``period`` or ``date``, and ``color``.
    title, description, caption
        As in `finish`.
    color : str
        Column that tells the lines apart.
    highlight : str or sequence of str, optional
        Lines in colour, the others grey; by default all, up to eight.
    y_title : str, optional
        What is measured; the unit is added. By default the label of the metric.
    y_format : str, optional
        A d3 format for the ticks, in place of the one that fits the unit.
    log : bool
        Logarithmic axis; all values must be positive.
    zero : bool
        Whether the axis begins at nought.
    rules : DataFrame, optional
        Events as vertical rules: columns ``date`` (or ``period``) and ``label``.
    rivals : DataFrame, optional
        Rows that dispute points of the lines, as from ``ledger.series(..., series="rival")``:
        crosses beside the line, each with its value.
    labels : bool
        Label the lines at their ends; a single line gets its first and last value.
    mixed : str, optional
        Why several metrics or kinds of period may share the chart; added to the caption.
    computed, sources
        As in `finish`.
    width, height : int
        Pixels: of the whole picture, and of the plot.

    Returns
    -------
    alt.LayerChart
        Finished.

    Raises
    ------
    ChartError
        If rows are empty, a column is missing, units or metrics differ, periods of two kinds
        stand in one line, two values claim one point, or a logarithm is asked of nought.
    """
    frame, options = prepare(
        rows,
        "line",
        color=color,
        highlight=highlight,
        y_title=y_title,
        y_format=y_format,
        log=log,
        zero=zero,
        rules=rules,
        labels=labels,
        mixed=mixed,
        size=(width, height),
        rivals=rivals,
    )
    return finish(
        draw(frame, options),
        title=title,
        description=description,
        caption=captioned(caption, mixed),
        computed=computed,
        sources=_all_sources(sources, rows, rules, rivals),
        columns=human(frame, color),
        form="line",
        options=options,
    )


def shares(
    rows: pd.DataFrame,
    *,
    title: str,
    description: str,
    caption: str | None = None,
    color: str = "name",
    highlight: str | Sequence[str] | None = None,
    y_title: str | None = None,
    y_format: str | None = None,
    zero: bool = True,
    rules: pd.DataFrame | None = None,
    mixed: str | None = None,
    computed: Mapping[str, float] | None = None,
    sources: Sequence[str] | None = None,
    width: int = WIDTH,
    height: int = 360,
) -> alt.LayerChart:
    """Draw the shares of several vendors over time: one in colour, the others grey, all labelled.

    Parameters
    ----------
    rows : DataFrame
        As from ``ledger.series``, values as shares (0.13 for 13%).
    title, description, caption, computed, sources
        As in `finish`.
    color, y_title, y_format, zero, rules, mixed, width, height
        As in `line`.
    highlight : str or sequence of str, optional
        Vendors in colour, by name or slug; by default the first in the rows. Only their points
        are drawn.

    Returns
    -------
    alt.LayerChart
        Finished.

    Raises
    ------
    ChartError
        As in `line`; also if values are not shares or counts.
    """
    frame, options = prepare(
        rows,
        "shares",
        color=color,
        highlight=highlight if highlight is not None else [],
        y_title=y_title,
        y_format=y_format,
        log=False,
        zero=zero,
        rules=rules,
        labels=True,
        mixed=mixed,
        size=(width, height),
    )
    return finish(
        draw(frame, options),
        title=title,
        description=description,
        caption=captioned(caption, mixed),
        computed=computed,
        sources=_all_sources(sources, rows, rules),
        columns=human(frame, color),
        form="shares",
        options=options,
    )


def captioned(caption: str | None, mixed: str | None) -> str | None:
    """Join the caption and the reason why several metrics may share an axis; None without both."""
    return " ".join(part for part in (caption, mixed) if part) or None


def _all_sources(sources: Sequence[str] | None, *tables: pd.DataFrame | None) -> list[str] | None:
    """Sources of all that is drawn: rows, events drawn as rules, rivals. None if none is known."""
    if sources is not None:
        return list(sources)
    held = [table["source_id"] for table in tables if table is not None and "source_id" in table]
    return [str(one) for one in dict.fromkeys(pd.concat(held))] if held else None


def human(frame: pd.DataFrame, *more: str) -> list[str]:
    """Return the columns of the table on the page."""
    wanted = dict.fromkeys([*more, *row_rules.HUMAN])
    order = [c for c in row_rules.HUMAN if c in wanted] + [
        c for c in wanted if c not in row_rules.HUMAN
    ]
    return [column for column in order if column in frame]


def prepare(
    rows: pd.DataFrame,
    form: str,
    *,
    color: str,
    highlight: str | Sequence[str] | None,
    y_title: str | None,
    y_format: str | None,
    log: bool,
    zero: bool,
    rules: pd.DataFrame | None,
    labels: bool,
    mixed: str | None,
    size: tuple[int, int],
    rivals: pd.DataFrame | None = None,
) -> tuple[pd.DataFrame, dict]:
    """Check rows and turn them into what `draw` needs: a small table and plain options."""
    if isinstance(rows, pd.DataFrame) and "period" not in rows and "date" not in rows:
        raise ChartError(
            f"{form}: no column 'period' or 'date'; the rows have {', '.join(map(str, rows))}"
        )
    frame = row_rules.checked(rows, form, ["value", color], mixed)
    row_rules.one_form_of_period(frame, form, mixed)
    unit = row_rules.unit_of(frame)
    if form != "line" and unit not in ("share", "count"):
        raise ChartError(f"{form}: column 'unit' must be 'share', not {unit!r}; draw it with line")
    if log and (frame["value"] <= 0).any():
        raise ChartError(f"{form}: column 'value' must be positive for log=True")
    names = list(dict.fromkeys(frame[color].astype(str)))
    if isinstance(highlight, str):
        highlight = [highlight]
    if "company" in frame and color == "name":  # a company may be called by its slug, too
        slugs = dict(zip(frame["company"], frame["name"], strict=True))
        highlight = [slugs.get(one, one) for one in highlight] if highlight else highlight
    chosen = names if highlight is None else list(highlight) or names[:1]
    colours = colours_for(names, chosen, form)
    frame = frame.assign(at=times.of_rows(frame))
    row_rules.no_two_for_one_point(frame, form, [color, "period" if "period" in frame else "date"])
    order = {name: i for i, name in enumerate(names)}
    frame = frame.assign(_order=frame[color].astype(str).map(order))
    frame = frame.sort_values(["_order", "at"], kind="stable").reset_index(drop=True)
    frame["shown"] = [units.shown(float(value), unit) for value in frame["value"]]
    if "period" in frame:
        frame["when"] = [times.short(str(period)) for period in frame["period"]]
    else:
        frame["when"] = pd.to_datetime(frame["date"]).dt.strftime("%Y-%m-%d")
    frame["runs"] = _runs(frame, color)
    frame["dot"] = [
        1 if form == "line" or name in chosen or alone else 0
        for name, alone in zip(frame[color].astype(str), _alone(frame, color), strict=True)
    ]
    if rivals is not None:
        frame = _with_rivals(frame, rivals, unit)
    drawn_rules = [*_breaks(frame, color), *_events(rules, form)]
    yearly = "period" in frame and {times.periods.form_of(str(p)) for p in frame["period"]} <= {
        "year",
        "fiscal_year",
    }
    label = str(frame["label"].iloc[0]) if "label" in frame else "Value"
    options = {
        "color": color,
        "colours": colours,
        "chosen": chosen,
        "unit": unit,
        "y_title": y_title or label,
        "y_format": y_format,
        "log": log,
        "zero": zero,
        "labels": labels,
        "rules": drawn_rules,
        "yearly": bool(yearly),
        "named": _few_periods(frame),
        "span": _span(frame, drawn_rules),
        "size": list(size),
    }
    kept = row_rules.kept(frame, color, "at", "when", "shown", "runs", "dot", "rival")
    return kept.drop(columns=["period"]) if "period" not in rows else kept, options


def _with_rivals(frame: pd.DataFrame, rivals: pd.DataFrame, unit: str) -> pd.DataFrame:
    """Add the rows that dispute the others: no line, a mark of their own."""
    beside = row_rules.checked(rivals, "line", ["value"], "rivals dispute the line")
    if row_rules.unit_of(beside) != unit:
        raise ChartError(f"line: rivals must be in {unit!r}, not {row_rules.unit_of(beside)!r}")
    beside = beside.assign(
        at=times.of_rows(beside),
        shown=[units.shown(float(value), unit) for value in beside["value"]],
        when=[times.short(str(period)) for period in beside["period"]],
        runs=[[] for _ in range(len(beside))],
        dot=0,
        rival=1,
        break_before="",
    )
    return pd.concat([frame.assign(rival=0), beside], ignore_index=True)


def _main(frame: pd.DataFrame) -> pd.DataFrame:
    """Leave out the rivals."""
    return frame[frame["rival"] != 1] if "rival" in frame else frame


def _runs(frame: pd.DataFrame, color: str) -> list[list[str]]:
    """For each point, the pieces of line it belongs to, each named by number and style."""
    runs: list[list[str]] = [[] for _ in range(len(frame))]
    number = 0
    for _, group in frame.groupby(color, sort=False):
        places = list(group.index)
        current = None
        for before, here in pairwise(places):
            if not _joined(frame.loc[before], frame.loc[here]):
                current = None
                continue
            kind = marks.weaker(
                marks.style(frame.loc[before].get("qualifier")),
                marks.style(frame.loc[here].get("qualifier")),
            )
            if current is None or current[1] != kind:
                number += 1
                current = (number, kind)
                runs[before].append(f"{number} {kind}")
            runs[here].append(f"{current[0]} {kind}")
    return runs


def _joined(before: pd.Series, here: pd.Series) -> bool:
    """Whether a line may run between two points: no gap, no break in the definition."""
    if isinstance(here.get("break_before"), str) and here["break_before"]:
        return False
    if "period" not in here:
        return True
    first, second = times.index(str(before["period"])), times.index(str(here["period"]))
    return first is None or second is None or second - first == 1


def _alone(frame: pd.DataFrame, color: str) -> list[bool]:
    """A point that no line touches must be drawn, or it would be lost."""
    return [not runs for runs in frame["runs"]]


def _breaks(frame: pd.DataFrame, color: str) -> list[dict]:
    if "break_before" not in frame or "period" not in frame:
        return []
    span = max(frame["at"]) - min(frame["at"])
    found: set[tuple[float, str]] = set()
    for _, group in frame.groupby(color, sort=False):
        before = None
        for period, words in zip(group["period"], group["break_before"], strict=True):
            if isinstance(words, str) and words:
                at = times.start(str(period))
                if before is not None:  # clear of the point where the figure is for one day
                    at -= min((at - before) / 2, span * 0.03)
                found.add((round(at, 3), words))
            before = times.end(str(period))
    return [{"at": at, "label": words, "kind": "break"} for at, words in sorted(found)]


def _events(rules: pd.DataFrame | None, form: str) -> list[dict]:
    if rules is None:
        return []
    for column in ("date", "label"):
        if column not in rules:
            raise ChartError(
                f"{form}: rules need the columns 'date' and 'label'; "
                f"they have {', '.join(map(str, rules.columns))}"
            )
    days = pd.to_datetime(rules["date"])
    return [
        {"at": round(times.decimal(day.date()), 3), "label": str(label), "kind": "event"}
        for day, label in zip(days, rules["label"], strict=True)
    ]


def _span(frame: pd.DataFrame, drawn_rules: list[dict]) -> list[float]:
    if "period" in frame:
        low = min(times.start(str(period)) for period in frame["period"])
        high = max(times.end(str(period)) for period in frame["period"])
    else:
        low, high = min(frame["at"]), max(frame["at"])
    at = [rule["at"] for rule in drawn_rules]
    low, high = min([low, *at]), max([high, *at])
    pad = 0 if high > low else 0.5
    return [round(low - pad, 3), round(high + pad, 3)]


def draw(frame: pd.DataFrame, options: dict, narrow: bool = False) -> alt.LayerChart:
    """Draw a prepared table; also how a chart is drawn again for a small screen."""
    wide = NARROW if narrow else options["size"][0]
    high = min(options["size"][1], 300) if narrow else options["size"][1]
    layers = layers_of(frame, options, wide, high, narrow=narrow)
    return marks.independent(alt.layer(*layers)).properties(
        width=wide, height=high, autosize=alt.AutoSizeParams(type="fit-x", contains="padding")
    )


def layers_of(
    frame: pd.DataFrame,
    options: dict,
    wide: float,
    high: float,
    *,
    narrow: bool,
    legend: bool = True,
) -> list[alt.LayerChart]:
    """Return the layers of a line chart of a given size."""
    color, colours = options["color"], options["colours"]
    size = 11 if narrow else 12
    if narrow:
        options = {**options, "short": _short_names(list(colours))}
    gutter = _gutter(frame, options, size)
    plot = wide - 48 - gutter
    ruled, taken = marks.rules(options["rules"], tuple(options["span"]), (plot, high), size)
    scale = units.axis(
        list(frame["value"]),
        options["unit"],
        zero=options["zero"],
        log=options["log"],
        ticks=4 if high < 260 else 5,
        headroom=taken / high,
    )
    if options.get("named"):  # two or three halves or quarters: their names say more than months
        x, boundaries = _named_axis(options["span"], options["named"], size), []
    else:
        x, boundaries = x_axis(options["span"], options["yearly"], plot, size)
    y = y_axis(scale, options["y_title"], options["y_format"], size)
    base = alt.Chart(frame).encode(x=x, y=y)
    stroke = alt.Stroke(f"{color}:N", scale=marks.name_scale(colours), legend=None)
    lines = []
    # Grey lines lie below coloured ones, whatever the order of the rows.
    for emphasised in (False, True):
        held = [name for name in colours if (name in options["chosen"]) == emphasised]
        if held and any(frame["runs"]):
            lines.append(
                base.transform_filter(alt.FieldOneOfPredicate(field=color, oneOf=held))
                .transform_flatten(["runs"])
                .transform_filter("datum.runs !== null")
                .mark_line(strokeWidth=2.4 if emphasised else 1.6, tooltip=None)
                .encode(stroke=stroke, detail="runs:N", strokeDash=dash())
            )
    dots = marks.points(
        base.transform_filter("datum.dot === 1"),
        colours,
        color,
        "grade" in frame,
        size=30 if len(frame) > 40 else 46,
    ).encode(tooltip=tooltip(frame, color))
    layers = [*boundaries, *ruled, *lines]
    if (frame["dot"] == 0).any():  # a line without points can be pointed at all the same
        unseen = base.transform_filter("datum.dot === 0").mark_point(opacity=0, size=90)
        layers.append(unseen.encode(tooltip=tooltip(frame, color)))
    layers.append(dots)
    if "rival" in frame:
        layers += _crosses(base, tooltip(frame, color), size)
    if options["labels"]:
        layers += _labels(_main(frame), options, scale, high, plot, size)
    if legend:
        styles = {run.split()[1] for runs in frame["runs"] for run in runs}
        grades = frame.loc[frame["dot"] == 1, "grade"] if "grade" in frame else []
        at = ({"datum": options["span"][0]}, {"datum": scale.low})
        # Wider than the plot, it would push away what stands beside it.
        stacked = narrow or marks.legend_width(grades, styles, size) > plot + gutter
        layers += marks.legend(grades, styles, at, narrow=stacked)
    return layers


def _crosses(base: alt.Chart, words: list[alt.Tooltip], size: int) -> list[alt.LayerChart]:
    """Mark each rival with a cross and its value."""
    at = base.transform_filter("datum.rival === 1")
    cross = at.mark_point(
        shape="cross", angle=45, size=70, filled=True, color=MUTED, strokeWidth=0, opacity=1
    ).encode(tooltip=words)
    return [
        cross,
        *marks.haloed(
            at.transform_calculate(words="datum.shown + ' (disputed)'").encode(text="words:N"),
            align="left",
            baseline="middle",
            dx=9,
            fontSize=size,
            color=MUTED,
            tooltip=None,
        ),
    ]


def dash() -> alt.StrokeDashValue:
    """Dash the pieces of line whose name (column ``runs``) says estimate or target."""
    return alt.StrokeDashValue.from_dict(
        {
            "condition": [
                {"test": f"test(/{style}/, datum.runs)", "value": pattern}
                for style, pattern in marks.DASHES.items()
                if style != "solid"
            ],
            "value": marks.DASHES["solid"],
        }
    )


def tooltip(frame: pd.DataFrame, color: str = "name") -> list[alt.Tooltip]:
    """Return what a point says when pointed at: who, when, how much, how it is known."""
    fields = {
        color: "who" if color == "name" else color,
        "when": "when",
        "shown": "value",
        "qualifier": "figure",
        "grade": "grade",
        "source_id": "source",
    }
    return [alt.Tooltip(f"{c}:N", title=t) for c, t in fields.items() if c in frame]


def y_axis(scale: units.Axis, title: str, form: str | None, size: int) -> alt.Y:
    """Make the value axis: few grid lines, the unit in the title above it."""
    words = f"{title}, {scale.suffix}" if scale.suffix else title
    kind = {"type": "log", "nice": False} if scale.log else {"nice": False, "zero": False}
    ticks = {"format": form} if form else {"labelExpr": scale.expression}
    return alt.Y(
        "value:Q",
        scale=alt.Scale(domain=[scale.low, scale.high], **kind),
        axis=alt.Axis(
            title=words,
            values=scale.ticks,
            grid=True,
            labelFontSize=size,
            titleFontSize=size,
            **ticks,
        ),
    )


def x_axis(
    span: list[float], yearly: bool, plot: float, size: int
) -> tuple[alt.X, list[alt.LayerChart]]:
    """Make the time axis: the name of a year stands in the middle of the year.

    Returns
    -------
    (x, layers)
        The channel, and the marks where one year ends and the next begins.
    """
    low, high = span
    if high - low < 1.6:
        return _month_axis(low, high, plot, size), []
    per_year = plot / (high - low)
    parts = [(max(low, year), min(high, year + 1)) for year in range(int(low), int(high) + 1)]
    middles = [
        round((a + b) / 2, 3) for a, b in parts if b - a > 0.9 or (b - a) * per_year > 2.2 * size
    ]
    full, brief = 4 * size * 0.56 + 8, 3 * size * 0.5 + 7
    every = 1
    expression = "toString(floor(datum.value))"
    if per_year < full:
        expression = "'’' + substring(toString(floor(datum.value)), 2)"
        while per_year * every < brief:
            every += 1
    values = middles[::every]
    x = alt.X(
        "at:Q",
        scale=alt.Scale(domain=span, nice=False, zero=False),
        axis=alt.Axis(
            title=None,
            values=values,
            labelExpr=expression,
            ticks=yearly,
            tickSize=4,
            labelFontSize=size,
            labelOverlap=False,
        ),
    )
    if yearly:
        return x, []
    edges = [year for year in range(int(low), int(high) + 2) if low <= year <= high]
    ticks = (
        alt.Chart(alt.Data(values=[{"at": year} for year in edges]))
        .mark_tick(color=MUTED, thickness=1, size=5, yOffset=3, orient="vertical", tooltip=None)
        .encode(x=alt.X("at:Q"), y=alt.value("height"))
    )
    return x, [ticks]


def _month_axis(low: float, high: float, plot: float, size: int) -> alt.X:
    months = [m for m in range(int(low * 12), int(high * 12) + 2) if low - 0.01 <= m / 12 <= high]
    every = max(1, -(-len(months) * (8 * size * 0.56 + 8) // max(plot, 1)))
    values = [round(m / 12, 4) for m in months[:: int(every)]]
    month = "monthAbbrevFormat(round((datum.value - floor(datum.value + 0.01)) * 12))"
    return alt.X(
        "at:Q",
        scale=alt.Scale(domain=[low, high], nice=False, zero=False),
        axis=alt.Axis(
            title=None,
            values=values,
            labelExpr=f"{month} + ' ' + toString(floor(datum.value + 0.01))",
            tickSize=4,
            labelFontSize=size,
        ),
    )


def _few_periods(frame: pd.DataFrame) -> dict[str, float]:
    """Return at most three halves or quarters within a year and a half, and where they stand."""
    if "period" not in frame:
        return {}
    stand = dict(zip(frame["period"].astype(str), frame["at"], strict=True))
    near = max(stand.values()) - min(stand.values()) < 1.6
    parts = {times.periods.form_of(period) for period in stand} <= {"half", "quarter"}
    return (
        {times.short(p): at for p, at in stand.items()} if near and parts and len(stand) < 4 else {}
    )


def _named_axis(span: list[float], named: dict[str, float], size: int) -> alt.X:
    """Make a time axis that names each period below it, the year on a line of its own."""
    cases = " : ".join(
        f"abs(datum.value - {at}) < 0.01 ? {name.split()!r}" for name, at in named.items()
    )
    return alt.X(
        "at:Q",
        scale=alt.Scale(domain=span, nice=False, zero=False),
        axis=alt.Axis(
            title=None,
            values=sorted(named.values()),
            labelExpr=f"{cases} : ''",
            tickSize=4,
            labelFontSize=size,
            labelOverlap=False,
        ),
    )


def _ends(frame: pd.DataFrame, color: str) -> pd.DataFrame:
    return frame.groupby(color, sort=False).tail(1)


def _gutter(frame: pd.DataFrame, options: dict, size: int) -> float:
    if not options["labels"]:
        return 8
    return max(text.width(words, size) for words in _ends_text(_main(frame), options)) + 26


def _ends_text(frame: pd.DataFrame, options: dict) -> list[str]:
    """What stands at the end of each line: a value, or a name with the value as on the axis."""
    ends = _ends(frame, options["color"])
    if len(ends) == 1:
        return list(ends["shown"])
    names = [str(name) for name in ends[options["color"]]]
    if "short" in options:  # on a phone the room goes to the lines
        return [options["short"][name] for name in names]
    largest = max(abs(value) for value in frame["value"])
    return [
        f"{name} {units.bare(value, options['unit'], largest)}"
        for name, value in zip(names, ends["value"], strict=True)
    ]


def _short_names(names: list[str]) -> dict[str, str]:
    """Shorten long names to their first word, if that still tells them apart."""
    brief = {name: name.split()[0] if len(name) > 11 else name for name in names}
    return brief if len(set(brief.values())) == len(names) else {name: name for name in names}


def _labels(
    frame: pd.DataFrame,
    options: dict,
    scale: units.Axis,
    high: float,
    plot: float,
    size: int,
) -> list[alt.LayerChart]:
    """Label each line at its end, moved apart where labels would meet."""
    color, colours = options["color"], options["colours"]
    ends = _ends(frame, color).assign(text=_ends_text(frame, options))
    late = ends[ends["at"] > options["span"][1] - 1.01]
    early = ends[ends["at"] <= options["span"][1] - 1.01]
    wish = [scale.pixel(value, high) for value in late["value"]]
    placed = text.spread(wish, size + 3, 4, high - 2)
    latest = max(frame["at"])
    rows = [
        {
            color: row[color],
            "at": row["at"],
            "value": row["value"],
            "to": latest,
            "level": round(scale.at_pixel(pixel, high), 6),
            "text": row["text"],
        }
        for (_, row), pixel in zip(late.iterrows(), placed, strict=True)
    ]
    fill = alt.Fill(
        f"{color}:N",
        scale=alt.Scale(
            domain=list(colours),
            range=[MUTED if hue == OTHER else hue for hue in colours.values()],
        ),
        legend=None,
    )
    layers: list[alt.LayerChart] = []
    base = alt.Chart(alt.Data(values=rows))
    moved = len(rows) > 1
    if moved:  # a short line from the end of each line to its label
        layers.append(
            base.mark_rule(color=GRID, strokeWidth=1, xOffset=5, x2Offset=14, tooltip=None).encode(
                x=alt.X("at:Q"), x2="to:Q", y=alt.Y("value:Q"), y2="level:Q"
            )
        )
    layers.append(
        base.mark_text(
            align="left",
            baseline="middle",
            dx=17 if moved else 9,
            fontSize=size,
            fontWeight="bold" if not moved else "normal",
            tooltip=None,
        ).encode(x=alt.X("to:Q"), y=alt.Y("level:Q"), text="text:N", fill=fill)
    )
    for _, row in early.iterrows():  # a line that ends inside the picture: above its end
        name = str(row[color])
        words = options.get("short", {}).get(name, name)
        align, dy = _clear_place(row, frame, options, scale, high, text.width(words, size), plot)
        layers += _beside(row, color, words, fill, align, dy, size)
    if len(ends) == 1 and len(frame) > 1:  # one line: also say where it began
        first, second = frame.iloc[0], frame.iloc[1]
        below = second["value"] > first["value"]
        layers += _beside(
            first, color, first["shown"], fill, "left", 17 if below else -14, size, bold=True
        )
    return layers


def _beside(
    row: pd.Series,
    color: str,
    words: str,
    fill: alt.Fill,
    align: str,
    dy: int,
    size: int,
    bold: bool = False,
) -> list[alt.LayerChart]:
    at = [{color: row[color], "at": row["at"], "value": row["value"], "text": words}]
    return marks.haloed(
        alt.Chart(alt.Data(values=at)).encode(
            x=alt.X("at:Q"), y=alt.Y("value:Q"), text="text:N", fill=fill
        ),
        align="left" if align == "right of it" else align,
        baseline="middle",
        dy=dy,
        dx={"left": -4, "center": 0}.get(align, 9),
        fontSize=size,
        fontWeight="bold" if bold else "normal",
        tooltip=None,
    )


def _clear_place(
    row: pd.Series,
    frame: pd.DataFrame,
    options: dict,
    scale: units.Axis,
    high: float,
    wide: float,
    plot: float,
) -> tuple[str, int]:
    """Find where the label of a line that ends early is furthest from all lines."""
    low, top = options["span"]
    x, y = row["at"], scale.pixel(row["value"], high)
    per_pixel = (top - low) / plot

    def room(left: float, right: float, dy: int) -> float:
        nearest = min(high - (y + dy), y + dy) - 8  # the edges count, too
        for name, group in frame.groupby(options["color"], sort=False):
            at, value = list(group["at"]), list(group["value"])
            for step in range(9):
                here = x + (left + (right - left) * step / 8) * per_pixel
                if not at[0] <= here <= at[-1] or (name == row[options["color"]] and here >= x):
                    continue
                k = max(i for i, one in enumerate(at) if one <= here)
                level = value[k]
                if k + 1 < len(at):
                    level += (value[k + 1] - level) * (here - at[k]) / (at[k + 1] - at[k])
                nearest = min(nearest, abs(scale.pixel(level, high) - (y + dy)))
        return nearest

    places = {
        ("center", -14): room(-wide / 2, wide / 2, -14),
        ("center", 15): room(-wide / 2, wide / 2, 15),
        ("right of it", 0): room(9, 9 + wide, 0),
    }
    return max(places, key=lambda place: places[place])

"""The marks that mean the same in every chart: grades, qualifiers, breaks, rules, haloed labels.

A filled point is a primary document, a hollow one press or an analyst, a hollow diamond anything
else. A dashed line is an estimate, a dotted one a target. The legend shows what occurs, no more.
"""

from collections.abc import Iterable

import altair as alt
import pandas as pd

from paths_abroad.charts import labels
from paths_abroad.charts.theme import INK, MUTED, PAPER

GRADES = {"A": "primary document", "B": "press or analyst", "C": "other source"}
"""Grade -> entry of the legend."""
STYLES = {"solid": "reported", "dashed": "estimate", "dotted": "target"}
"""Style of a line -> entry of the legend."""
DASHES = {"solid": [1, 0], "dashed": [10, 2], "dotted": [2, 3]}
"""Style of a line -> dash pattern. An estimate is nearly solid: most shares are estimates."""

_STYLE_OF = {"estimate": "dashed", "target": "dotted"}
IS_A = "datum.grade === 'A'"
IS_C = "datum.grade === 'C'"


def style(qualifier: object) -> str:
    """Return the style of line for a qualifier: only estimates and targets are not solid."""
    return _STYLE_OF.get(str(qualifier), "solid")


def weaker(one: str, two: str) -> str:
    """Return the style of the piece of line between two points: that of the weaker one."""
    order = list(STYLES)
    return order[max(order.index(one), order.index(two))]


def name_scale(colours: dict[str, str]) -> alt.Scale:
    """Make the colour scale that is the same in every layer of a chart."""
    return alt.Scale(domain=list(colours), range=list(colours.values()))


def points(
    base: alt.Chart,
    colours: dict[str, str],
    column: str,
    graded: bool,
    size: float = 42,
) -> alt.Chart:
    """Draw points by grade: filled, hollow, hollow diamond.

    Parameters
    ----------
    base : alt.Chart
        With its position channels.
    colours : dict
        Name -> colour.
    column : str
        The column of the names.
    graded : bool
        Whether the rows have a grade; without one, points are filled.
    size : float
        Area in square pixels.
    """
    scale = name_scale(colours)
    coloured = {"field": column, "type": "nominal", "scale": scale.to_dict(), "legend": None}
    # A literal dictionary: Altair's condition() cannot hold a field with its own scale and a value.
    fill = {"condition": {"test": IS_A, **coloured}, "value": PAPER} if graded else coloured
    encoding: dict = {
        "stroke": alt.Stroke(column, type="nominal", scale=scale, legend=None),
        "fill": alt.Fill.from_dict(fill) if not graded else alt.FillValue.from_dict(fill),
    }
    if graded:
        encoding["shape"] = alt.ShapeValue.from_dict(
            {"condition": {"test": IS_C, "value": "diamond"}, "value": "circle"}
        )
    return base.mark_point(size=size, strokeWidth=1.8, opacity=1, filled=True).encode(**encoding)


def legend(
    grades: Iterable[object],
    styles: Iterable[str],
    at: tuple[dict, dict],
    *,
    narrow: bool = False,
    offset: float = 12,
) -> list[alt.Chart]:
    """Draw the legend of grades and qualifiers as layers without a visible mark.

    Parameters
    ----------
    grades : iterable
        Grades that occur.
    styles : iterable of str
        Styles of line that occur, as from `style`; solid alone needs no entry.
    at : pair of dict
        Keyword arguments for ``x`` and ``y`` of a place inside the chart, e.g.
        ``({"datum": 2014.5}, {"datum": 0})``.
    narrow : bool
        One entry below the other.
    offset : float
        Pixels between the axis and the legend.

    Returns
    -------
    list of alt.Chart
        None, one or two layers; give the layered chart independent scales (`independent`).
    """
    layers = []
    held = [grade for grade in GRADES if grade in set(grades)]
    x, y = alt.XDatum(**at[0]), alt.YDatum(**at[1])
    columns = {"offset": offset, **({"columns": 1} if narrow else {})}
    if held:
        words = [GRADES[grade] for grade in held]
        rows = pd.DataFrame({"source": words})
        layers.append(
            alt.Chart(rows)
            .mark_point(opacity=0, tooltip=None)
            .encode(
                x=x,
                y=y,
                shape=alt.Shape(
                    "source:N",
                    scale=alt.Scale(
                        domain=words,
                        range=["diamond" if grade == "C" else "circle" for grade in held],
                    ),
                    legend=_entries(padding=3, rowPadding=8, **columns),
                ),
                stroke=alt.Stroke(
                    "source:N",
                    scale=alt.Scale(domain=words, range=[MUTED] * len(words)),
                    legend=_entries(padding=3, rowPadding=8, **columns),
                ),
                fill=alt.Fill(
                    "source:N",
                    scale=alt.Scale(
                        domain=words,
                        range=[MUTED if grade == "A" else PAPER for grade in held],
                    ),
                    legend=_entries(padding=3, rowPadding=8, **columns),
                ),
            )
        )
    drawn = [one for one in STYLES if one in set(styles)]
    if drawn and drawn != ["solid"]:
        words = [STYLES[one] for one in drawn]
        layers.append(
            alt.Chart(pd.DataFrame({"figure": words}))
            .mark_line(opacity=0, tooltip=None)
            .encode(
                x=x,
                y=y,
                strokeDash=alt.StrokeDash(
                    "figure:N",
                    scale=alt.Scale(domain=words, range=[DASHES[one] for one in drawn]),
                    legend=_entries(
                        symbolType="stroke", symbolSize=320, symbolStrokeColor=MUTED, **columns
                    ),
                ),
            )
        )
    return layers


def legend_width(grades: Iterable[object], styles: Iterable[str], size: float) -> float:
    """Estimate how many pixels the legend takes in one line."""
    drawn = [STYLES[one] for one in STYLES if one in set(styles)]
    words = [GRADES[one] for one in GRADES if one in set(grades)]
    words += drawn if drawn != [STYLES["solid"]] else []
    return sum(labels.width(word, size) + 34 for word in words)


def _entries(**more: object) -> alt.Legend:
    return alt.Legend(
        **{
            "title": None,
            "symbolOpacity": 1,
            "symbolSize": 60,
            **more,
        }
    )


def independent(chart: alt.LayerChart) -> alt.LayerChart:
    """Give every layer its own scales for everything but position."""
    return chart.resolve_scale(
        color="independent",
        fill="independent",
        stroke="independent",
        shape="independent",
        strokeDash="independent",
    )


def haloed(base: alt.Chart, **mark: object) -> list[alt.Chart]:
    """Draw text twice: a paper-coloured outline below, so that lines do not cross it out."""
    encoding = base.encoding
    under = base.mark_text(**{**mark, "stroke": PAPER, "strokeWidth": 4, "strokeJoin": "round"})
    under.encoding = encoding.copy()
    under.encoding.fill = alt.value(PAPER)
    return [under, base.mark_text(**mark)]


def head(base: alt.Chart, size: float) -> alt.Chart:
    """Draw the line above a panel that names what is shown in it."""
    return base.mark_text(
        align="left",
        baseline="bottom",
        fontSize=size + 1,
        fontWeight="bold",
        color=INK,
        tooltip=None,
    )


def rules(
    marks: list[dict],
    span: tuple[float, float],
    plot: tuple[float, float],
    size: float,
) -> tuple[list[alt.LayerChart], int]:
    """Draw labelled vertical rules: thin for events, dashed for a break in the definition.

    Parameters
    ----------
    marks : list of dict
        ``{"at": decimal year, "label": text, "kind": "event" | "break"}``.
    span : pair of float
        Decimal years at the left and the right edge.
    plot : pair of float
        Width and height in pixels.
    size : float
        Type size of the labels.

    Returns
    -------
    (layers, height)
        The layers, and how many pixels their labels take at the top.
    """
    wide, high = plot
    line = size + 3
    placed: list[tuple[float, float, int, int]] = []  # left, right, first line, lines
    rows = []
    for mark in sorted(marks, key=lambda mark: mark["at"]):
        x = (mark["at"] - span[0]) / (span[1] - span[0]) * wide
        others = [(one["at"] - span[0]) / (span[1] - span[0]) * wide for one in marks]
        # On the side where it crosses no other rule, then where it reaches less far down; the
        # right one if there is no difference.
        _, _, _, to_left, lines, left, right, first = min(
            _beside(mark["label"], x, wide, size, placed, others, to_left)
            for to_left in (False, True)
        )
        text = "\n".join(lines)
        placed.append((left, right, first, len(lines)))
        rows.append({**mark, "text": text, "to_left": to_left, "top": first * line})
    layers = []
    for kind, dash in (("event", [1, 0]), ("break", [4, 3])):
        chosen = [row for row in rows if row["kind"] == kind]
        for row in chosen:
            base = alt.Chart(alt.Data(values=[{"at": row["at"], "text": row["text"]}])).encode(
                x=alt.X("at:Q")
            )
            # The halo of its own label would cut a rule; it starts level with the label instead.
            layers.append(
                base.mark_rule(color=MUTED, strokeWidth=1, strokeDash=dash, tooltip=None).encode(
                    y=alt.value(row["top"]), y2=alt.value(high)
                )
            )
            layers += haloed(
                base.encode(text="text:N", y=alt.value(row["top"])),
                align="right" if row["to_left"] else "left",
                baseline="top",
                dx=-5 if row["to_left"] else 5,
                lineBreak="\n",
                lineHeight=line,
                fontSize=size,
                color=INK if kind == "break" else MUTED,
                fontStyle="italic" if kind == "break" else "normal",
                tooltip=None,
            )
    taken = max((top + count for _, _, top, count in placed), default=0) * line
    return layers, int(taken) + (8 if taken else 0)


def _beside(
    label: str,
    x: float,
    wide: float,
    size: float,
    placed: list[tuple[float, float, int, int]],
    others: list[float],
    to_left: bool,
) -> tuple[int, int, float, bool, list[str], float, float, int]:
    lines = labels.wrap(label, min(190, (x if to_left else wide - x) - 10), size)
    taken = labels.width("\n".join(lines), size) + 8
    left, right = (x - taken, x) if to_left else (x, x + taken)
    over = max(0.0, -left, right - wide)
    first = 0
    for a, b, top, count in placed:
        if left < b and a < right:
            first = max(first, top + count)
    crossed = sum(left < other < right for other in others)
    return crossed, first + len(lines), over, to_left, lines, left, right, first

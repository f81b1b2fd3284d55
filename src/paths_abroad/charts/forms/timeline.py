"""A company's path: its events on lanes over time."""

from collections.abc import Mapping, Sequence

import altair as alt
import pandas as pd

from paths_abroad.charts import labels as text
from paths_abroad.charts import marks, times
from paths_abroad.charts import rows as row_rules
from paths_abroad.charts.errors import ChartError
from paths_abroad.charts.finishing import finish
from paths_abroad.charts.forms.lines import x_axis
from paths_abroad.charts.theme import CATEGORICAL, GRID, MUTED, NARROW, OTHER, WIDTH

LANES: dict[str, tuple[str, ...]] = {
    "Company and products": ("founded", "product_launch"),
    "Markets": ("first_export", "market_entry", "market_exit"),
    "Plants, laboratories, partners": (
        "plant",
        "rd_centre",
        "acquisition",
        "joint_venture",
        "partnership",
    ),
    "Capital": ("listing", "listing_halted"),
    "States and courts": ("ban", "sanction"),
    "Decisions and milestones": ("decision", "milestone", "imitation"),
}
"""Lane -> types of event on it, from the top down; every type of the ledger has a lane."""

_SAID = {
    "founded": "Founded",
    "first_export": "First sales abroad: {place}",
    "market_entry": "{place}",
    "market_exit": "Leaves {place}",
    "plant": "Plant: {place}",
    "rd_centre": "Laboratory: {place}",
    "listing": "Listing",
    "listing_halted": "Listing halted",
    "ban": "Ban: {place}",
    "sanction": "Sanction: {place}",
}
_COLUMNS = ("name", "date_text", "type", "place", "description", "grade", "source_id")
_DOT = 9.0  # pixels from one point of a pile to the next


def path(
    events: pd.DataFrame,
    *,
    title: str,
    description: str,
    caption: str | None = None,
    lanes: Mapping[str, Sequence[str]] | None = None,
    labels: Mapping[str, str] | Sequence[str] | None = None,
    computed: Mapping[str, float] | None = None,
    sources: Sequence[str] | None = None,
    width: int = WIDTH,
) -> alt.LayerChart:
    """Draw the events of a company's path: one lane a kind of event, one point an event.

    Events of one time pile up. An event known only to the year carries a bar over that year. The
    height follows from the number of labels.

    Parameters
    ----------
    events : DataFrame
        As from ``ledger.path``.
    title, description, caption, computed, sources
        As in `finish`.
    lanes : mapping, optional
        Name of a lane -> types of event on it, from the top down; types left out are not drawn. By
        default `LANES`.
    labels : mapping or sequence of str, optional
        Which events get words: id -> a few words, or ids alone for words made from type and place.
        By default entries, exits, plants, listings, bans and sanctions.
    width : int
        Pixels.

    Returns
    -------
    alt.LayerChart
        Finished; its table has date, type, place, description, grade and source.

    Raises
    ------
    ChartError
        If a column is missing, a type is unknown to the lanes, or a label names no event.
    """
    needs = ["id", "date", "type", "place", "description"]
    frame = row_rules.checked(events, "path", needs)
    chosen = {name: tuple(kinds) for name, kinds in (lanes or LANES).items()}
    lane_of = {kind: name for name, kinds in chosen.items() for kind in kinds}
    if lanes is None:
        for kind in frame["type"]:
            if kind not in lane_of:
                raise ChartError(
                    f"path: column 'type' holds {kind!r}; allowed are {', '.join(lane_of)}"
                )
    frame = frame[frame["type"].isin(lane_of)].reset_index(drop=True)
    if frame.empty:
        raise ChartError(f"path: no event is of a type on the lanes ({', '.join(lane_of)})")
    words = _words(frame, labels)
    if "precision" not in frame:
        frame["precision"] = "day"
    frame = frame.assign(
        lane=frame["type"].map(lane_of),
        at=[_at(day, how) for day, how in zip(frame["date"], frame["precision"], strict=True)],
        words=frame["id"].map(words),
    )
    kept = [c for c in _COLUMNS if c in frame]
    frame = frame[[*kept, "precision", "lane", "at", "words"]]
    frame = row_rules.without_nan(frame)
    frame = frame.sort_values("at", kind="stable").reset_index(drop=True)
    options = {"lanes": [lane for lane in chosen if lane in set(frame["lane"])], "width": width}
    return finish(
        draw(frame, options),
        title=title,
        description=description,
        caption=caption,
        computed=computed,
        sources=sources,
        columns=kept,
        form="path",
        options=options,
    )


def _at(day: pd.Timestamp, precision: str) -> float:
    """Return the middle of the stated year, month or day."""
    day = pd.Timestamp(day)
    form = {"year": "%Y", "month": "%Y-%m"}.get(precision, "%Y-%m-%d")
    return times.middle(day.strftime(form))


def _words(frame: pd.DataFrame, labels: Mapping[str, str] | Sequence[str] | None) -> dict[str, str]:
    made = {
        row["id"]: _SAID.get(row["type"], "{type}").format(
            place=row["place"], type=str(row["type"]).replace("_", " ").capitalize()
        )
        for _, row in frame.iterrows()
    }
    if labels is None:
        wanted = frame[frame["type"].isin(_SAID)]
        wanted = wanted[~wanted.duplicated(["type", "place"])]
        return {one: made[one] for one in wanted["id"]}
    for one in labels:
        if one not in made:
            raise ChartError(f"path: labels name {one!r}, which is no id of the events drawn")
    return dict(labels) if isinstance(labels, Mapping) else {one: made[one] for one in labels}


def draw(frame: pd.DataFrame, options: dict, narrow: bool = False) -> alt.LayerChart:
    """Draw prepared events; also how they are drawn again for a small screen."""
    wide = NARROW if narrow else options["width"]
    size = 11 if narrow else 12
    plot = wide - 14
    low, high = int(min(frame["at"])), int(max(frame["at"])) + 1
    span = [low - 0.1, high + 0.1]
    lanes, rows, total = _layout(frame, options["lanes"], span, plot, size)
    colours = _colours(options["lanes"])
    frame = frame.assign(y=[row["y"] for row in rows])
    x, edges = x_axis([float(low), float(high)], False, plot, size)
    x.scale = alt.Scale(domain=span, nice=False, zero=False)
    y = alt.Y("y:Q", scale=alt.Scale(domain=[total, 0], nice=False, zero=False), axis=None)
    bare = alt.Y("y:Q", axis=None)
    base = alt.Chart(frame).encode(x=x, y=y)
    stroke = alt.Stroke("lane:N", scale=marks.name_scale(colours), legend=None)
    floor = alt.Chart(alt.Data(values=[{"y": lane["floor"]} for lane in lanes])).mark_rule(
        color=GRID, tooltip=None
    )
    layers: list[alt.LayerChart] = [floor.encode(y=bare), *edges]
    labelled = [row for row in rows if row["text"]]
    if labelled:
        held = ("lane", "at", "y", "top", "text")
        data = alt.Chart(alt.Data(values=[{k: row[k] for k in held} for row in labelled]))
        layers.append(  # all leaders below all words
            data.mark_rule(strokeWidth=1, opacity=0.55, tooltip=None).encode(
                x="at:Q", y=bare, y2="top:Q", stroke=stroke
            )
        )
        for to_left in (False, True):
            side = [row for row in labelled if row["to_left"] == to_left]
            if side:
                layers += marks.haloed(
                    alt.Chart(alt.Data(values=[{k: row[k] for k in held} for row in side])).encode(
                        x="at:Q", y=alt.Y("top:Q", axis=None), text="text:N"
                    ),
                    align="right" if to_left else "left",
                    baseline="top",
                    dx=-4 if to_left else 4,
                    fontSize=size,
                    tooltip=None,
                )
    if (frame["precision"] == "year").any():
        layers.append(
            base.transform_filter("datum.precision === 'year'")
            .transform_calculate(a="datum.at - 0.5", b="datum.at + 0.5")
            .mark_rule(strokeWidth=3, opacity=0.35, tooltip=None)
            .encode(x=alt.X("a:Q"), x2="b:Q", stroke=stroke)
        )
    fields = {"date_text": "when", "place": "where", "description": "what", "source_id": "source"}
    layers.append(
        marks.points(base, colours, "lane", "grade" in frame, size=34).encode(
            tooltip=[alt.Tooltip(f"{c}:N", title=t) for c, t in fields.items() if c in frame]
        )
    )
    names = [{"lane": lane["name"], "y": lane["head"]} for lane in lanes]
    layers.append(
        alt.Chart(alt.Data(values=names))
        .mark_text(align="left", baseline="top", fontSize=size, fontWeight="bold", tooltip=None)
        .encode(
            x=alt.value(0),
            y=bare,
            text="lane:N",
            fill=alt.Fill(
                "lane:N",
                scale=marks.name_scale({k: MUTED if v == OTHER else v for k, v in colours.items()}),
                legend=None,
            ),
        )
    )
    if "grade" in frame:
        at = ({"datum": low}, {"datum": 0})
        layers += marks.legend(frame["grade"], [], at, narrow=narrow)
    return marks.independent(alt.layer(*layers)).properties(
        width=wide, height=total, autosize=alt.AutoSizeParams(type="fit-x", contains="padding")
    )


def _colours(lanes: Sequence[str]) -> dict[str, str]:
    """Lanes in colour; the last of several, milestones, in grey."""
    hues = dict(zip(lanes, CATEGORICAL, strict=False))
    if len(lanes) > 1 and lanes[-1] == list(LANES)[-1]:
        hues[lanes[-1]] = OTHER
    return {lane: hues.get(lane, OTHER) for lane in lanes}


def _layout(
    frame: pd.DataFrame, names: Sequence[str], span: Sequence[float], plot: float, size: int
) -> tuple[list[dict], list[dict], int]:
    """Place points and labels: pile points that coincide, stack labels above the piles.

    Returns
    -------
    (lanes, rows, height)
        Per lane its name, head and floor; per event (in the order of ``frame``) its y, the top of
        its label, its text and side; all in pixels from the top.
    """
    line = size + 4
    rows: list[dict] = [{} for _ in range(len(frame))]
    lanes = []
    top = 0.0
    for name in names:
        places = [i for i in range(len(frame)) if frame["lane"].iloc[i] == name]
        x = {i: (frame["at"].iloc[i] - span[0]) / (span[1] - span[0]) * plot for i in places}
        level = _piles(places, x)
        pile = (max(level.values(), default=0) + 1) * _DOT
        stack = _stacks(frame, places, x, plot, size)
        count = max((row for row, _ in stack.values()), default=-1) + 1
        head = top
        floor = head + line + count * line + (4 if count else 2) + pile
        for i in places:
            words = frame["words"].iloc[i]
            row, to_left = stack.get(i, (0, False))
            rows[i] = {
                "lane": name,
                "at": float(frame["at"].iloc[i]),
                "y": round(floor - (level[i] + 0.5) * _DOT, 1),
                "top": round(head + line + (count - 1 - row) * line, 1),
                "text": words if i in stack else None,
                "to_left": to_left,
            }
        lanes.append({"name": name, "head": round(head, 1), "floor": round(floor + 2, 1)})
        top = floor + 14
    return lanes, rows, round(top - 6)


def _piles(places: Sequence[int], x: Mapping[int, float]) -> dict[int, int]:
    """Give each point the lowest level at which it touches no other."""
    level: dict[int, int] = {}
    for i in sorted(places, key=lambda i: x[i]):
        taken = {level[k] for k in level if abs(x[k] - x[i]) < _DOT}
        level[i] = next(n for n in range(len(places) + 1) if n not in taken)
    return level


def _stacks(
    frame: pd.DataFrame, places: Sequence[int], x: Mapping[int, float], plot: float, size: int
) -> dict[int, tuple[int, bool]]:
    """Give each label a row above the points, from the right, so that no leader crosses a text."""
    placed: list[tuple[float, float, int]] = []
    stack: dict[int, tuple[int, bool]] = {}
    named = [i for i in places if frame["words"].iloc[i]]
    for i in sorted(named, key=lambda i: (-x[i], i)):
        wide = text.width(frame["words"].iloc[i], size) + 10
        to_left = x[i] + wide > plot and x[i] > wide
        left, right = (x[i] - wide, x[i]) if to_left else (x[i], x[i] + wide)
        # Above everything it would touch: leaders of those to its right end below it.
        row = max((r + 1 for a, b, r in placed if left < b and a < right), default=0)
        placed.append((left, right, row))
        stack[i] = (row, to_left)
    return stack

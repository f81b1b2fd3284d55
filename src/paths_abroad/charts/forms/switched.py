"""Ranked bars that answer to a switch: another way of counting, another order."""

from collections.abc import Mapping, Sequence

import altair as alt
import pandas as pd

from paths_abroad.charts import marks
from paths_abroad.charts import rows as row_rules
from paths_abroad.charts.errors import ChartError
from paths_abroad.charts.finishing import finish
from paths_abroad.charts.forms.lines import captioned, human
from paths_abroad.charts.forms.ranking import STEP, bar_layers, bar_options, dressed
from paths_abroad.charts.theme import NARROW, WIDTH
from paths_abroad.ledger.wording import QUALIFIERS

_SIGNED = ("at_least", "at_most")
"""Qualifiers that say on which side of the bar the truth lies: they stand beside the value."""


def switched_bars(
    rows: pd.DataFrame,
    *,
    by: str | Sequence[str],
    title: str,
    description: str,
    caption: str | None = None,
    default: Mapping[str, str] | str | None = None,
    category: str = "name",
    sort: str = "-value",
    highlight: str | Sequence[str] | None = None,
    rule: tuple[float, str] | None = None,
    missing: str = "not found",
    x_title: str | None = None,
    choice_title: Mapping[str, str] | str | None = None,
    mixed: str | None = None,
    computed: Mapping[str, float] | None = None,
    sources: Sequence[str] | None = None,
    width: int = WIDTH,
) -> alt.LayerChart:
    """Draw ranked bars with one or two switches; each choice has its own values and its own order.

    Where scripts run, the choice is made from a list, with the pointer or by keyboard. The still
    picture shows the default. The axis is the same for all choices, so that bars can be compared
    from one to the next.

    Parameters
    ----------
    rows : DataFrame
        As from ``ledger.series``: one row a bar and choice, ``value`` in one ``unit``.
    by : str or sequence of str
        The columns that are switched: their values, in the order of the rows, are the choices.
    title, description, caption, computed, sources
        As in `finish`. The description says what the still picture shows; its numbers may come
        from any choice.
    default : str or mapping of str to str, optional
        What is chosen at first, for each column of ``by``; by default the first of each.
    category : str
        Column that names the bars.
    sort : {"-value", "value"}
        Largest first or smallest first; equal values as the rows stand. Bars without a value come
        last.
    highlight : str or sequence of str, optional
        Bars in colour, the others grey; by default all in colour.
    rule : (float, str), optional
        A value to measure the bars by, and its name.
    missing : str
        Words in place of a bar for which the choice has no row.
    x_title : str, optional
        What is measured; the unit is added. By default the label of the metric.
    choice_title : str or mapping of str to str, optional
        Words before each list; by default the name of the column.
    mixed : str, optional
        Why several metrics may share the axis; added to the caption.
    width : int
        Pixels; the height follows from the number of bars.

    Returns
    -------
    alt.LayerChart
        Finished. ``at most`` and ``at least`` stand beside the value.

    Raises
    ------
    ChartError
        If a column is missing, units or metrics differ, two rows claim one bar of one choice,
        ``sort`` or ``highlight`` names what is not there, a default is no choice, or there is
        nothing to choose.
    """
    switches = [by] if isinstance(by, str) else list(by)
    frame = row_rules.checked(rows, "switched_bars", ["value", category, *switches], mixed)
    frame = frame.assign(**{one: frame[one].astype(str) for one in (category, *switches)})
    row_rules.no_two_for_one_point(frame, "switched_bars", [*switches, category])
    if sort not in ("-value", "value"):
        raise ChartError(f"switched_bars: sort={sort!r}; allowed are '-value' and 'value'")
    choices = {one: list(dict.fromkeys(frame[one])) for one in switches}
    if all(len(held) < 2 for held in choices.values()):
        raise ChartError(f"switched_bars: nothing to choose in {', '.join(switches)}; use bars")
    names = list(dict.fromkeys(frame[category]))
    options = bar_options(
        frame, "switched_bars", category, names, highlight, x_title, width, rule
    ) | {
        "choices": choices,
        "default": _defaults(default, choices),
        "heads": _heads(choice_title, switches),
    }
    table = _complete(_sided(dressed(frame)), category, choices, names, sort, missing)
    return finish(
        draw(table, options),
        title=title,
        description=description,
        caption=captioned(caption, mixed),
        computed=computed,
        sources=sources,
        columns=human(table, category, *switches),
        form="switched_bars",
        options=options,
    )


def _defaults(given: Mapping[str, str] | str | None, choices: dict[str, list[str]]) -> dict:
    if isinstance(given, str):
        given = {next(iter(choices)): given}
    made = {one: held[0] for one, held in choices.items()} | dict(given or {})
    for one, value in made.items():
        if one not in choices or value not in choices[one]:
            there = "; ".join(f"{name}: {', '.join(held)}" for name, held in choices.items())
            raise ChartError(f"switched_bars: default {value!r} of {one!r} is no choice; {there}")
    return made


def _heads(given: Mapping[str, str] | str | None, switches: list[str]) -> dict[str, str]:
    if isinstance(given, str):
        given = {switches[0]: given}
    return {one: one.replace("_", " ").capitalize() for one in switches} | dict(given or {})


def _sided(frame: pd.DataFrame) -> pd.DataFrame:
    """Say beside the value on which side of it the truth lies."""
    held = frame.get("qualifier", ["exact"] * len(frame))
    sides = [QUALIFIERS[one] if one in _SIGNED else "" for one in held]
    return frame.assign(brief=[a + b for a, b in zip(sides, frame["brief"], strict=True)])


def _complete(
    frame: pd.DataFrame,
    category: str,
    choices: dict[str, list[str]],
    names: list[str],
    sort: str,
    missing: str,
) -> pd.DataFrame:
    """Give every choice a row for every bar and a rank; one without a figure says so."""
    switches = list(choices)
    grid = pd.MultiIndex.from_product([*choices.values(), names], names=[*switches, category])
    drawn = ["shown", "brief", "style", "when", *switches]
    held = row_rules.kept(frame, category, *drawn)
    table = held.set_index([*switches, category]).reindex(grid).reset_index()[list(held)]
    table["brief"] = table["brief"].fillna(missing)
    table["style"] = table["style"].fillna("solid")
    # Where the label begins: at the end of the bar, or at nought where there is none.
    table["end"] = table["value"].clip(lower=0).fillna(0)
    table["rank"] = table.groupby(switches, sort=False)["value"].rank(
        method="first", ascending=sort == "value", na_option="bottom"
    )
    return row_rules.without_nan(table)


def draw(frame: pd.DataFrame, options: dict, narrow: bool = False) -> alt.LayerChart:
    """Draw prepared bars and their switches; also how they are drawn for a small screen."""
    wide = NARROW if narrow else options["width"]
    size = 11 if narrow else 12
    frame = frame.assign(value=pd.to_numeric(frame["value"]))  # a missing one is no text
    params = _switches(options)
    order = alt.EncodingSortField(field="rank", op="min", order="ascending")
    layers = bar_layers(frame, options, wide, size, order=order)
    for column, param in zip(options["choices"], params, strict=True):
        # The rule and its name have data of their own, which no switch filters.
        layers = [
            one.transform_filter(f"datum['{column}'] === {param.name}")
            if isinstance(one.data, pd.DataFrame)
            else one
            for one in layers
        ]
    heading = " + ' · ' + ".join(param.name for param in params)
    layers.append(
        marks.head(alt.Chart(alt.Data(values=[{"rank": 0}])), size).encode(
            x=alt.value(0), y=alt.value(-26), text=alt.value(alt.ExprRef(heading))
        )
    )
    layers += marks.legend(
        [one for one in frame.get("grade", []) if one],
        set(frame["style"]),
        ({"datum": 0}, {"datum": options["order"][0]}),
        narrow=narrow,
        offset=30 if options.get("rule") else 12,
    )
    chart = marks.independent(alt.layer(*layers))
    return chart.add_params(*params).properties(
        width=wide,
        height=STEP * len(options["order"]),
        autosize=alt.AutoSizeParams(type="fit-x", contains="padding"),
    )


def _switches(options: dict) -> list[alt.Parameter]:
    """Make one list for each switched column."""
    return [
        alt.param(
            name=f"switch_{n}",
            value=options["default"][column],
            bind=alt.binding_select(options=held, name=options["heads"][column] + " "),
        )
        for n, (column, held) in enumerate(options["choices"].items(), start=1)
    ]

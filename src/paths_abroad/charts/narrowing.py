"""The same chart on a phone: drawn again by its form, or else adapted as far as that goes."""

import copy
from collections.abc import Callable, Mapping

import altair as alt
import pandas as pd

from paths_abroad.charts.finishing import datasets, heading, meta_of, title_of
from paths_abroad.charts.forms import lines, linked, ranking, rebased, switched, timeline
from paths_abroad.charts.theme import NARROW

_FORMS: dict[str, Callable[..., alt.TopLevelMixin]] = {
    "line": lines.draw,
    "shares": lines.draw,
    "path": timeline.draw,
    "bars": ranking.draw_bars,
    "dumbbell": ranking.draw_dumbbell,
    "linked_shares": linked.draw,
    "switched_bars": switched.draw,
    "rebased": rebased.draw,
}


def narrow(spec: Mapping) -> dict:
    """Derive the specification for places about 330 pixels wide.

    Parameters
    ----------
    spec : dict
        A Vega-Lite specification, e.g. ``chart.to_dict()``.

    Returns
    -------
    dict
        A chart form is drawn anew at this width with fewer ticks and smaller type (at least 11
        pixels). Any other chart gets its width, charts side by side go below each other, and
        legends go to the bottom.
    """
    meta = meta_of(spec)
    draw = _FORMS.get(meta.get("form", ""))
    if draw is None:
        made = _adapted(spec)
    else:
        columns = set(meta.get("columns", []))
        rows = pd.DataFrame(
            max(datasets(spec), key=lambda table: (columns <= set(table[0]), len(table)))
        )
        # The theme is that of the specification, not of whatever is enabled now.
        with alt.theme.enable("none"):
            # The form has been validated at its full width; this is the same with other numbers.
            made = draw(rows, meta["options"], narrow=True).to_dict(validate=False)
        made = {"config": copy.deepcopy(spec.get("config", {})), **made}
    # Two legends, of sources and of lines, do not fit beside each other under long names.
    made.setdefault("config", {}).setdefault("legend", {})["layout"] = {
        "bottom": {"anchor": "start", "direction": "vertical", "margin": 8}
    }
    for key in ("description", "usermeta"):
        if key in spec:
            made[key] = copy.deepcopy(spec[key])
    title = title_of(spec)
    if title and "title" in spec:
        made["title"] = heading(title, NARROW).to_dict()
    return made


def _adapted(spec: Mapping) -> dict:
    made = copy.deepcopy(dict(spec))
    if "hconcat" in made:
        made["vconcat"] = made.pop("hconcat")
    if "concat" in made:
        made["columns"] = 1
    views = made.get("vconcat") or made.get("concat")
    if views:
        for view in views:
            _one_view(view, inner=True)
    else:
        _one_view(made, inner=False)
    config = made.setdefault("config", {})
    config["legend"] = {
        **config.get("legend", {}),
        "orient": "bottom",
        "direction": "vertical",
        "columns": 1,
    }
    config["axis"] = {**config.get("axis", {}), "labelFontSize": 11, "titleFontSize": 11}
    config["axisX"] = {**config.get("axisX", {}), "tickCount": 4, "labelOverlap": True}
    return made


def _one_view(view: dict, inner: bool) -> None:
    """Make one view as wide as a phone; inside a concatenation only its plot can be set."""
    if "facet" in view or "repeat" in view:
        view["columns"] = 1
        view.setdefault("spec", {})["width"] = NARROW - 80
        return
    if "hconcat" in view or "vconcat" in view or "concat" in view:
        if "hconcat" in view:
            view["vconcat"] = view.pop("hconcat")
        for child in view.get("vconcat") or view["concat"]:
            _one_view(child, inner=True)
        return
    width = view.get("width")
    if isinstance(width, Mapping):  # a step: as wide as its bars need
        return
    if inner:
        view["width"] = min(width, NARROW - 90) if isinstance(width, int | float) else NARROW - 90
    else:
        view["width"] = NARROW
        view["autosize"] = {"type": "fit-x", "contains": "padding"}

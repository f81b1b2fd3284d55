"""What a chart says, whatever its spelling: the canonical form of a Vega-Lite specification.

Kept: the mark, the channels with field, type, aggregate, bin and time unit, log scales and
stacking, the transforms, and the data that are drawn. Left out: titles, colours, sizes, tooltips,
sorting, selections, columns that are not drawn, and layers that only decorate.
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

CHANNELS = (
    "x",
    "y",
    "x2",
    "y2",
    "xOffset",
    "yOffset",
    "theta",
    "radius",
    "latitude",
    "longitude",
    "color",
    "size",
    "shape",
    "detail",
    "row",
    "column",
    "facet",
)
"""Channels that carry meaning, in the order in which they are told."""

_SAME_CHANNEL = {"fill": "color", "stroke": "color"}
_SAME_MARK = {"circle": "point", "square": "point"}
_SAME_AGGREGATE = {"average": "mean"}
_DISCRETE = {"nominal": "discrete", "ordinal": "discrete"}
_DECORATIONS = {"text", "rule"}
_MAIN_MARKS = {"line", "area", "bar", "trail"}


class NotRead(Exception):
    """The specification is not one this module understands; the message says why."""


def canonical(spec: dict[str, Any]) -> dict[str, Any]:
    """Reduce a Vega-Lite specification to what it says.

    Parameters
    ----------
    spec
        A specification as `Chart.to_dict()` gives it.

    Returns
    -------
    dict
        ``{"views": [view, ...]}``, each view with ``mark``, ``encoding``, ``transform``, ``data``
        and ``rows``. A chart of one layer has one view.

    Raises
    ------
    NotRead
        Where the specification has no mark, or its data are missing.
    """
    if not isinstance(spec, dict):
        raise NotRead("it is not a specification")
    datasets = spec.get("datasets")
    views = _views(spec, {}, datasets if isinstance(datasets, dict) else {})
    if not views:
        raise NotRead("it has no mark: say mark_line(), mark_bar() or another")
    return {"views": sorted(views, key=lambda view: json.dumps(view, sort_keys=True))}


def words(form: dict[str, Any]) -> str:
    """Say a canonical form in one line, as a check cell prints it."""
    lines = []
    for view in form["views"]:
        parts = [f"{view['mark']} chart"]
        for channel, what in view["encoding"].items():
            field = what.get("field", "rows")
            if "aggregate" in what:
                field = f"{what['aggregate']} of {field}"
            extra = [str(what[key]) for key in ("timeUnit", "bin", "scale", "stack") if key in what]
            parts.append(f"{channel}: {field} ({', '.join([what.get('type', '?'), *extra])})")
        if view["transform"]:
            parts.append(f"{len(view['transform'])} transforms")
        parts.append(f"{view['rows']} rows drawn [{view['data'][:8]}]")
        lines.append("; ".join(parts))
    return " + ".join(lines)


def _views(spec: dict[str, Any], above: dict[str, Any], datasets: dict) -> list[dict[str, Any]]:
    """The views of a specification; what stands above is inherited, as Vega-Lite does."""
    here = {
        "data": spec.get("data", above.get("data")),
        "transform": [*above.get("transform", []), *_list(spec.get("transform"))],
        "encoding": {**above.get("encoding", {}), **_dict(spec.get("encoding"))},
    }
    if "facet" in spec and "spec" in spec:
        facet = _dict(spec["facet"])
        extra = facet if {"row", "column"} & set(facet) else {"facet": facet}
        here["encoding"] = {**here["encoding"], **extra}
        return _views(_dict(spec["spec"]), here, datasets)
    if "layer" in spec:
        units = [view for part in _list(spec["layer"]) for view in _views(part, here, datasets)]
        return _without_decoration(units)
    for key in ("hconcat", "vconcat", "concat"):
        if key in spec:
            return [view for part in _list(spec[key]) for view in _views(part, here, datasets)]
    if "repeat" in spec:
        raise NotRead("it repeats a chart over fields; draw one chart")
    if "mark" not in spec:
        return []
    return [_unit(spec["mark"], here, datasets)]


def _list(value: Any) -> list:
    return value if isinstance(value, list) else []


def _dict(value: Any) -> dict:
    return value if isinstance(value, dict) else {}


def _without_decoration(units: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Labels, rules, and points that repeat a line add nothing to what a chart says."""
    has_main = any(view["mark"] in _MAIN_MARKS for view in units)
    kept = [
        view
        for view in units
        if view["mark"] not in _DECORATIONS and not (has_main and view["mark"] == "point")
    ]
    unique: list[dict[str, Any]] = []
    for view in kept or units:
        if view not in unique:
            unique.append(view)
    return unique


def _unit(mark: Any, here: dict[str, Any], datasets: dict) -> dict[str, Any]:
    kind = str(_dict(mark).get("type", "") if isinstance(mark, dict) else mark)
    kind = _SAME_MARK.get(kind, kind)
    encoding: dict[str, Any] = {}
    for channel, definition in here["encoding"].items():
        name = _SAME_CHANNEL.get(channel, channel)
        form = _channel(definition, kind)
        if name in CHANNELS and form and name not in encoding:
            encoding[name] = form
    colour = encoding.get("color", {}).get("field")
    for name in ("shape", "detail", "size"):
        # The same field told twice, for readers who do not see the colours, is told once.
        if colour and encoding.get(name, {}).get("field") == colour:
            del encoding[name]
    for name in ("color", "shape", "detail"):
        # Bars coloured by the names that stand beside them say nothing more.
        # A line is different: a colour for each place on its axis takes it to pieces.
        places = ("x", "y") if kind in ("bar", "point") else ()
        if any(_repeats(encoding.get(name), encoding.get(place)) for place in places):
            del encoding[name]
    encoding = {name: encoding[name] for name in CHANNELS if name in encoding}
    rows, transforms = _filtered(_rows(here["data"], datasets), here["transform"])
    columns = {name for row in rows for name in row}
    for part in encoding.values():
        if rows and not transforms and part.get("field", next(iter(columns))) not in columns:
            raise NotRead(f"its data have no column {part['field']!r}")
    drawn = _drawn(rows, encoding, transforms)
    return {
        "mark": kind,
        "encoding": encoding,
        "transform": transforms,
        "data": hashlib.sha256("\n".join(drawn).encode()).hexdigest()[:16],
        "rows": len(drawn),
    }


def _repeats(one: dict[str, Any] | None, other: dict[str, Any] | None) -> bool:
    """Whether two channels show the same names: same field, both discrete, nothing computed."""
    if not one or not other:
        return False
    plain = all(set(form) == {"field", "type"} for form in (one, other))
    return plain and one == other and one["type"] == "discrete"


def _channel(definition: Any, mark: str) -> dict[str, Any]:
    """One channel: what is drawn on it. A constant (``value``, ``datum``) says nothing of data."""
    if isinstance(definition, list):
        definition = definition[0] if definition else {}
    definition = _dict(definition)
    condition = definition.get("condition")
    if "field" not in definition and isinstance(condition, dict) and "field" in condition:
        definition = condition
    form: dict[str, Any] = {}
    if isinstance(definition.get("field"), str):
        form["field"] = re.sub(r"\\(.)", r"\1", definition["field"])
    aggregate = definition.get("aggregate")
    if aggregate:
        text = aggregate if isinstance(aggregate, str) else json.dumps(aggregate, sort_keys=True)
        form["aggregate"] = _SAME_AGGREGATE.get(text, text)
    if not form:
        return {}
    if form.get("aggregate") == "count":
        # Counting rows counts the same whatever field is named.
        form.pop("field", None)
        form["type"] = "quantitative"
    elif "type" in definition:
        form["type"] = _DISCRETE.get(definition["type"], definition["type"])
    if definition.get("bin"):
        form["bin"] = definition["bin"]
    unit = definition.get("timeUnit")
    if unit:
        form["timeUnit"] = unit.get("unit", "") if isinstance(unit, dict) else unit
    scale = _dict(definition.get("scale")).get("type")
    if scale in ("log", "symlog", "pow", "sqrt"):
        form["scale"] = scale
    if mark in ("bar", "area") and "stack" in definition:
        stack = definition["stack"]
        if stack in ("normalize", "center"):
            form["stack"] = stack
        elif stack in (None, False):
            form["stack"] = "none"
    return form


def _rows(data: Any, datasets: dict) -> list[dict[str, Any]]:
    data = _dict(data)
    values = data.get("values")
    if values is None and "name" in data:
        values = datasets.get(data["name"])
    if values is None and "url" in data:
        raise NotRead("its data stand behind an address; give it a DataFrame")
    # Altair writes one empty row for a chart that was given no data.
    if not isinstance(values, list) or all(row == {} for row in values):
        raise NotRead("it has no data: give alt.Chart a DataFrame")
    return [row if isinstance(row, dict) else {"data": row} for row in values]


def _drawn(rows: list[dict], encoding: dict[str, Any], transforms: list) -> list[str]:
    """The rows that reach the picture, restricted to the fields that are drawn, in any order."""
    types = {part["field"]: part.get("type") for part in encoding.values() if "field" in part}
    text = json.dumps(transforms)
    columns = {name for row in rows[:50] for name in row}
    used = {name for name in columns if name in types or f'"{name}"' in text or name in text}
    lines = []
    for row in rows:
        cells = {name: _cell(row.get(name), types.get(name)) for name in sorted(used)}
        measured = [name for name in used if types.get(name) in ("quantitative", "temporal")]
        if any(cells[name] is None for name in measured):
            continue  # Vega-Lite leaves such rows out of the picture.
        lines.append(json.dumps(cells, ensure_ascii=False))
    return sorted(lines)


def _cell(value: Any, kind: str | None) -> Any:
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int | float):
        return f"{value:.9g}" if kind != "discrete" else f"{value:g}"
    text = str(value).strip()
    if kind == "temporal":
        if re.fullmatch(r"\d{4}(-\d\d)?", text):
            text += "-01" if "-" in text else "-01-01"
        return re.sub(r"[T ]00:00(:00(\.0+)?)?(Z|[+]00:00)?$", "", text)
    return text


# --- filters -----------------------------------------------------------------------------------

_COMPARISON = re.compile(
    r"""\(*\s*datum(?:\.(?P<name>\w+)|\[(?P<quote>['"])(?P<key>.*?)(?P=quote)\])\s*
        (?P<sign>===?|!==?|<=|>=|<|>)\s*
        (?P<value>'[^']*'|"[^"]*"|-?[\d.]+(?:e[-+]?\d+)?|true|false|null)\s*\)*""",
    re.VERBOSE,
)


def _filtered(rows: list[dict], transforms: list) -> tuple[list[dict], list]:
    """Apply simple filters to the rows, so that filtering in pandas or in the chart is the same.

    Filters that stand before any other transform only; whatever is not understood stays a
    transform and is compared as it is written.
    """
    left: list[Any] = []
    for transform in transforms:
        condition = _dict(transform).get("filter")
        if isinstance(condition, dict) and "param" in condition:
            continue  # a selection of the reader's, not of the author's
        test = None if left or condition is None else _test(condition)
        if test is None:
            left.append(transform)
        else:
            rows = [row for row in rows if test(row)]
    return rows, left


def _test(condition: Any) -> Any:
    """A function of a row, or None where the condition is not a simple one."""
    if isinstance(condition, str):
        return _expression(condition)
    condition = _dict(condition)
    for key, combine in (("and", all), ("or", any)):
        if key in condition:
            tests = [_test(part) for part in _list(condition[key])]
            if any(test is None for test in tests):
                return None
            return lambda row, tests=tests, combine=combine: combine(test(row) for test in tests)
    if "not" in condition:
        inner = _test(condition["not"])
        return None if inner is None else (lambda row: not inner(row))
    if "field" not in condition or "timeUnit" in condition:
        return None
    field = condition["field"]
    signs = {"equal": "==", "lt": "<", "lte": "<=", "gt": ">", "gte": ">="}
    for key, sign in signs.items():
        if key in condition:
            value = condition[key]
            return lambda row, sign=sign, value=value: _compare(row.get(field), sign, value)
    if isinstance(condition.get("oneOf"), list):
        return lambda row: row.get(field) in condition["oneOf"]
    if isinstance(condition.get("range"), list) and len(condition["range"]) == 2:
        low, high = condition["range"]
        return lambda row: (
            _compare(row.get(field), ">=", low) and _compare(row.get(field), "<=", high)
        )
    return None


def _expression(text: str) -> Any:
    tests = []
    for part in text.split("&&"):
        match = _COMPARISON.fullmatch(part.strip())
        if not match:
            return None
        field = match["name"] or match["key"]
        raw = match["value"]
        named = {"true": True, "false": False, "null": None}
        value = named[raw] if raw in named else raw[1:-1] if raw[0] in "'\"" else float(raw)
        sign = match["sign"].replace("===", "==").replace("!==", "!=")
        tests.append((field, sign, value))
    return lambda row: all(_compare(row.get(field), sign, value) for field, sign, value in tests)


def _compare(left: Any, sign: str, right: Any) -> bool:
    if sign == "==":
        return left == right
    if sign == "!=":
        return left != right
    try:
        return {"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}[
            sign
        ]
    except TypeError:
        return False

"""Answers as plain data, and the one canonical form in which they are compared.

Two steps, kept apart on purpose. `plain` runs where the student's code runs: it turns any object
into plain JSON and can never raise. `read` runs anywhere: it sees nothing but that JSON and the
question's `Spec`, and says in one line how the answer was read. Two answers are the same exactly
when their canonical forms are the same string.
"""

from __future__ import annotations

import copy
import hashlib
import json
import math
import re
import sys
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from paths_abroad.exercises import chart_form

KINDS = (
    "number",
    "choice",
    "ranking",
    "set",
    "text",
    "table",
    "function",
    "chart",
    "judgement",
)

MAX_ITEMS = 60_000
"""Numbers, strings and the like in one answer."""
MAX_TEXT = 20_000
"""Characters in one string."""
MAX_DEPTH = 24
MAX_SHOWN = 160
"""Characters of an answer that a check cell prints before it abbreviates."""


@dataclass(frozen=True)
class Spec:
    """How one question is read and compared; written once, in its `check` call.

    Parameters
    ----------
    kind
        One of `KINDS`.
    tolerance
        Half the grid on which numbers are rounded: 0.005 means two decimals.
        0 means nine significant digits.
    options
        For a choice, a ranking or a set: the names allowed. For a judgement: the reasons allowed.
    columns
        For a table: the columns compared, by name; others are ignored. Empty: all.
    ordered
        For a table: whether the order of the rows counts.
    examples
        For a function: inputs the student sees, each a list of arguments.
    """

    kind: str = "number"
    tolerance: float = 0.0
    options: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    ordered: bool = False
    examples: tuple[tuple[Any, ...], ...] = ()


@dataclass(frozen=True)
class Reading:
    """How an answer was read.

    Parameters
    ----------
    canonical
        The form that is compared, or None where the answer could not be read as its kind.
    shown
        What a person sees: the canonical form, abbreviated where it is long.
    note
        What to mend, in one or two sentences, where the answer could not be read.
    blank
        True where nothing has been answered yet.
    """

    canonical: str | None
    shown: str = ""
    note: str = ""
    blank: bool = False


class _TooMuch(Exception):
    """The answer cannot or should not leave as plain JSON."""


# --- leaving the student's process ------------------------------------------------------------


def plain(value: Any, inputs: Sequence[Sequence[Any]] | None = None) -> Any:
    """Turn any object into capped plain JSON; never raises.

    Parameters
    ----------
    value
        What stands under the question's name.
    inputs
        For a function: the argument lists to call it with. Only the results leave.

    Returns
    -------
    object
        None, a bool, a finite number, a string, a list, or a dict with exactly one key that says
        what it is: ``number`` (not finite), ``blank``, ``dict``, ``set``, ``table``, ``chart``,
        ``function``, ``results``, ``error`` or ``unreadable``.
    """
    try:
        if inputs is not None and callable(value):
            return {"results": [_call(value, arguments) for arguments in inputs]}
        return _plain(value, _Budget(), 0)
    except KeyboardInterrupt:
        raise
    except _TooMuch as problem:
        return {"unreadable": str(problem)}
    except BaseException as problem:
        return {"unreadable": f"reading it stopped with {_name(problem)}"}


class _Budget:
    """Counts down what one answer may hold."""

    def __init__(self) -> None:
        self.items = MAX_ITEMS

    def spend(self, items: int = 1) -> None:
        self.items -= items
        if self.items < 0:
            raise _TooMuch(f"it holds more than {MAX_ITEMS:,} values")


def _name(value: Any) -> str:
    """The name of an object's type, from `type` itself: `__class__` and `repr` may lie or raise."""
    return str(type.__getattribute__(type(value), "__name__"))[:60]


def _call(function: Any, arguments: Sequence[Any]) -> Any:
    """Call a student's function on copies, so that it cannot change the next call's input."""
    try:
        return _plain(function(*copy.deepcopy(list(arguments))), _Budget(), 0)
    except KeyboardInterrupt:
        raise
    except _TooMuch as problem:
        return {"unreadable": str(problem)}
    except BaseException as problem:
        try:
            message = str(problem)[:200]
        except BaseException:
            message = ""
        return {"error": f"{_name(problem)}: {message}".rstrip(": ")}


def _plain(value: Any, budget: _Budget, depth: int) -> Any:
    budget.spend()
    if depth > MAX_DEPTH:
        raise _TooMuch(f"it is nested more than {MAX_DEPTH} levels deep")
    if value is None:
        return None
    if value is Ellipsis or value is NotImplemented:
        return {"blank": "..."}
    if isinstance(value, bool):
        return bool(value)
    # The type's own methods, here and below: a subclass may have overridden them to misbehave.
    if isinstance(value, int):
        number = int.__int__(value)
        if number.bit_length() > 1000:
            raise _TooMuch("the whole number has more than 300 digits")
        return number
    if isinstance(value, float):
        return _float(float.__float__(value))
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, list | tuple):
        items = list.__iter__(value) if isinstance(value, list) else tuple.__iter__(value)
        return [_plain(item, budget, depth + 1) for item in items]
    if isinstance(value, set | frozenset):
        members = set.__iter__(value) if isinstance(value, set) else frozenset.__iter__(value)
        items = [_plain(item, budget, depth + 1) for item in members]
        return {"set": sorted(items, key=_sorting)}
    if isinstance(value, dict):
        pairs = [
            [_plain(key, budget, depth + 1), _plain(item, budget, depth + 1)]
            for key, item in dict.items(value)
        ]
        return {"dict": pairs}
    return _library(value, budget, depth)


def _library(value: Any, budget: _Budget, depth: int) -> Any:
    """Objects of numpy, pandas, Altair and the standard library.

    The libraries are looked up, not imported: an object of a library exists only where the
    library has been imported already.
    """
    pandas, numpy = sys.modules.get("pandas"), sys.modules.get("numpy")
    if pandas is not None:
        if isinstance(value, pandas.DataFrame):
            return _table(value, budget, depth)
        if isinstance(value, pandas.Series):
            named = value.rename("value") if value.name is None else value
            return _table(named.to_frame(), budget, depth)
        if isinstance(value, pandas.Index | pandas.api.extensions.ExtensionArray):
            return _plain(list(value), budget, depth + 1)
        if value is pandas.NA or value is pandas.NaT:
            return {"number": "nan"}
        if isinstance(value, pandas.Timestamp):
            return _moment(value.isoformat())
        if isinstance(value, pandas.Timedelta):
            raise _TooMuch("it is a length of time: turn it into a number, for example with .days")
        if isinstance(value, pandas.Period | pandas.Interval):
            return _text(str(value))
    if numpy is not None:
        if isinstance(value, numpy.datetime64):
            return _moment(str(value))
        if isinstance(value, numpy.timedelta64):
            raise _TooMuch("it is a length of time: turn it into a number, for example in days")
        if isinstance(value, numpy.generic):
            return _plain(value.item(), budget, depth + 1)
        if isinstance(value, numpy.ndarray):
            budget.spend(int(value.size))
            return _plain(value.tolist(), _Budget(), depth + 1)
    module = str(type.__getattribute__(type(value), "__module__"))
    if module.split(".")[0] == "altair" and hasattr(value, "to_dict"):
        return _chart(value)
    if module == "datetime":
        if hasattr(value, "isoformat"):
            return _moment(value.isoformat())
        raise _TooMuch("it is a length of time: turn it into a number, for example with .days")
    if module in ("decimal", "fractions"):
        return _float(float(value))
    if callable(value):
        return {"function": True}
    raise _TooMuch(f"an object of type {_name(value)} is not an answer")


def _float(number: float) -> Any:
    if math.isnan(number):
        return {"number": "nan"}
    if math.isinf(number):
        return {"number": "inf" if number > 0 else "-inf"}
    return number


def _text(value: str) -> str:
    if len(value) > MAX_TEXT:
        raise _TooMuch(f"a text in it is longer than {MAX_TEXT:,} characters")
    # A lone surrogate cannot be written as UTF-8; JSON files could not hold it.
    return str.encode(value, "utf-8", "replace").decode("utf-8")


def _moment(text: str) -> str:
    return re.sub(r"[T ]00:00:00(\.0+)?$", "", text)


def _sorting(item: Any) -> str:
    return json.dumps(item, sort_keys=True, ensure_ascii=False)


def _table(frame: Any, budget: _Budget, depth: int) -> Any:
    """A frame by its columns; a labelled index counts as columns, a running number does not."""
    pandas = sys.modules["pandas"]
    if frame.shape[0] * max(1, frame.shape[1]) > MAX_ITEMS:
        raise _TooMuch(f"the table holds more than {MAX_ITEMS:,} cells")
    names = [" ".join(map(str, c)) if isinstance(c, tuple) else str(c) for c in frame.columns]
    cells = [list(frame.iloc[:, position]) for position in range(frame.shape[1])]
    index = frame.index
    plain_numbers = index.nlevels == 1 and index.name is None and index.dtype.kind in "iu"
    if not (isinstance(index, pandas.RangeIndex) and index.name is None) and not plain_numbers:
        for level in reversed(range(index.nlevels)):
            label = index.names[level]
            label = "index" if label is None else str(label)
            if label not in names:
                names.insert(0, label)
                cells.insert(0, list(index.get_level_values(level)))
    rows = [[_cell(item, budget, depth) for item in row] for row in zip(*cells, strict=True)]
    return {"table": {"columns": [_text(name) for name in names], "rows": rows}}


def _cell(value: Any, budget: _Budget, depth: int) -> Any:
    reading = _plain(value, budget, depth + 1)
    return None if reading == {"number": "nan"} else reading


def _chart(value: Any) -> Any:
    altair = sys.modules["altair"]
    # Our own limits apply, and the data must stand in the specification, not behind an address.
    with altair.data_transformers.enable("default", max_rows=None):
        spec = value.to_dict()
    text = json.dumps(spec, default=str)
    if len(text) > 4_000_000:
        raise _TooMuch("the chart carries more than four megabytes of data")
    return {"chart": json.loads(text, parse_constant=lambda _: None)}


# --- reading and comparing, from plain JSON alone ---------------------------------------------


def read(answer: Any, spec: Spec) -> Reading:
    """Read an answer that has become plain JSON as the kind its question asks for.

    Parameters
    ----------
    answer
        What `plain` returned.
    spec
        The question's kind, tolerance and so on.

    Returns
    -------
    Reading
        With a canonical form, or with a note that says what to mend.
    """
    try:
        return _read(answer, spec)
    except Exception:
        # The JSON may have been made by anybody: what is malformed is one unreadable answer.
        return Reading(None, note="This cannot be read as an answer.")


def _read(answer: Any, spec: Spec) -> Reading:
    if _is_blank(answer):
        return Reading(None, note="", blank=True)
    tag, body = _tagged(answer)
    if tag == "unreadable":
        return Reading(None, note=f"This cannot be read: {body}.")
    readers = {
        "number": _read_number,
        "choice": _read_choice,
        "ranking": _read_list,
        "set": _read_list,
        "text": _read_text,
        "table": _read_table,
        "function": _read_function,
        "chart": _read_chart,
        "judgement": _read_judgement,
    }
    return readers[spec.kind](answer, spec)


def _tagged(answer: Any) -> tuple[str, Any]:
    if isinstance(answer, dict) and len(answer) == 1:
        return next(iter(answer.items()))
    return "", answer


def _is_blank(answer: Any) -> bool:
    tag, body = _tagged(answer)
    if answer is None or tag == "blank":
        return True
    if isinstance(answer, str):
        return answer.strip().strip("._…?") == ""
    if isinstance(answer, list):
        return all(_is_blank(item) for item in answer)
    if tag in ("set", "dict", "results"):
        return all(_is_blank(item) for item in body)
    if tag == "table":
        return not body["rows"]
    return False


def _abbreviate(canonical: str, note: str = "") -> str:
    text = canonical.replace("\n", " | ")
    if len(text) <= MAX_SHOWN:
        return text
    return f"{text[:MAX_SHOWN].rstrip()} … {note}[{digest(canonical)}]"


def digest(text: str) -> str:
    """Eight characters that change when the text does."""
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def number_form(value: float | int, tolerance: float) -> str:
    """Write a number on the grid of twice its tolerance, so that equal answers look equal.

    Parameters
    ----------
    value
        A finite number.
    tolerance
        Half the grid: 0.005 gives two decimals. 0 gives nine significant digits.

    Returns
    -------
    str
        For example ``"0.13"``; never ``"-0.00"``.
    """
    if tolerance <= 0 or abs(value) > 1e15 * tolerance:
        text = f"{value:.9g}"
        if "e" in text or "." in text:
            text = f"{Decimal(text):f}" if abs(Decimal(text)) >= 1 else text
        return "0" if float(text) == 0 else text
    grid = Decimal(repr(tolerance)) * 2
    # Twelve digits first: 0.1 + 0.2 must not fall on the other side of a boundary from 0.3.
    steps = (Decimal(f"{value:.12g}") / grid).quantize(Decimal(1), rounding=ROUND_HALF_EVEN)
    result = steps * grid
    decimals = max(0, -grid.normalize().as_tuple().exponent)
    return f"{abs(result) if result == 0 else result:.{decimals}f}"


def text_form(value: str) -> str:
    """A text without what does not matter: case, width of characters, spaces, punctuation."""
    folded = unicodedata.normalize("NFKC", value).casefold()
    return " ".join(re.sub(r"[\W_]+", " ", folded).split())


def _finite(answer: Any) -> bool:
    return isinstance(answer, int | float) and not isinstance(answer, bool)


def _number_text(text: str) -> bool:
    return bool(re.fullmatch(r"\s*[-+]?[\d.,]+\s*%?\s*", text)) and any(map(str.isdigit, text))


def _read_number(answer: Any, spec: Spec) -> Reading:
    tag, body = _tagged(answer)
    if _finite(answer):
        form = number_form(answer, spec.tolerance)
        return Reading(form, form)
    if tag == "number":
        what = "not a number (NaN)" if body == "nan" else "infinite"
        why = "a row that is missing" if body == "nan" else "a division by zero"
        return Reading(None, note=f"The result is {what}. Look for {why} among what you computed.")
    if isinstance(answer, bool):
        return Reading(None, note="This is True or False; a number is asked.")
    if isinstance(answer, str) and _number_text(answer):
        return Reading(
            None, note="This is a text that looks like a number. Write it without quotation marks."
        )
    if isinstance(answer, list) or tag in ("table", "set", "dict"):
        return Reading(
            None,
            note="This holds several values or a table; one number is asked. "
            "From a Series with a single value take it with .item().",
        )
    if tag == "function":
        return Reading(None, note="This is a function. Call it, and give its result.")
    return Reading(None, note="One number is asked.")


def _read_choice(answer: Any, spec: Spec) -> Reading:
    if isinstance(answer, list) and len(answer) == 1:
        answer = answer[0]
    if not isinstance(answer, str) and not _finite(answer):
        return Reading(None, note=f"Choose one of {_names(spec.options)}, as a text.")
    form = text_form(str(answer))
    if form not in {text_form(option) for option in spec.options}:
        return Reading(None, note=f"Choose one of {_names(spec.options)}.")
    return Reading(form, form)


def _read_text(answer: Any, spec: Spec) -> Reading:
    if isinstance(answer, list) and len(answer) == 1:
        answer = answer[0]
    if not isinstance(answer, str) and not _finite(answer):
        return Reading(None, note="A short text is asked, in quotation marks.")
    form = text_form(str(answer))
    # "Strategy Analytics" and "StrategyAnalytics" are one name.
    return Reading(form.replace(" ", ""), _abbreviate(form))


def _names(options: Sequence[str]) -> str:
    return ", ".join(options) or "the names in the question"


def _list_of(answer: Any) -> list[Any] | None:
    """A list out of a list, a set or a table of one column of values (a Series)."""
    tag, body = _tagged(answer)
    if isinstance(answer, list):
        return answer
    if tag == "set":
        return body
    if tag == "table":
        columns = body["columns"]
        if len(columns) == 1 or (len(columns) == 2 and columns[0] == "index"):
            return [row[-1] for row in body["rows"]]
    return None


def _read_list(answer: Any, spec: Spec) -> Reading:
    what = "an ordered list" if spec.kind == "ranking" else "a set or list"
    tag, _ = _tagged(answer)
    if spec.kind == "ranking" and tag == "set":
        return Reading(None, note="A set has no order. Give a list, in square brackets.")
    items = _list_of(answer)
    if items is None or any(not isinstance(item, str) and not _finite(item) for item in items):
        return Reading(None, note=f"Give {what} of names, for example ['first', 'second'].")
    forms = [text_form(str(item)) for item in items]
    allowed = {text_form(option) for option in spec.options}
    unknown = [str(item) for item, form in zip(items, forms, strict=True) if form not in allowed]
    if allowed and unknown:
        return Reading(
            None, note=f"Not among the names asked: {unknown[0][:40]}. Use {_names(spec.options)}."
        )
    if len(set(forms)) < len(forms) and spec.kind == "ranking":
        return Reading(None, note="A name stands twice in your list.")
    canonical = ", ".join(sorted(set(forms))) if spec.kind == "set" else " > ".join(forms)
    return Reading(canonical, _abbreviate(canonical))


def _read_judgement(answer: Any, spec: Spec) -> Reading:
    items = _list_of(answer)
    shape = "Give the row and the reason: ('id of the row', 'letter')."
    if items is None or len(items) != 2 or not all(isinstance(item, str) for item in items):
        return Reading(None, note=shape)
    if any(_is_blank(item) for item in items):
        return Reading(None, note=f"One half is still blank. {shape}")
    row, reason = (item.strip().casefold() for item in items)
    if reason not in {option.casefold() for option in spec.options}:
        return Reading(None, note=f"The reason must be one of {_names(spec.options)}.")
    canonical = f"{row}, because {reason}"
    return Reading(canonical, _abbreviate(canonical))


def value_form(value: Any, tolerance: float) -> str:
    """The canonical form of a value of any shape: a cell of a table, a result of a function."""
    tag, body = _tagged(value)
    if value is None or (tag == "number" and body == "nan"):
        return "missing"
    if tag == "number":
        return str(body)
    if isinstance(value, bool):
        return str(value).lower()
    if _finite(value):
        return number_form(value, tolerance)
    if isinstance(value, str):
        return text_form(value) or "empty"
    if isinstance(value, list):
        return "[" + ", ".join(value_form(item, tolerance) for item in value) + "]"
    if tag == "set":
        return "{" + ", ".join(sorted(value_form(item, tolerance) for item in body)) + "}"
    if tag == "dict":
        pairs = (f"{value_form(k, tolerance)}: {value_form(v, tolerance)}" for k, v in body)
        return "{" + ", ".join(sorted(pairs)) + "}"
    if tag == "table":
        return table_form(body, Spec("table", tolerance))
    if tag == "error":
        return f"error {str(body).split(':')[0]}"
    return tag or "unreadable"


def _column(name: str) -> str:
    return text_form(str(name)).replace(" ", "_")


def table_form(table: dict[str, Any], spec: Spec) -> str:
    """The canonical form of a table: a line of columns, then a line per row."""
    have = [_column(name) for name in table["columns"]]
    wanted = [_column(name) for name in spec.columns] or sorted(have)
    places = [have.index(name) for name in wanted]
    lines = [
        "; ".join(value_form(row[place], spec.tolerance) for place in places)
        for row in table["rows"]
    ]
    if not spec.ordered:
        lines.sort()
    return "\n".join([", ".join(wanted), *lines])


def _read_table(answer: Any, spec: Spec) -> Reading:
    tag, body = _tagged(answer)
    if tag != "table":
        return Reading(None, note="A table is asked: a pandas DataFrame.")
    have = [_column(name) for name in body["columns"]]
    missing = [name for name in spec.columns if _column(name) not in have]
    if missing:
        yours = ", ".join(map(str, body["columns"]))[:200] or "none"
        return Reading(
            None, note=f"There is no column {missing[0]!r}. The columns of your table: {yours}."
        )
    if len(set(have)) < len(have):
        return Reading(None, note="Two columns of your table have the same name.")
    canonical = table_form(body, spec)
    return Reading(canonical, _abbreviate(canonical, f"{len(body['rows'])} rows "))


def _read_function(answer: Any, spec: Spec) -> Reading:
    tag, body = _tagged(answer)
    if tag != "results":
        return Reading(
            None, note="A function is asked: define it with def, and give its name without ()."
        )
    failed = [item["error"] for item in body if _tagged(item)[0] == "error"]
    if failed and len(failed) == len(body):
        return Reading(None, note=f"Your function stops with {failed[0]}.")
    odd = [item["unreadable"] for item in body if _tagged(item)[0] == "unreadable"]
    if odd and len(odd) == len(body):
        return Reading(None, note=f"What your function returns cannot be read: {odd[0]}.")
    canonical = "\n".join(value_form(item, spec.tolerance) for item in body)
    return Reading(canonical, _abbreviate(canonical))


def _read_chart(answer: Any, spec: Spec) -> Reading:
    tag, body = _tagged(answer)
    if tag == "dict":
        # A specification written out as a dictionary is a chart too.
        body = _undict(answer)
        tag = "chart" if isinstance(body, dict) and {"mark", "layer"} & set(body) else tag
    if tag != "chart":
        return Reading(None, note="An Altair chart is asked: alt.Chart(...).mark_...().")
    try:
        form = chart_form.canonical(body)
    except chart_form.NotRead as problem:
        return Reading(None, note=f"This chart cannot be read: {problem}.")
    canonical = json.dumps(form, sort_keys=True, ensure_ascii=False)
    return Reading(canonical, chart_form.words(form))


def _undict(answer: Any) -> Any:
    tag, body = _tagged(answer)
    if tag == "dict":
        return {str(key): _undict(value) for key, value in body}
    if isinstance(answer, list):
        return [_undict(item) for item in answer]
    return answer


def boundary_distance(value: float, tolerance: float) -> float:
    """How far a number lies from where its rounding would change, in parts of the grid (0 to 0.5).

    A reference answer on a boundary would make honest answers right or wrong by chance.
    """
    if tolerance <= 0:
        return 0.5
    position = value / (2 * tolerance) - 0.5
    return abs(position - round(position))

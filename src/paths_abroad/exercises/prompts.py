"""Prompts that name their variant: ``{{ quarter | period }}`` becomes "third quarter of 2014"."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from paths_abroad import ledger

_PLACEHOLDER = re.compile(r"\{\{\s*(?P<name>\w+)\s*(?:\|\s*(?P<filter>\w+)\s*)?\}\}")


def _company(slug: str) -> str:
    names = ledger.companies().set_index("company")["name"]
    return str(names.get(slug, slug))


def _place(code: str) -> str:
    names = ledger.places().set_index("place")["name"]
    return str(names.get(code, code))


FILTERS: Mapping[str, Callable[[Any], str]] = {
    "period": lambda value: ledger.wording.period_words(str(value)),
    "date": lambda value: ledger.wording.date_words(str(value)),
    "company": _company,
    "place": _place,
    "percent": lambda value: f"{100 * float(value):g}%",
    "code": lambda value: f"`{value}`",
    "list": lambda value: ", ".join(f"`{item}`" for item in value),
}
"""Ways to put a parameter into words."""


def problems(text: str, parameters: Mapping[str, Any]) -> list[str]:
    """Name the placeholders of a text that no parameter or filter fills."""
    found = []
    for match in _PLACEHOLDER.finditer(text):
        if match["name"] not in parameters:
            found.append(f"{match[0]}: the parameters are {', '.join(parameters)}")
        elif match["filter"] and match["filter"] not in FILTERS:
            found.append(f"{match[0]}: the filters are {', '.join(FILTERS)}")
    return found


def fill(text: str, parameters: Mapping[str, Any]) -> str:
    """Put a variant's parameters into a prompt.

    Parameters
    ----------
    text
        Markdown with placeholders ``{{ name }}`` or ``{{ name | filter }}``.
    parameters
        The variant's parameters.

    Returns
    -------
    str
        The text as the student reads it.
    """

    def word(match: re.Match[str]) -> str:
        value = parameters[match["name"]]
        return FILTERS[match["filter"]](value) if match["filter"] else str(value)

    return _PLACEHOLDER.sub(word, text)

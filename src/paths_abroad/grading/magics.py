"""Cells that are not quite Python: what Jupyter's own notation means where there is no Jupyter.

Only looked at where a cell does not compile as it stands. ``%time`` and its kin run their
statement; every other ``%`` line, every ``!`` line and every ``?`` does nothing; a cell in
another language (``%%bash``, ``%%html``) does nothing. No shell is ever started.
"""

from __future__ import annotations

import re

_RUNS = {"time", "timeit", "capture", "prun", "memit", "python", "python3"}
_CELL = re.compile(r"^\s*%%(\w+)")
_ASSIGNED = re.compile(r"^(\s*[\w.,\[\]'\" ]+?=\s*)([!%])(.*)$")
_LINE = re.compile(r"^(\s*)([%!])(.*)$")
_HELP = re.compile(r"^(\s*)(?:\?{1,2}\s*[\w.%*]+|[\w.%*]+\s*\?{1,2})\s*(?:#.*)?$")
_STATEMENT = re.compile(r"^%?(\w+)((?:\s+-\w+(?:\s+\d+)?)*)\s+(.*)$")
_QUOTES = re.compile(r"\"\"\"|'''")


def python(text: str) -> str:
    """Turn Jupyter's notation into Python.

    Parameters
    ----------
    text
        A code cell that does not compile.

    Returns
    -------
    str
        Python where the cell was Python plus magics; the rest is left as it is.
    """
    first = _CELL.match(text)
    if first:
        if first[1] not in _RUNS:
            return "pass"
        text = text[text.find("\n") + 1 :] if "\n" in text else "pass"
    made: list[str] = []
    inside = ""  # the quotation marks that are open
    continued = False  # a shell line that ended in a backslash
    for line in text.split("\n"):
        if continued:
            continued = line.rstrip().endswith("\\")
            continue
        if inside:
            made.append(line)
        else:
            changed = _line(line)
            continued = changed != line and line.rstrip().endswith("\\")
            made.append(changed)
        for mark in _QUOTES.findall(made[-1]):
            if not inside:
                inside = mark
            elif inside == mark:
                inside = ""
    return "\n".join(made)


def _line(line: str) -> str:
    plain = _LINE.match(line)
    if plain:
        return plain[1] + ((_timed(plain[3]) if plain[2] == "%" else "") or "pass")
    assigned = _ASSIGNED.match(line)
    if assigned:
        value = "[]" if assigned[2] == "!" else _timed(assigned[3]) or "None"
        return assigned[1] + value
    asked = _HELP.match(line)
    return asked[1] + "pass" if asked else line


def _timed(rest: str) -> str:
    """The statement that ``%time statement`` runs; nothing for other magics."""
    found = _STATEMENT.match(rest)
    return found[3] if found and found[1] in _RUNS else ""

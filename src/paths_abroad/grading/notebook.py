"""Notebooks as students really hand them in: any version, any encoding, partly broken."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

from paths_abroad.exercises.release import METADATA
from paths_abroad.grading.course import TOKEN

MAX_BYTES = 64 << 20
MAX_CELLS = 5_000
MAX_SOURCE = 4 << 20

_TOKEN = re.compile(rf"\b{TOKEN}\.[A-Za-z0-9_-]+\.[0-9a-f]{{24}}\b")


class Unreadable(ValueError):
    """A file that is not a notebook; the message says what it is instead."""


@dataclass
class Notebook:
    """What grading needs of a notebook.

    Parameters
    ----------
    code
        The texts of its code cells.
    texts
        The texts of its Markdown cells.
    memo
        What stands in the cell of the memo.
    told
        What the notebook's own metadata say: exercise, variant, student.
    tokens
        Marks found in it, the metadata's first.
    notes
        What had to be mended to read it.
    """

    code: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    memo: str = ""
    told: dict[str, str] = field(default_factory=dict)
    tokens: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def parse(data: bytes) -> Notebook:
    """Read a notebook from bytes.

    Parameters
    ----------
    data
        The file as it was handed in.

    Returns
    -------
    Notebook
        With at least one code cell or text.

    Raises
    ------
    Unreadable
        Where nothing in it can be graded.
    """
    if len(data) > MAX_BYTES:
        raise Unreadable(f"larger than {MAX_BYTES >> 20} MB")
    if not data.strip():
        raise Unreadable("empty")
    notebook = Notebook()
    text = _text(data, notebook)
    document = _document(text, notebook)
    cells = _cells(document)
    if not isinstance(document.get("metadata"), dict):
        document["metadata"] = {}
    _read_cells(cells, notebook)
    told = document["metadata"].get(METADATA)
    if isinstance(told, dict):
        notebook.told = {k: v for k, v in told.items() if isinstance(v, str)}
    found = [notebook.told.get("token", "")]
    found += [token for source in (*notebook.code, *notebook.texts) for token in _marks(source)]
    notebook.tokens = [token for token in dict.fromkeys(found) if token]
    if not notebook.code and not notebook.texts:
        raise Unreadable("a notebook without cells")
    return notebook


def _marks(source: str) -> list[str]:
    return _TOKEN.findall(source) if TOKEN in source else []


def _text(data: bytes, notebook: Notebook) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding = "utf-16"
    elif b"\x00" in data[:4]:
        encoding = "utf-16-le" if data[1:2] == b"\x00" else "utf-16-be"
    else:
        encoding = "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        notebook.notes.append("Not in UTF-8; read as Latin-1.")
        return data.decode("cp1252", errors="replace")
    if encoding != "utf-8-sig":
        notebook.notes.append("In UTF-16 instead of UTF-8.")
    return text


def _document(text: str, notebook: Notebook) -> dict[str, Any]:
    try:
        document = json.loads(text, strict=False)
    except RecursionError:
        raise Unreadable("nested too deep to be a notebook") from None
    except ValueError as problem:
        document = _salvaged(text)
        if document is None:
            raise Unreadable(_what_it_is(text, problem)) from None
        count = len(document["cells"])
        notebook.notes.append(f"Damaged JSON; {count} whole cells were saved from it.")
    if not isinstance(document, dict):
        raise Unreadable("JSON, but not a notebook")
    return document


def _what_it_is(text: str, problem: ValueError) -> str:
    start = text.lstrip()[:200].casefold()
    if start.startswith(("<!doctype", "<html")):
        return "a web page, not a notebook"
    if start.startswith("%pdf"):
        return "a PDF, not a notebook"
    if not start.startswith(("{", "[")):
        return "not a notebook"
    return f"not valid JSON ({str(problem)[:80]})"


def _salvaged(text: str) -> dict[str, Any] | None:
    """The whole cells of a file that was cut off or damaged, up to the damage."""
    begin = re.search(r'"cells"\s*:\s*\[', text)
    if begin is None:
        return None
    decoder, place, cells = json.JSONDecoder(strict=False), begin.end(), []
    while True:
        gap = re.compile(r"[\s,]*").match(text, place)
        place = gap.end() if gap else place
        try:
            cell, place = decoder.raw_decode(text, place)
        except (ValueError, RecursionError):
            break
        if not isinstance(cell, dict) or len(cells) > MAX_CELLS:
            break
        cells.append(cell)
    return {"cells": cells} if cells else None


def _cells(document: dict[str, Any]) -> list[dict[str, Any]]:
    cells = document.get("cells")
    if not isinstance(cells, list):
        # Version 3 kept them in worksheets.
        sheets = document.get("worksheets")
        sheets = sheets if isinstance(sheets, list) else []
        cells = [
            cell
            for sheet in sheets
            if isinstance(sheet, dict) and isinstance(sheet.get("cells"), list)
            for cell in sheet["cells"]
        ]
        if not sheets:
            raise Unreadable("JSON, but not a notebook")
    return [cell for cell in cells if isinstance(cell, dict)]


def _source(cell: dict[str, Any]) -> str:
    for name in ("source", "input"):
        value = cell.get(name)
        if isinstance(value, str):
            return value
        if isinstance(value, list):
            return "".join(part for part in value if isinstance(part, str))
    return ""


def _read_cells(cells: list[dict[str, Any]], notebook: Notebook) -> None:
    code = size = 0
    after_memo = False
    for cell in cells:
        source = _source(cell).replace("\r\n", "\n")
        # A lone surrogate cannot be written out again.
        source = source.encode("utf-8", "replace").decode("utf-8")
        size += len(source)
        if cell.get("cell_type") == "code":
            code += 1
            if code > MAX_CELLS or size > MAX_SOURCE:
                notebook.notes.append(
                    f"More than {MAX_CELLS:,} cells or {MAX_SOURCE >> 20} MB of text; "
                    "what comes after was not read."
                )
                return
            notebook.code.append(source)
            continue
        notebook.texts.append(source)
        if _is_memo(cell):
            notebook.memo = f"{notebook.memo}\n\n{source}".strip()
        elif after_memo and not notebook.memo:
            notebook.memo = source
        after_memo = bool(re.match(r"\s*##\s+Memo\b", source))


def _is_memo(cell: dict[str, Any]) -> bool:
    metadata = cell.get("metadata")
    tags = metadata.get("tags") if isinstance(metadata, dict) else None
    named = isinstance(cell.get("id"), str) and cell["id"].endswith("-memo-memo")
    return named or (isinstance(tags, list) and "memo" in tags)

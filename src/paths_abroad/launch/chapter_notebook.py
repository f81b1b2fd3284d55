"""A chapter as a notebook that opens anywhere: executed, with plain Markdown between the cells."""

from __future__ import annotations

import json
import re
from pathlib import Path

import jupytext
import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell

from paths_abroad.launch.plain_markdown import plain
from paths_abroad.ledger import LedgerError

# In the book, myst_nb puts computed figures into sentences. Notebooks have no such thing: while the
# chapter is executed here the figures are collected, and what the student gets does nothing.
_COLLECT = """\
import sys, types
_pa_glued = {}
_pa_module = types.ModuleType("myst_nb")
_pa_module.glue = lambda name, value, display=True: _pa_glued.update({name: str(value)})
sys.modules["myst_nb"] = _pa_module
"""
_PRINT = "import json; print(json.dumps(_pa_glued))"
_IMPORT = "from myst_nb import glue"
_STAND_IN = '''\
def glue(name, value, display=True):
    """Put a figure into a sentence: only the book can, here the sentences are written."""'''

_HIDDEN = {"remove-cell", "remove-input", "hide-cell", "hide-input"}

_STYLER = re.compile(r"\bT_[0-9a-f]{5}(?=[_\"\s])")


def chapter_notebook(path: Path) -> NotebookNode:
    """Convert a chapter.

    Parameters
    ----------
    path : Path
        ``chapters/<slug>.md``.

    Returns
    -------
    NotebookNode
        Executed. Cells whose code the book hides are folded.

    Raises
    ------
    ValueError
        A cell failed or the text asks for a row that the ledger has not; the message names the
        file.
    """
    chapter = jupytext.read(path, fmt="md:myst")
    try:
        glued = _execute(chapter, path.parent)
        return _readable(chapter, path.stem, glued)
    except LedgerError as problem:
        raise ValueError(f"{path.name}: {problem}") from problem
    except CellExecutionError as problem:
        raise ValueError(f"{path.name}: a cell fails: {problem.ename}: {problem.evalue}") from None


def _execute(chapter: NotebookNode, folder: Path) -> dict[str, str]:
    """Execute in place, and return the figures glued."""
    chapter.cells = [new_code_cell(_COLLECT), *chapter.cells, new_code_cell(_PRINT)]
    client = NotebookClient(
        chapter,
        kernel_name="python3",
        timeout=120,
        coalesce_streams=True,
        record_timing=False,
        extra_arguments=["--log-level=40"],  # no word about local sockets without encryption
        resources={"metadata": {"path": str(folder)}},
    )
    client.execute()
    printed = chapter.cells[-1].outputs[0]["text"]
    chapter.cells = chapter.cells[1:-1]
    return json.loads(printed)


def _stable(output: NotebookNode, name: str) -> NotebookNode:
    """Replace the random number that pandas' Styler puts into ids: same chapter, same bytes."""
    page = output.get("data", {}).get("text/html")
    if page:
        output["data"]["text/html"] = _STYLER.sub(name, page)
    return output


def _readable(chapter: NotebookNode, slug: str, glued: dict[str, str]) -> NotebookNode:
    cells = []
    for cell in chapter.cells:
        if cell.cell_type == "markdown":
            text = plain(cell.source, glued)
            if text.strip():
                cells.append(new_markdown_cell(text.rstrip("\n")))
            continue
        made = new_code_cell(
            cell.source.replace(_IMPORT, _STAND_IN),
            outputs=[
                _stable(output, f"T_{len(cells)}_{n}") for n, output in enumerate(cell.outputs)
            ],
            execution_count=(cell.execution_count or 1) - 1 or None,
        )
        if _HIDDEN & set(cell.metadata.get("tags", [])):
            made.metadata["jupyter"] = {"source_hidden": True}
        cells.append(made)
    notebook = nbformat.v4.new_notebook(cells=cells)
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    for number, cell in enumerate(notebook.cells):
        cell.id = f"{slug}-{number}"[:64]  # otherwise random: the same chapter gives the same bytes
    nbformat.validate(notebook)
    return notebook

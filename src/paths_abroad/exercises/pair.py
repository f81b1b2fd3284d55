"""The instructor's notebook: the source's executed pair, which ``pytest --nbval`` re-runs.

nbval passes a notebook without outputs in silence, and compares nothing where a cell was never
executed. So a pair is checked here first: same cells as the source, every cell executed.
"""

from __future__ import annotations

from pathlib import Path

import nbformat

from paths_abroad.exercises.source import SourceError, load

TIMEOUT = 120
"""Seconds a cell may take."""


def build(source: Path) -> nbformat.NotebookNode:
    """Turn a source into a notebook with stable cell ids, not yet executed.

    Parameters
    ----------
    source
        ``exercises/<slug>.md``.
    """
    import jupytext

    exercises = load(source)
    notebook = jupytext.read(source, fmt="md:myst")
    for cell, known in zip(notebook.cells, exercises.cells, strict=True):
        cell["id"] = known.id
    notebook.metadata["jupytext"] = {
        **notebook.metadata.get("jupytext", {}),
        "formats": "ipynb,md:myst",
    }
    notebook.metadata["language_info"] = {"name": "python"}
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    return notebook


def write(source: Path) -> Path:
    """Execute a source and store it beside itself as ``<slug>.ipynb``.

    Raises
    ------
    SourceError
        If a cell fails.
    """
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError

    notebook = build(source)
    client = NotebookClient(
        notebook,
        timeout=TIMEOUT,
        kernel_name="python3",
        resources={"metadata": {"path": str(source.resolve().parent)}},
        record_timing=False,
        coalesce_streams=True,
    )
    try:
        client.execute()
    except CellExecutionError as problem:
        raise SourceError(
            f"{source.name}: a cell fails: {problem.ename}: {problem.evalue}"
        ) from None
    # The kernel writes its own version here; two machines would differ.
    notebook.metadata["language_info"] = {"name": "python"}
    nbformat.validate(notebook)
    path = source.with_suffix(".ipynb")
    path.write_text(nbformat.writes(notebook).rstrip("\n") + "\n", encoding="utf-8", newline="\n")
    return path


def problems(source: Path) -> list[str]:
    """Say what is wrong with a source's pair; nothing, where it is in order.

    Parameters
    ----------
    source
        ``exercises/<slug>.md``.

    Returns
    -------
    list of str
        One line each: the file, the cell, what is wrong, how to mend it.
    """
    path = source.with_suffix(".ipynb")
    mend = f"run: paths-abroad pair {source.stem}"
    if not path.is_file():
        return [f"{path.name}: missing; {mend}"]
    exercises = load(source)
    try:
        notebook = nbformat.read(path, as_version=4)
    except Exception as problem:
        return [f"{path.name}: cannot be read ({type(problem).__name__}); {mend}"]
    stored, written = list(notebook.cells), exercises.cells
    if len(stored) != len(written):
        return [f"{path.name}: {len(stored)} cells, the source has {len(written)}; {mend}"]
    found = []
    for cell, known in zip(stored, written, strict=True):
        where = f"{path.name}: cell {known.id}"
        same = cell.cell_type == known.kind and cell.source.strip() == known.text.strip()
        if not same or tuple(cell.metadata.get("tags", ())) != known.tags:
            found.append(f"{where} differs from {source.name}:{known.line}; {mend}")
        elif cell.cell_type == "code":
            found.extend(f"{where} {what}; {mend}" for what in _unexecuted(cell, known.role))
    return found


def _unexecuted(cell: nbformat.NotebookNode, role: str) -> list[str]:
    if cell.source.strip() and cell.execution_count is None:
        return ["was never executed"]
    if any(output.output_type == "error" for output in cell.outputs):
        return ["holds an error"]
    if role == "check" and not cell.outputs:
        return ["has lost its output"]
    return []

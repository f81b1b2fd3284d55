"""The student's notebook: the source without what gives it away, with the keys of one variant.

The same source, ledger and salt give the same bytes.
"""

from __future__ import annotations

import hashlib
import textwrap
from pathlib import Path
from typing import Any

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from paths_abroad.exercises import keys
from paths_abroad.exercises.prompts import fill
from paths_abroad.exercises.source import (
    PUBLIC,
    Cell,
    ExerciseSet,
    SourceError,
    load,
    without_solution,
)
from paths_abroad.exercises.variants import Reference, run

METADATA = "paths_abroad"
"""Where a notebook says which exercise, text and variant it is."""

INSTALL = """\
try:
    import paths_abroad
except ModuleNotFoundError:  # in Colab, for example: fetch the library once
    import subprocess
    import sys

    wanted = "paths-abroad @ git+https://github.com/{repository}"
    subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", wanted], check=True)
"""
"""First lines of a notebook that may be opened where the library is missing."""


def find(slug: str, folder: Path | None = None) -> Path:
    """Find the source of an exercise set.

    Parameters
    ----------
    slug
        The set, or a path to its source.
    folder
        Where to look; by default ``exercises/`` here or in a folder above.

    Raises
    ------
    SourceError
        Naming the sets there are.
    """
    if slug.endswith(".md"):
        return Path(slug)
    if folder is None:
        here = Path.cwd()
        # Beside the library first comes the folder one stands in: a course may have its own sets.
        above = [here, *here.parents, Path(__file__).resolve().parents[3]]
        folder = next((p / "exercises" for p in above if any(p.glob("exercises/*.md"))), None)
    if folder is None:
        raise SourceError("there is no folder exercises/ here; run this inside the repository")
    path = folder / f"{slug}.md"
    if not path.is_file() or slug == "README":
        there = ", ".join(p.stem for p in sources(folder))
        raise SourceError(f"there is no exercise set {slug!r}; there are: {there or 'none'}")
    return path


def sources(folder: Path) -> list[Path]:
    """List the sources in a folder, by name: every Markdown file but the README."""
    return sorted(path for path in folder.glob("*.md") if path.stem != "README")


def student_notebook(
    exercises: ExerciseSet,
    reference: Reference,
    *,
    salt: bytes | None = None,
    repository: str = "",
    extra: dict[str, Any] | None = None,
) -> nbformat.NotebookNode:
    """Make the notebook a student works in.

    Parameters
    ----------
    exercises
        The set.
    reference
        The reference answers of the student's variant.
    salt
        For the keys; by default derived from set, text and variant.
    repository
        ``owner/name`` on GitHub, from which Colab installs the library; empty: no installation.
    extra
        Further entries for the notebook's own metadata, for example the student.

    Returns
    -------
    NotebookNode
        Valid, without solutions, outputs or hints in clear.
    """
    parameters = reference.parameters
    if salt is None:
        salt = hashlib.sha256(
            f"{exercises.slug}\n{exercises.version}\n{reference.variant}".encode()
        ).digest()[:16]
    locked = keys.lock(
        exercises.slug,
        reference.variant,
        salt,
        {name: (one.checked, one.checked_mistakes) for name, one in reference.expected.items()},
        names=[question.variable for question in exercises.questions],
    )
    cells = []
    for cell in exercises.cells:
        if cell.role == "instructor":
            continue
        if cell.kind == "markdown":
            cells.append(_markdown(cell, fill(cell.text, parameters)))
        elif cell.role == "setup":
            cells.append(_code(cell, _setup(cell.text, exercises.slug, repository)))
            cells.append(_keys(exercises.slug, locked))
        elif cell.role == "parameters":
            lines = [f"{name} = {_literal(value)}" for name, value in parameters.items()]
            cells.append(_code(cell, "\n".join(lines)))
        else:
            cells.append(_code(cell, without_solution(cell.text)))
    notebook = new_notebook(cells=cells)
    notebook.nbformat_minor = 5
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
        METADATA: {
            "exercise": exercises.slug,
            "version": exercises.version,
            "variant": reference.variant,
            **(extra or {}),
        },
    }
    nbformat.validate(notebook)
    return notebook


def _markdown(cell: Cell, text: str) -> nbformat.NotebookNode:
    made = new_markdown_cell(text, id=cell.id)
    if cell.role == "memo":
        made.metadata["tags"] = ["memo"]
    return made


def _code(cell: Cell, text: str) -> nbformat.NotebookNode:
    made = new_code_cell(text, id=cell.id)
    tags = [tag for tag in cell.tags if tag in ("parameters", "hide-input")]
    if tags:
        made.metadata["tags"] = tags
    return made


def _setup(text: str, slug: str, repository: str) -> str:
    kept = [line for line in text.splitlines() if not line.startswith("exercise(")]
    text = "\n".join(kept).strip()
    return f"{INSTALL.format(repository=repository)}\n{text}" if repository else text


def _keys(slug: str, locked: keys.Keys) -> nbformat.NotebookNode:
    lines = "\n".join(textwrap.wrap(locked.text(), 100))
    made = new_code_cell(
        "# Keys: with them the checks say more than how they read an answer. Run, do not edit."
        f'\nexercise("{slug}", keys="""\n{lines}\n""")',
        id=f"{slug}-keys",
    )
    made.metadata["jupyter"] = {"source_hidden": True}
    return made


def _literal(value: Any) -> str:
    """A parameter as a person writes it: in double quotation marks."""
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if isinstance(value, list):
        return "[" + ", ".join(_literal(item) for item in value) + "]"
    return repr(value)


def write(source: Path, out: Path, repository: str = "", variant: str = PUBLIC) -> Path:
    """Release one exercise set to a folder.

    Parameters
    ----------
    source
        ``exercises/<slug>.md``.
    out
        A folder; made where it is missing.
    repository
        ``owner/name`` on GitHub, or empty.
    variant
        Which variant.

    Returns
    -------
    Path
        The notebook written.
    """
    exercises = load(source)
    notebook = student_notebook(exercises, run(exercises, variant), repository=repository)
    out.mkdir(parents=True, exist_ok=True)
    path = out / f"{exercises.slug}.ipynb"
    path.write_text(nbformat.writes(notebook).rstrip("\n") + "\n", encoding="utf-8", newline="\n")
    return path

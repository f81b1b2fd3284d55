"""All notebooks of the book in one folder: exercises to answer, chapters to run."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell

from paths_abroad.exercises import release
from paths_abroad.launch.chapter_notebook import chapter_notebook


def write(root: Path, out: Path, repository: str = "") -> list[Path]:
    """Write ``out/<slug>.ipynb`` for every exercise set, ``out/chapters/<slug>.ipynb`` per chapter.

    Parameters
    ----------
    root : Path
        The repository, with ``exercises/`` and ``chapters/``.
    out : Path
        A folder; made where it is missing.
    repository : str
        ``owner/name`` on GitHub. Then the notebooks begin by installing the library where it is
        missing, as they must in Colab or after a download; Binder has it.

    Returns
    -------
    list of Path
        What was written. The same sources give the same bytes.
    """
    sources = release.sources(root / "exercises")
    chapters = sorted((root / "chapters").glob("*.md"))
    written = [release.write(path, out, repository) for path in sources]
    # Two at a time: a kernel is a process of its own, and waiting for it is most of the work.
    with ThreadPoolExecutor(max_workers=2) as pool:
        made = list(pool.map(chapter_notebook, chapters))
    for path, notebook in zip(chapters, made, strict=True):
        if repository:
            install = release.INSTALL.format(repository=repository).rstrip("\n")
            notebook.cells.insert(0, new_code_cell(install, id=f"{path.stem}-install"))
        target = out / "chapters" / f"{path.stem}.ipynb"
        target.parent.mkdir(parents=True, exist_ok=True)
        text = nbformat.writes(notebook).rstrip("\n") + "\n"
        target.write_text(text, encoding="utf-8", newline="\n")
        written.append(target)
    return written

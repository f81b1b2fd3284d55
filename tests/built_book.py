"""Build the book as a person would, from a test."""

import fcntl
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
INPUTS = (
    *("_config.yml", "_toc.yml", "index.md", "how-to-use.md", "glossary.md"),
    *("binder", "chapters", "data", "exercises", "seeds", "src"),
)


def newest(root: Path) -> float:
    """Return when the youngest of the book's inputs was changed."""
    files = []
    for name in INPUTS:
        path = root / name
        files += [path] if path.is_file() else [f for f in path.rglob("*") if f.is_file()]
    return max(f.stat().st_mtime for f in files if "__pycache__" not in f.parts)


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Let one process alone build the book into ``_build``; the others wait for it."""
    folder = os.open(ROOT, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def build(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the book's build as `make book` does."""
    return subprocess.run(
        [sys.executable, "-m", "paths_abroad.book", *arguments],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
    )

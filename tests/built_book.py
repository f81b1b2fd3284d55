"""Build the book as a person would, from a test."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
INPUTS = ("_config.yml", "_toc.yml", "index.md", "chapters", "data", "exercises", "seeds", "src")


def newest(root: Path) -> float:
    """Return when the youngest of the book's inputs was changed."""
    files = []
    for name in INPUTS:
        path = root / name
        files += [path] if path.is_file() else [f for f in path.rglob("*") if f.is_file()]
    return max(f.stat().st_mtime for f in files if "__pycache__" not in f.parts)


def build(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the book's build as `make book` does."""
    return subprocess.run(
        [sys.executable, "-m", "paths_abroad.book", *arguments],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
    )

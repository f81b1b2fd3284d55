"""After the build: what no page asks for goes, and what would differ from run to run goes too."""

import re
import shutil
from pathlib import Path

# Sphinx's own notes; `_sources` would hand out the text of pages, `reports` are for the log.
LEFTOVERS = (
    ".buildinfo",
    ".buildinfo.bak",
    "objects.inv",
    "genindex.html",
    "_sources",
    "_sphinx_design_static",
    "reports",
)
_REFERENCE = re.compile(r'(?:src|href)="([^"#?]*_static/[^"#?]+)')


def referenced(html: Path) -> set[Path]:
    """Return the files below ``_static`` that some page asks for."""
    static = (html / "_static").resolve()
    found = set()
    for page in html.rglob("*.html"):
        for address in _REFERENCE.findall(page.read_text(encoding="utf-8")):
            file = (page.parent / address).resolve()
            if static in file.parents:
                found.add(file)
    return found


def slim(html: Path) -> int:
    """Delete what no page asks for.

    Parameters
    ----------
    html : Path
        The built site.

    Returns
    -------
    int
        Bytes of the site afterwards.
    """
    for name in LEFTOVERS:
        leftover = html / name
        if leftover.is_dir():
            shutil.rmtree(leftover)
        else:
            leftover.unlink(missing_ok=True)
    wanted = referenced(html)
    static = html / "_static"
    ours = static / "paths_abroad"
    for file in sorted(static.rglob("*"), reverse=True):
        if file.is_dir():
            if not any(file.iterdir()):
                file.rmdir()
        elif file.resolve() not in wanted and ours not in file.parents:
            file.unlink()
    # GitHub Pages would otherwise leave out every folder that starts with an underscore.
    (html / ".nojekyll").touch()
    return sum(file.stat().st_size for file in html.rglob("*") if file.is_file())

"""Launch links: Binder, Colab and the file itself, right in every fork.

The repository is, in this order: ``paths_abroad_repository`` (the one override, in ``_config.yml``
under ``sphinx: config:``), ``GITHUB_REPOSITORY`` (set in GitHub's CI), the git remote ``origin``.
Where none of them names one on GitHub, only the download is offered.
"""

import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

_NAME = re.compile(r"[\w.-]+/[\w.-]+")
_REMOTE = re.compile(r"github\.com[:/](?P<name>[\w.-]+/[\w.-]+?)(?:\.git)?/?$")


@dataclass(frozen=True)
class Link:
    """One way to open a notebook.

    ``address`` is a URL, or for ``local`` a path from the root of the built site.
    """

    label: str
    address: str
    local: bool = False


def repository(root: Path, override: str = "") -> str:
    """Return ``owner/name`` on GitHub, or ``""`` where it cannot be known.

    Parameters
    ----------
    root : Path
        A folder inside the git work tree.
    override : str
        ``owner/name`` from the configuration; wins over everything else.

    Raises
    ------
    ValueError
        If the override is no ``owner/name``.
    """
    if override:
        if not _NAME.fullmatch(override):
            raise ValueError(
                f"paths_abroad_repository is {override!r}: write owner/name, as on GitHub"
            )
        return override
    if _NAME.fullmatch(os.environ.get("GITHUB_REPOSITORY", "")):
        return os.environ["GITHUB_REPOSITORY"]
    try:
        asked = subprocess.run(
            ["git", "config", "--get", "remote.origin.url"],
            cwd=root,
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError:
        return ""
    found = _REMOTE.search(asked.stdout.strip())
    return found["name"] if found else ""


def links(slug: str, what: str, repository: str, branch: str = "main") -> list[Link]:
    """Return the ways to open a chapter's notebook.

    Parameters
    ----------
    slug : str
        The chapter, e.g. ``xiaomi``.
    what : {"exercises", "chapter"}
        The student's exercise notebook, or the chapter itself.
    repository : str
        ``owner/name``, or ``""``: then only the download.
    branch : str
        The branch Binder builds.
    """
    folder = "notebooks" if what == "exercises" else "notebooks/chapters"
    file = f"{folder}/{slug}.ipynb"
    download = Link("Download the notebook", file, local=True)
    if not repository:
        return [download]
    tree = quote(f"lab/tree/{file}", safe="")
    return [
        Link(
            "Open in Binder",
            f"https://mybinder.org/v2/gh/{repository}/{quote(branch, safe='')}?urlpath={tree}",
        ),
        # Colab reads from GitHub only: the published site has its own branch.
        Link(
            "Open in Colab",
            f"https://colab.research.google.com/github/{repository}/blob/gh-pages/{file}",
        ),
        download,
    ]

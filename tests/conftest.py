"""The built book, once for all tests that read it."""

import os
from pathlib import Path

import pytest

from built_book import ROOT, build, newest, one_at_a_time


@pytest.fixture(scope="session")
def built_site() -> Path:
    """The folder of the built site: the one in ``_build`` where it is fresh, else built now.

    ``PATHS_ABROAD_SITE`` names another one, to test what is about to be published.
    """
    named = os.environ.get("PATHS_ABROAD_SITE")
    if named:
        return Path(named).resolve()
    html = ROOT / "_build" / "html"
    # The build's last act; older than an input, or absent after a failure, it does not count.
    done = html / ".nojekyll"
    with one_at_a_time():
        if not done.is_file() or done.stat().st_mtime < newest(ROOT):
            result = build()
            if result.returncode:
                told = f"the book cannot be built:\n{result.stdout}{result.stderr}"
                pytest.fail(told, pytrace=False)
    return html


@pytest.fixture(scope="session")
def site_pages(built_site: Path) -> list[str]:
    """Every page of the site, as a path from its root."""
    return sorted(p.relative_to(built_site).as_posix() for p in built_site.rglob("*.html"))

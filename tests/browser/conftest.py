"""A real browser, and the built site on a server of its own."""

import functools
import http.server
import os
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
WIDE = {"width": 1280, "height": 800}
PHONE = {"width": 360, "height": 740}
CHAPTER = "chapters/xiaomi.html"


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args: object) -> None:
        """Say nothing; a failed request is found by the tests."""


@pytest.fixture(scope="session")
def site_url(built_site: Path) -> Iterator[str]:
    """Address of the built site, without a slash at its end."""
    handler = functools.partial(_Quiet, directory=str(built_site))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()


def find_chromium() -> str:
    """Return the path of an installed Chromium; a person is told where none is found."""
    stated = os.environ.get("PATHS_ABROAD_CHROMIUM")
    found = stated or next((path for name in NAMES if (path := shutil.which(name))), None)
    if not found:
        pytest.fail(
            "no Chromium found, and the tests of the pages need one: install it "
            "(Debian: apt-get install chromium), or set PATHS_ABROAD_CHROMIUM to its path",
            pytrace=False,
        )
    return found


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for the session."""
    path = find_chromium()
    with sync_playwright() as playwright:
        # Root, as in a container, may not use Chromium's own sandbox.
        sandbox = [] if os.name == "nt" or os.geteuid() else ["--no-sandbox"]
        chromium = playwright.chromium.launch(executable_path=path, args=sandbox)
        yield chromium
        chromium.close()


@pytest.fixture
def visit(browser: Browser, site_url: str) -> Iterator:
    """Open a page of the site: ``visit("index.html", viewport=PHONE, color_scheme="dark")``."""
    contexts: list[BrowserContext] = []

    def open_page(path: str, **options: object) -> Page:
        context = browser.new_context(**{"viewport": WIDE, "reduced_motion": "reduce", **options})
        contexts.append(context)
        page = context.new_page()
        page.goto(f"{site_url}/{path}")
        return page

    yield open_page
    for context in contexts:
        context.close()


def wake(page: Page) -> int:
    """Bring every chart of a page near, and wait until it is awake; return how many there are."""
    figures = page.locator(".pa-chart")
    for position in range(figures.count()):
        figure = figures.nth(position)
        figure.scroll_into_view_if_needed()
        page.wait_for_function(
            "figure => figure.dataset.state === 'awake'",
            arg=figure.element_handle(),
            timeout=15_000,
        )
    return figures.count()

"""Every page: nothing from elsewhere, nothing missing, nothing said to the console, no sideways."""

import gzip
from urllib.parse import urlsplit

import pytest

from .conftest import CHAPTER, PHONE, wake

BUDGET = 300_000
"""Bytes, gzipped, that a first visit to the chapter may cost before a chart wakes."""


def listen(page, said: list[str]) -> None:
    def failed(request) -> None:
        # The browser drops what it no longer needs (an icon) when it goes to the next page.
        if request.failure != "net::ERR_ABORTED":
            said.append(f"failed: {request.url}: {request.failure}")

    page.on("console", lambda message: said.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: said.append(f"error: {error}"))
    page.on("requestfailed", failed)
    page.on(
        "response",
        lambda answer: answer.status >= 400 and said.append(f"{answer.status}: {answer.url}"),
    )


def test_pages_ask_only_this_site_and_get_what_they_ask_for(visit, site_pages, site_url):
    page = visit("search.html")
    said: list[str] = []
    listen(page, said)
    hosts = set()
    page.on("request", lambda request: hosts.add(urlsplit(request.url).netloc))
    for path in site_pages:
        page.goto(f"{site_url}/{path}")
        wake(page)
    page.wait_for_load_state("networkidle")
    assert hosts == {urlsplit(site_url).netloc}
    assert not said, "\n".join(said)


def test_the_book_works_from_a_folder(browser, built_site):
    context = browser.new_context()
    page = context.new_page()
    said: list[str] = []
    listen(page, said)
    page.goto((built_site / "index.html").as_uri())
    page.get_by_role("navigation", name="Chapters").get_by_role("link", name="Xiaomi").click()
    assert wake(page)
    page.get_by_role("searchbox").fill("Barra")
    page.keyboard.press("Enter")
    page.locator("#search-results li a").first.wait_for(timeout=10_000)
    context.close()
    assert not said, "\n".join(said)


def found(page, words: str) -> list[str]:
    """Search as a reader does, and return where the results lead, best first."""
    page.get_by_role("searchbox").fill(words)
    page.keyboard.press("Enter")
    results = page.locator("#search-results li a")
    results.first.wait_for(timeout=10_000)
    page.wait_for_timeout(500)
    return results.evaluate_all("all => all.map(a => a.getAttribute('href'))")


def first(links: list[str], start: str) -> int:
    """Return the place of the first result below an address."""
    return next(place for place, link in enumerate(links) if link.startswith(start))


def test_the_search_finds_chapters_before_the_ledger(visit):
    links = found(visit("index.html"), "flash sale")
    assert "chapters/xiaomi.html" in links
    assert first(links, "chapters/") < first(links, "_generated/")


def test_the_search_finds_the_page_of_that_name_first(visit):
    assert found(visit("index.html"), "Volvo")[0] == "_generated/companies/volvo-cars.html"


@pytest.mark.parametrize(
    ("words", "leads_to"),
    [
        ("New wave emerges on the global scene", "_generated/sources/press"),
        ("Camden", "_generated/companies/haier"),
        ("greenshoe", "glossary.html"),
        ("小米", "glossary.html"),
    ],
    ids=["title of a source", "place in a row", "term", "Chinese name"],
)
def test_the_search_finds_a_row_of_the_ledger(visit, words, leads_to):
    links = found(visit("index.html"), words)
    assert any(link.startswith(leads_to) for link in links), links


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_nothing_runs_out_of_a_phone(visit, site_pages, site_url, scripts):
    page = visit("index.html", viewport=PHONE, java_script_enabled=scripts)
    wide = []
    for path in site_pages:
        page.goto(f"{site_url}/{path}")
        if scripts:
            page.evaluate(
                "document.querySelectorAll('details').forEach(each => { each.open = true; })"
            )
            if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                wide.append(path)
        else:
            # No script may be asked: a mouse that pushes sideways must move nothing.
            body = page.locator(".pa-article").bounding_box()
            if body["x"] < 0 or body["x"] + body["width"] > PHONE["width"]:
                wide.append(path)
    assert not wide


def test_a_first_visit_stays_within_the_budget(visit, site_url):
    page = visit("search.html")
    page.context.clear_cookies()
    weights = {}

    def weigh(answer) -> None:
        weights[answer.url] = len(gzip.compress(answer.body(), compresslevel=6, mtime=0))

    page.on("requestfinished", lambda request: weigh(request.response()))
    page.goto(f"{site_url}/{CHAPTER}", wait_until="networkidle")
    assert f"{site_url}/{CHAPTER}" in weights and len(weights) >= 4
    heavy = sorted(weights.items(), key=lambda item: -item[1])[:8]
    lines = "\n".join(f"{weight:8,} {url}" for url, weight in heavy)
    assert sum(weights.values()) <= BUDGET, f"{sum(weights.values()):,} bytes\n{lines}"
    assert not any("vega.js" in url for url in weights), "no chart may wake before it is near"

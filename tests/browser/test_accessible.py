"""What axe-core finds, and what it cannot: the way through a page by keyboard."""

from pathlib import Path

import axe_playwright_python
import pytest
from playwright.sync_api import Page

from .conftest import CHAPTER, PHONE, WIDE, wake

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
RUN = """async where => (await axe.run(where || document, {resultTypes: ["violations"]}))
  .violations.map(v => `${v.id}: ${v.help}: `
    + v.nodes.slice(0, 3).map(n => n.html.slice(0, 160)).join(" | "))"""
VARIANTS = [(WIDE, "light"), (WIDE, "dark"), (PHONE, "light"), (PHONE, "dark")]


# Everything that folds is unfolded. Of a long table eight rows stand for all, which are alike:
# contrast is computed for every cell, and the tables have thousands.
PREPARE = """() => {
  document.querySelectorAll("details").forEach(each => { each.open = true; });
  document.querySelectorAll("tbody tr:nth-child(n+9)").forEach(each => each.remove());
}"""


def violations(page: Page, where: str | None = None) -> list[str]:
    """Return what axe objects to, in a part of the page or in all of it."""
    page.evaluate(PREPARE)
    page.evaluate(AXE)
    return page.evaluate(RUN, where)


def variants_of(path: str, position: int, size: dict[str, int]) -> list[int]:
    """Return the variants in which a page is examined.

    Every page is examined: the front page and the first case in all variants; pages of one kind
    (the other chapters, all companies, all sources) share the variants among them, and the largest
    of each kind is seen both light and wide, and dark and narrow.
    """
    if path in ("index.html", CHAPTER):
        return list(range(len(VARIANTS)))
    folder = path.rpartition("/")[0]
    alike = [p for p in size if p.rpartition("/")[0] == folder]
    if folder == "_generated" or path == max(alike, key=size.__getitem__):
        return [0, 3]
    return [position % len(VARIANTS)]


@pytest.mark.parametrize(
    "variant", range(4), ids=["wide-light", "wide-dark", "phone-light", "phone-dark"]
)
def test_axe_finds_nothing(visit, built_site, site_pages, site_url, variant):
    viewport, scheme = VARIANTS[variant]
    page = visit("index.html", viewport=viewport, color_scheme=scheme)
    size = {path: (built_site / path).stat().st_size for path in site_pages}
    found = []
    for position, path in enumerate(site_pages):
        if variant in variants_of(path, position, size):
            page.goto(f"{site_url}/{path}")
            found += [f"{path}: {violation}" for violation in violations(page)]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_where_charts_are_awake(visit, scheme):
    page = visit(CHAPTER, color_scheme=scheme)
    assert wake(page)
    assert not violations(page, ".pa-chart")


def test_axe_would_find_a_fault(visit):
    page = visit("index.html")
    page.evaluate(
        "document.querySelector('main').insertAdjacentHTML('beforeend', '<img src=\"x\">')"
    )
    assert any(v.startswith("image-alt") for v in violations(page))


def test_pages_have_language_one_heading_and_a_description(visit, site_pages, site_url):
    page = visit("index.html")
    descriptions = {}
    for path in site_pages:
        page.goto(f"{site_url}/{path}")
        assert page.locator("html").get_attribute("lang") == "en-GB", path
        assert page.locator("h1").count() == 1, path
        if path != "search.html":
            text = page.locator("meta[name=description]").get_attribute("content")
            assert len(text) > 20, path
            descriptions.setdefault(text, path)
    assert page.title()


def test_the_first_tab_leads_past_the_lists(visit):
    page = visit(CHAPTER)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "pa-skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_the_theme_is_switched_by_keyboard_and_kept(visit, site_url):
    page = visit("index.html", color_scheme="light")
    button = page.get_by_role("button", name="Switch to the dark theme")
    button.focus()
    page.keyboard.press("Enter")
    assert page.locator("html").get_attribute("data-theme") == "dark"
    page.goto(f"{site_url}/{CHAPTER}")
    assert page.locator("html").get_attribute("data-theme") == "dark"
    assert page.get_by_role("button", name="Switch to the light theme").is_visible()


def test_the_list_of_chapters_opens_and_closes_on_a_phone(visit):
    page = visit("index.html", viewport=PHONE)
    link = page.locator(".pa-menu")
    chapters = page.get_by_role("navigation", name="Chapters")
    assert not chapters.is_visible()
    link.focus()
    page.keyboard.press("Enter")
    assert chapters.is_visible()
    assert link.get_attribute("aria-expanded") == "true"
    page.locator(".pa-search input").first.focus()
    page.keyboard.press("Escape")
    assert not chapters.is_visible()
    assert page.evaluate("document.activeElement.className") == "pa-menu"


def test_the_list_of_chapters_opens_without_scripts(visit):
    page = visit("index.html", viewport=PHONE, java_script_enabled=False)
    page.locator(".pa-menu").click()
    assert page.get_by_role("navigation", name="Chapters").is_visible()
    page.locator(".pa-menu-close").click()
    assert not page.get_by_role("navigation", name="Chapters").is_visible()


def test_boxes_that_scroll_can_be_reached(visit):
    page = visit(CHAPTER, viewport=PHONE)
    page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true; })")
    page.wait_for_timeout(100)
    unreachable = page.evaluate(
        """[...document.querySelectorAll('.pa-article *')].filter(each =>
          ['auto', 'scroll'].includes(getComputedStyle(each).overflowX)
          && each.scrollWidth > each.clientWidth + 1 && each.tabIndex < 0
          && !each.querySelector('a, button, input, select, summary')
        ).map(each => each.outerHTML.slice(0, 120))"""
    )
    assert not unreachable

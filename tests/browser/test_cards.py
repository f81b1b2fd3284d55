"""The card of a figure in a real browser: pointer, keyboard, finger, small screen, no script."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

PAGE = "chapters/xiaomi.html"
PHONE = {"width": 360, "height": 640}
Visit = Callable[..., Page]
FIGURE = "article .pa-fact, main .pa-fact"


@pytest.fixture
def page(visit: Visit) -> Page:
    """The chapter at the size of a laptop, with a mouse."""
    return visit(PAGE, viewport={"width": 1100, "height": 800})


def figure(page: Page, number: int = 0):
    """Return a figure that stands in an open part of the page."""
    found = page.locator(FIGURE).locator("visible=true").nth(number)
    found.scroll_into_view_if_needed()
    return found


def card(page: Page):
    return page.locator("#pa-card")


def test_hover_opens_and_the_card_can_be_pointed_at(page: Page) -> None:
    on = figure(page)
    on.hover()
    expect(card(page)).to_be_visible()
    for term in ("Definition", "Source", "Grade"):
        expect(card(page)).to_contain_text(term)
    expect(card(page)).to_contain_text(on.inner_text().split()[-1].rstrip("%"))
    box = card(page).bounding_box()
    page.mouse.move(box["x"] + 40, box["y"] + 30, steps=4)
    page.wait_for_timeout(600)
    expect(card(page)).to_be_visible()
    page.mouse.move(5, 5)
    expect(card(page)).to_be_hidden()


def test_escape_dismisses_without_moving_pointer_or_focus(page: Page) -> None:
    figure(page).hover()
    expect(card(page)).to_be_visible()
    page.keyboard.press("Escape")
    expect(card(page)).to_be_hidden()
    page.wait_for_timeout(400)
    expect(card(page)).to_be_hidden()


def test_keyboard(page: Page) -> None:
    on = figure(page)
    on.focus()
    page.keyboard.press("Shift+Tab")  # and back, so that the focus comes from the keyboard
    expect(card(page)).to_be_hidden()
    page.keyboard.press("Tab")
    expect(on).to_be_focused()
    expect(card(page)).to_be_visible()
    expect(on).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("Tab")
    assert page.evaluate("document.getElementById('pa-card').contains(document.activeElement)")
    expect(card(page)).to_be_visible()
    page.keyboard.press("Escape")
    expect(card(page)).to_be_hidden()
    expect(on).to_be_focused()
    address = on.get_attribute("href")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/{address.split('../')[-1]}")


def test_tabbing_on_closes_the_card(page: Page) -> None:
    figure(page).focus()
    page.keyboard.press("Shift")  # from here on the focus counts as the keyboard's
    inside = "document.getElementById('pa-card')?.contains(document.activeElement)"
    page.keyboard.press("Tab")
    for _ in range(20):
        if not page.evaluate(f"!!({inside})"):
            break
        page.keyboard.press("Tab")
    assert not page.evaluate(f"!!({inside})"), "the focus is not caught in the card"
    opened = page.locator("[aria-expanded=true].pa-fact")
    assert opened.count() <= 1
    if not page.evaluate("document.activeElement.classList.contains('pa-fact')"):
        expect(card(page)).to_be_hidden()


def test_a_click_with_the_mouse_follows_the_link(page: Page) -> None:
    on = figure(page)
    address = on.get_attribute("href")
    on.click()
    page.wait_for_url(f"**/{address.split('../')[-1]}")
    anchor = address.split("#")[1]
    assert page.locator(f"[id='{anchor}']").count() == 1


def test_finger_and_small_screen(visit: Visit) -> None:
    page = visit(PAGE, viewport=PHONE, has_touch=True, is_mobile=True)
    for number in (0, 3, 7):
        on = figure(page, number)
        on.tap()
        expect(card(page)).to_be_visible()
        assert PAGE in page.url, "the first tap opens the card"
        box = card(page).bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 360
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= 640
        link = on.bounding_box()
        clear = box["y"] >= link["y"] + 8 or box["y"] + box["height"] <= link["y"] + 8
        assert clear, "the card does not cover its figure"
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= 360, "the card does not widen the page"
        assert card(page).locator("a").count() >= 1
        page.touchscreen.tap(2, 2 if box["y"] > 60 else 635)
        expect(card(page)).to_be_hidden()
    on.tap()
    expect(card(page)).to_be_visible()
    more = card(page).locator(".pa-card-more a")
    more.scroll_into_view_if_needed()
    more.tap()
    page.wait_for_url("**/_generated/sources/**")


def test_second_tap_follows_the_link(visit: Visit) -> None:
    page = visit(PAGE, viewport=PHONE, has_touch=True)
    on = figure(page)
    on.tap()
    expect(card(page)).to_be_visible()
    on.tap()
    page.wait_for_url("**/_generated/sources/**")


def test_the_whole_card_can_be_read(page: Page) -> None:
    """Every card of the page fits the window or scrolls inside itself."""
    for number in range(0, min(page.locator(FIGURE).locator("visible=true").count(), 30), 5):
        figure(page, number).hover()
        expect(card(page)).to_be_visible()
        box = card(page).bounding_box()
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= 800
        page.keyboard.press("Escape")
        page.mouse.move(5, 5)
        expect(card(page)).to_be_hidden()


def test_without_scripts_it_is_a_plain_link(visit: Visit) -> None:
    page = visit(PAGE, java_script_enabled=False)
    on = page.locator(FIGURE).first
    address = on.get_attribute("href")
    on.click()
    page.wait_for_url(f"**/{address.split('../')[-1]}")


def test_open_card_has_no_accessibility_violations(page: Page) -> None:
    from axe_playwright_python.sync_playwright import Axe

    for theme in ("light", "dark"):
        page.evaluate(f"document.documentElement.dataset.theme = '{theme}'")
        figure(page).hover()
        expect(card(page)).to_be_visible()
        result = Axe().run(page, context="#pa-card")
        assert result.violations_count == 0, result.generate_report()
        page.mouse.move(5, 5)
        expect(card(page)).to_be_hidden()

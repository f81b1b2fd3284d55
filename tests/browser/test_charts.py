"""A chart is a picture with words and rows; near the reader it wakes, and nothing moves."""

import csv
import io

import pytest

from .conftest import CHAPTER, PHONE, WIDE, wake

SHIFTS = """
window.shifts = [];
new PerformanceObserver(list => list.getEntries().forEach(entry => window.shifts.push(
  [entry.value, ...(entry.sources || []).map(s => s.node && (s.node.className || s.node.nodeName))]
))).observe({type: "layout-shift", buffered: true});
"""


@pytest.mark.parametrize("viewport", [WIDE, PHONE], ids=["wide", "phone"])
def test_charts_are_there_without_scripts(visit, viewport):
    page = visit(CHAPTER, viewport=viewport, java_script_enabled=False)
    figures = page.locator(".pa-chart")
    assert figures.count() >= 4
    for figure in figures.all():
        pictures = figure.get_by_role("img").all()
        assert len(pictures) == 1, "one picture is shown, and only that one is read out"
        (picture,) = pictures
        assert len(picture.get_attribute("aria-label")) > 40
        box = picture.locator("svg").bounding_box()
        assert box["width"] > 250 and box["height"] > 100
        assert box["x"] >= 0 and box["x"] + box["width"] <= viewport["width"] + 1
        assert figure.locator("figcaption strong").inner_text().strip()
        assert figure.locator(".pa-chart__source a").count()


def test_every_chart_has_its_rows(visit, site_url):
    page = visit(CHAPTER, java_script_enabled=False)
    for figure in page.locator(".pa-chart").all():
        figure.locator("summary", has_text="Data and description").click()
        table = figure.get_by_role("table")
        heads = table.locator("thead th").all_inner_texts()
        rows = table.locator("tbody tr").count()
        assert rows >= 2
        assert all(
            scope == "col"
            for scope in table.locator("thead th").evaluate_all(
                "heads => heads.map(head => head.scope)"
            )
        )
        address = figure.get_by_role("link", name="Download the rows as CSV").evaluate(
            "a => a.href"
        )
        text = page.request.get(address).text()
        held = list(csv.reader(io.StringIO(text)))
        assert len(held) == rows + 1
        assert len(held[0]) == len(heads)


@pytest.mark.parametrize("viewport", [WIDE, PHONE], ids=["wide", "phone"])
def test_charts_wake_and_nothing_moves(visit, viewport, browser, site_url):
    page = visit("search.html", viewport=viewport)
    page.add_init_script(SHIFTS)
    page.goto(f"{site_url}/{CHAPTER}")
    assert wake(page) >= 4
    page.wait_for_timeout(200)
    assert page.evaluate("window.shifts") == []
    for figure in page.locator(".pa-chart").all():
        picture = figure.get_by_role("img")
        assert picture.count() == 1
        assert picture.locator(".pa-chart__live svg").is_visible()
        assert picture.locator("svg").count() == 1, "the still picture has gone"


def test_the_meter_of_shifts_would_notice(visit, site_url):
    page = visit("search.html")
    page.add_init_script(SHIFTS)
    page.goto(f"{site_url}/{CHAPTER}")
    page.wait_for_timeout(700)  # a shift right after an input would be forgiven
    page.evaluate("document.querySelector('h1').style.marginTop = '300px'")
    page.wait_for_function("window.shifts.length > 0", timeout=3000)


def test_the_library_is_loaded_only_near_a_chart(visit, site_url):
    page = visit("search.html")
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{site_url}/{CHAPTER}")
    page.wait_for_load_state("networkidle")
    assert not any("vega.js" in url for url in asked)
    wake(page)
    assert sum("vega.js" in url for url in asked) == 1


def test_charts_stay_pictures_where_the_library_cannot_be_had(visit, site_url):
    page = visit("search.html")
    page.route("**/vega.js", lambda route: route.abort())
    page.goto(f"{site_url}/{CHAPTER}")
    figure = page.locator(".pa-chart").first
    figure.scroll_into_view_if_needed()
    page.wait_for_function("document.querySelector('.pa-chart').dataset.state === 'still'")
    assert figure.get_by_role("img").locator("svg").is_visible()


def test_inputs_of_charts_have_names_and_answer_the_keyboard(visit):
    page = visit(CHAPTER)
    wake(page)
    inputs = page.locator(".pa-chart__controls select, .pa-chart__controls input")
    assert inputs.count() >= 1, "the linked pair is chosen from by keyboard too"
    for each in inputs.all():
        assert each.evaluate("input => input.labels.length && input.labels[0].innerText.trim()")
    chooser = inputs.first
    picture = page.locator(".pa-chart:has(.pa-chart__controls) .pa-chart__live").first
    before = picture.inner_html()
    chooser.focus()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    page.wait_for_timeout(400)
    assert picture.inner_html() != before


def test_charts_follow_the_theme_asleep_and_awake(visit):
    colours = """figure => [...figure.querySelectorAll('.pa-chart__picture:not([hidden]) svg text')]
      .map(text => getComputedStyle(text).fill)"""
    page = visit(CHAPTER, color_scheme="light")
    wake(page)
    for figure in page.locator(".pa-chart").all():
        light = figure.evaluate(colours)
        page.locator("html").evaluate("root => { root.dataset.theme = 'dark'; }")
        dark = figure.evaluate(colours)
        page.locator("html").evaluate("root => { root.dataset.theme = 'light'; }")
        assert light and len(light) == len(dark)
        assert all(one != other for one, other in zip(light, dark, strict=True))


def test_a_chart_changes_form_with_its_width(visit):
    page = visit(CHAPTER)
    wake(page)
    figure = page.locator(".pa-chart").first
    assert figure.locator(".pa-chart__picture--wide .pa-chart__live").is_visible()
    page.set_viewport_size(PHONE)
    figure.scroll_into_view_if_needed()
    narrow = figure.locator(".pa-chart__picture--narrow .pa-chart__live")
    narrow.wait_for(state="visible", timeout=10_000)
    assert figure.locator(".pa-chart__live").count() == 1

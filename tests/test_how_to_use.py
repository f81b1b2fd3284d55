"""The page for readers, students and instructors says of each chapter what the chapter says."""

import re
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[1]
ROW = re.compile(r"^\| \[[^]]+\]\(chapters/([a-z-]+)\) \| (\d+) \| (\d+) \| (\d+) \|$", re.M)


def listed() -> list[str]:
    """Return the chapters of the table of contents, in order."""
    contents = yaml.safe_load((ROOT / "_toc.yml").read_text("utf-8"))
    files = [one["file"] for part in contents["parts"] for one in part["chapters"]]
    return [file.removeprefix("chapters/") for file in files if file.startswith("chapters/")]


def test_every_chapter_is_listed_in_the_order_of_the_book():
    rows = ROW.findall((ROOT / "how-to-use.md").read_text("utf-8"))
    assert [slug for slug, *_ in rows] == listed()
    front = (ROOT / "index.md").read_text("utf-8")
    assert re.findall(r"^\| \[[^]]+\]\(chapters/([a-z-]+)\)", front, re.M) == listed()


def test_minutes_and_prompts_are_those_of_the_chapter():
    for slug, reading, exercises, prompts in ROW.findall(
        (ROOT / "how-to-use.md").read_text("utf-8")
    ):
        text = (ROOT / "chapters" / f"{slug}.md").read_text("utf-8")
        assert f":reading: {reading}\n" in text, slug
        assert f":exercises: {exercises}\n" in text, slug
        assert text.count(":::{discussion}") == int(prompts), slug
        assert f"  minutes: {exercises}\n" in (ROOT / "exercises" / f"{slug}.md").read_text("utf-8")

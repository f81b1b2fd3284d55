"""Chapters as notebooks: plain Markdown, executed cells, the same bytes every time."""

from __future__ import annotations

import re
from pathlib import Path

import jupytext
import nbformat
import pytest
from click.testing import CliRunner

from paths_abroad import ledger
from paths_abroad.cli import main
from paths_abroad.launch import notebooks
from paths_abroad.launch.chapter_notebook import chapter_notebook
from paths_abroad.launch.plain_markdown import plain

ROOT = Path(__file__).resolve().parents[1]
CHAPTERS = sorted((ROOT / "chapters").glob("*.md"))

A_FACT = next(row for row in ledger.facts().itertuples() if row.unit.startswith("USD"))
AN_EVENT = next(ledger.events().itertuples())


def money_words(fact_id: str) -> str:
    return ledger.wording.words(ledger.fact(fact_id)).replace("US$", "USD ")


def test_a_fact_becomes_its_words_with_a_link_to_the_source():
    source = ledger.source(A_FACT.source_id)
    made = plain(f"It was {{fact}}`{A_FACT.id}`.")
    assert made.startswith(f"It was [{money_words(A_FACT.id)}](<{source.url}>")
    assert source.publisher.replace('"', "'") in made


def test_our_own_words_for_a_row_are_kept():
    assert "[so much](<" in plain(f"{{fact}}`so much <{A_FACT.id}>`")
    assert "[then](<" in plain(f"{{event}}`then <{AN_EVENT.id}>`")


def test_an_event_becomes_its_date():
    assert ledger.wording.date_words(AN_EVENT.date) in plain(f"On {{event}}`{AN_EVENT.id}`.")


@pytest.mark.parametrize("text", ["{fact}`nonsense`", "{event}`nonsense`", "{company-card}"])
def test_what_the_ledger_has_not_is_an_error(text):
    if text.startswith("{company"):
        text = f":::{text} nonsense\n:::"
    with pytest.raises(ledger.LedgerError, match="nonsense"):
        plain(text)


@pytest.mark.parametrize(
    ("myst", "markdown"),
    [
        ("US$1 billion and US$2 billion", "USD 1 billion and USD 2 billion\n"),
        ("(a-label)=\n## Title", "## Title\n"),
        ("Text.\n\n(fig-path)=", "Text.\n"),
        ("See [the page](/_generated/companies/xiaomi).", "See the page.\n"),
        ("See [IDC](https://www.idc.com).", "See [IDC](https://www.idc.com).\n"),
        ("Fell by {glue:text}`fall`.", "Fell by 3%.\n"),
        ("A {term}`platform` and {ref}`words <label>`", "A platform and words\n"),
        (":::{note}\nMind this.\n:::", "> **Note.** Mind this.\n"),
        ("```{launch} xiaomi\n```", "\n"),
        (":::{exercise-list} xiaomi\n:::", "Open [the exercises](../xiaomi.ipynb).\n"),
    ],
)
def test_what_only_a_page_understands_is_put_plainly(myst, markdown):
    assert plain(myst, {"fall": "3%"}) == markdown


def test_a_discussion_keeps_roles_and_minutes():
    made = plain(
        ":::{discussion} Who lost?\n:minutes: 15\n:roles: A; B\n:evidence: x\nDecide.\n:::"
    )
    assert made == "### Who lost?\n\nDecide.\n\n*Roles:* A; B.\n\n*15 minutes.*\n"


def test_what_happened_next_stays_folded_and_nesting_works():
    made = plain("::::{next} Then\nOne.\n\n:::{tip}\nTwo.\n:::\n::::\n\nThree.")
    assert made.startswith("<details><summary>Then</summary>\n\nOne.")
    assert "> **Tip.** Two." in made
    assert made.index("</details>") < made.index("Three.")


def test_the_company_card_names_the_company_in_both_scripts():
    row = ledger.companies().set_index("company").loc["xiaomi"]
    made = plain(":::{company-card} xiaomi\n:::")
    assert row["name"] in made
    assert row["name_zh"] in made


def test_every_claim_is_in_the_table():
    rows = ledger.claims().query("company == 'xiaomi'")
    made = plain(":::{claims} xiaomi\n:::")
    assert made.count("\n") == len(rows) + 2


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_no_role_directive_or_dollar_is_left_of_a_chapter(path):
    chapter = jupytext.read(path, fmt="md:myst")
    text = "\n".join(plain(c.source) for c in chapter.cells if c.cell_type == "markdown")
    assert not re.findall(r"\{[a-z:-]+\}|^:::|\$", text, re.MULTILINE)


CHAPTER = """\
---
kernelspec:
  display_name: Python 3
  language: python
  name: python3
---

# A chapter

```{code-cell} python
:tags: [remove-cell]
from myst_nb import glue
glue("answer", f"{6 * 7}%", display=False)
```

It is {glue:text}`answer`.

```{code-cell} python
print("seen")
```
"""


@pytest.fixture
def chapter(tmp_path):
    path = tmp_path / "chapters" / "tiny.md"
    path.parent.mkdir()
    path.write_text(CHAPTER, encoding="utf-8")
    return path


def test_a_chapter_is_executed_and_its_figures_stand_in_the_text(chapter):
    notebook = chapter_notebook(chapter)
    assert [cell.cell_type for cell in notebook.cells] == ["markdown", "code", "markdown", "code"]
    assert notebook.cells[2].source == "It is 42%."
    assert notebook.cells[3].outputs[0]["text"] == "seen\n"
    assert [c.execution_count for c in notebook.cells if c.cell_type == "code"] == [1, 2]
    assert notebook.cells[1].metadata["jupyter"] == {"source_hidden": True}
    # The student has no myst_nb: the cell must run without it.
    exec(notebook.cells[1].source, {})
    assert "myst_nb" not in notebook.cells[1].source


def test_a_failing_chapter_is_named(chapter):
    chapter.write_text(CHAPTER + "\n```{code-cell} python\n1 / 0\n```\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"tiny\.md: a cell fails: ZeroDivisionError"):
        chapter_notebook(chapter)


def test_notebooks_are_written_alike_each_time(chapter, tmp_path):
    one, other = (notebooks.write(tmp_path, tmp_path / out)[0] for out in "ab")
    assert one == tmp_path / "a" / "chapters" / "tiny.ipynb"
    assert one.read_bytes() == other.read_bytes()


def test_where_the_library_may_be_missing_the_notebook_installs_it_first(chapter, tmp_path):
    (path,) = notebooks.write(tmp_path, tmp_path / "out", repository="someone/their-fork")
    first = nbformat.read(path, 4).cells[0]
    assert "git+https://github.com/someone/their-fork" in first.source
    exec(first.source, {})  # here it is not missing


def test_the_command_says_what_it_wrote_and_where_it_must_be_run(chapter, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(main, ["notebooks", "--out", "out"])
    assert done.exit_code == 0, done.output
    assert "tiny.ipynb" in done.output
    monkeypatch.chdir(tmp_path / "out")
    failed = CliRunner().invoke(main, ["notebooks"])
    assert failed.exit_code == 1
    assert "run this in the repository" in failed.output

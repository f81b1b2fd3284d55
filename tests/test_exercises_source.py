"""What an author gets wrong is told in one line: file, line, what, and what is allowed."""

from pathlib import Path

import nbformat
import pytest
from click.testing import CliRunner

from paths_abroad.cli import main
from paths_abroad.exercises import release, review, source, variants
from paths_abroad.exercises.prompts import fill

GOOD = """---
jupytext:
  notebook_metadata_filter: exercise
kernelspec:
  display_name: Python 3
  name: python3
exercise:
  slug: tiny
  title: A tiny set
  minutes: 9
  level: introductory
  variants:
    a:
      year: 2017
---

# A tiny set

```{code-cell} ipython3
:tags: [setup]

from paths_abroad.exercises import check, exercise

exercise("tiny")
```

```{code-cell} ipython3
:tags: [parameters]

year = 2016
```

```{code-cell} ipython3
:tags: [instructor]

from paths_abroad.exercises import hidden, mistakes
```

## 1. The next year
*2 points, 4 minutes*

Which year follows {{ year }}?

```{code-cell} ipython3
q1 = ...
### BEGIN SOLUTION
q1 = year + 1
### END SOLUTION
```

```{code-cell} ipython3
check("tiny-1", q1, points=2, kind="number")
```

```{code-cell} ipython3
:tags: [instructor]

mistakes("tiny-1", {"That is the year before. Time runs forwards.": q1 - 2})
```

## Memo: why?
*4 points, 5 minutes, marked by hand*

Say why.

| criterion | good | weak |
| --- | --- | --- |
| Reason (3) | there is one | there is none |
| Words (1) | few | many |

+++ {"tags": ["memo"]}

*Write here.*
"""


@pytest.fixture
def tiny(tmp_path: Path):
    def write(*changes: tuple[str, str]) -> Path:
        text = GOOD
        for old, new in changes:
            assert old in text, old
            text = text.replace(old, new)
        path = tmp_path / "tiny.md"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_a_good_set_is_read(tiny):
    exercises = source.load(tiny())
    [question] = exercises.questions
    assert (question.id, question.kind, question.points, question.minutes) == (
        "tiny-1",
        "number",
        2,
        4,
    )
    assert question.title == "1. The next year"
    assert question.prompt == "Which year follows {{ year }}?"
    assert question.variable == "q1"
    assert exercises.variants == {"public": {"year": 2016}, "a": {"year": 2017}}
    assert exercises.memo.levels == ("good", "weak")
    assert [row[0] for row in exercises.memo.rubric] == ["Reason (3)", "Words (1)"]
    assert [c.id for c in exercises.cells if c.role == "answer"] == ["tiny-1-answer"]
    assert variants.run(exercises).expected["tiny-1"].right == ("2017",)
    assert variants.run(exercises, "a").expected["tiny-1"].right == ("2018",)


WRONG = [
    ("slug: tiny", "slug: tinny", "tiny.md:1: exercise.slug is 'tinny', the file is tiny.md"),
    ("  minutes: 9", "  minutes: 12", "minutes is 12, but the questions add up to 9"),
    ("  level: introductory\n", "", "exercise.level is missing"),
    ("  level: introductory", "  level: x\n  colour: red", "exercise.colour is not known; allowed"),
    ("  name: python3", "  name: ir", "kernelspec.name: python3"),
    ("  notebook_metadata_filter: exercise\n", "  formats: md\n", "notebook_metadata_filter"),
    ("[setup]", "[set-up]", "the tag 'set-up' is not known; allowed: "),
    ("[parameters]", "[hide-input]", "must have the tag 'parameters'; there are 0"),
    ("      year: 2017", "      yaer: 2017", "variant 'a' sets yaer; the parameters are year"),
    ("      year: 2017", "      year: '2017'", "year must be a int, not '2017'"),
    ("year = 2016", "year = 2015 + 1", "the parameters cell holds only lines such as"),
    ("{{ year }}", "{{ yaer }}", "{{ yaer }}: the parameters are year"),
    ("{{ year }}", "{{ year | roman }}", "the filters are"),
    ("*2 points, 4 minutes*", "*two points*", "below its heading a question says: *2 points,"),
    ("*2 points, 4 minutes*", "*3 points, 4 minutes*", "points=2 here, 3 points below the heading"),
    ("### END SOLUTION", "### END OF SOLUTION", "must come in pairs"),
    ("### BEGIN SOLUTION\n", "## BEGIN SOLUTION\n", "must come in pairs"),
    ("q1 = ...\n", "", "the scaffold must define q1 outside the solution"),
    ("q1 = ...\n", "q1 = (\n", "without its solution this cell does not run"),
    ('"tiny-1", q1,', '"tiny-1", q1 + 0,', "a check names its question and one variable"),
    ('"tiny-1", q1,', '"other-1", q1,', "must be called tiny-<number>"),
    ('kind="number"', 'kind="numbr"', "kind 'numbr' is not known; allowed: number, choice"),
    ('kind="number"', 'kind="choice"', "a choice needs options=[...]"),
    ('kind="number"', 'kind="function"', "a function needs examples=[...]"),
    ("points=2, kind", "point=2, kind", "check knows no 'point'; allowed: "),
    ("points=2, kind", "points=1 + 1, kind", "points must be written out, not computed"),
    ("| criterion | good | weak |", "criterion", "a memo needs its rubric"),
    ("  title: A tiny set", "  title: [", "tiny.md: not a MyST notebook: "),
]


@pytest.mark.parametrize("old, new, said", WRONG, ids=[said[:40] for _, _, said in WRONG])
def test_what_is_wrong_is_told_in_one_line(tiny, old, new, said):
    with pytest.raises(source.SourceError) as caught:
        source.load(tiny((old, new)))
    lines = str(caught.value).splitlines()
    assert any(said in line for line in lines), lines
    assert all(line.startswith("tiny.md:") for line in lines)


def test_the_line_is_the_line_of_the_cell(tiny):
    path = tiny(('kind="number"', 'kind="numbr"'))
    number = path.read_text().splitlines().index("```{code-cell} ipython3", 40) + 1
    text = path.read_text().splitlines()
    with pytest.raises(source.SourceError) as caught:
        source.load(path)
    told = int(str(caught.value).split(":")[1])
    assert abs(told - 1 - next(i for i, line in enumerate(text) if "numbr" in line)) <= 2
    assert number


def test_a_failing_cell_is_named_with_its_variant(tiny):
    path = tiny(("q1 = year + 1", "q1 = {2016: 2017}[year]"))
    exercises = source.load(path)
    assert variants.run(exercises).expected
    with pytest.raises(source.SourceError, match=r"tiny.md:\d+: variant 'a' fails: KeyError"):
        variants.run(exercises, "a")
    with pytest.raises(source.SourceError, match="no variant 'b'; there are public, a"):
        variants.run(exercises, "b")


REVIEWED = [
    ("q1 = year + 1", "q1 = 3", "the answer is the same as in the public variant"),
    ("q1 - 2", "q1", "counts as right"),
    ("q1 - 2})", 'q1 - 2, "Another slip, the same number.": q1 - 2})', "are the same"),
    (
        'mistakes("tiny-1", {"That is the year before. Time runs forwards.": q1 - 2})',
        "pass",
        "no typical mistake is listed",
    ),
    ('kind="number"', 'kind="number", tolerance=1', "lies where its rounding changes"),
]


@pytest.mark.parametrize("old, new, said", REVIEWED, ids=[said for _, _, said in REVIEWED])
def test_what_is_unfair_is_told(tiny, old, new, said):
    found = review.problems(source.load(tiny((old, new))))
    assert any(said in line and line.startswith("tiny.md:") for line in found), found


def test_a_fair_set_has_no_problems(tiny):
    assert review.problems(source.load(tiny())) == []


def test_prompts_are_put_into_words():
    parameters = {"quarter": "2014Q3", "rival": "samsung", "share": 0.25, "names": ["a", "b"]}
    text = "{{ quarter | period }}, {{ rival | company }}, {{share|percent}}, {{ names | list }}"
    assert fill(text, parameters) == "third quarter of 2014, Samsung, 25%, `a`, `b`"


# --- the command line ---


def call(*arguments: str):
    return CliRunner().invoke(main, [*arguments])


def test_release_writes_the_same_bytes_twice(tmp_path):
    first, second = tmp_path / "one", tmp_path / "two"
    for out in (first, second):
        result = call("release", "xiaomi", "--out", str(out), "--repository", "someone/somewhere")
        assert result.exit_code == 0, result.output
        assert result.output.strip() == str(out / "xiaomi.ipynb")
    written = (first / "xiaomi.ipynb").read_bytes()
    assert written == (second / "xiaomi.ipynb").read_bytes()
    assert b"git+https://github.com/someone/somewhere" in written
    nbformat.validate(nbformat.reads(written.decode(), as_version=4))


def test_release_without_a_repository_installs_nothing():
    exercises = source.load(release.find("xiaomi"))
    notebook = release.student_notebook(exercises, variants.run(exercises))
    assert "pip" not in nbformat.writes(notebook)


@pytest.mark.parametrize(
    "arguments, said",
    [
        (("release", "xiaommi", "--out", "x"), "no exercise set 'xiaommi'; there are: "),
        (("release", "nowhere.md", "--out", "x"), "nowhere.md: there is no such file"),
        (("release", "xiaomi", "--out", "x", "--variant", "z"), "no variant 'z'; there are public"),
        (("pair", "xiaommi"), "no exercise set 'xiaommi'"),
        (("release", "xiaomi"), "Missing option '--out'"),
    ],
)
def test_what_a_person_got_wrong_is_told_without_a_traceback(arguments, said):
    result = call(*arguments)
    assert result.exit_code != 0
    assert said in result.output
    assert "Traceback" not in result.output
    assert len(result.output.splitlines()) <= 4


def test_check_data_names_file_row_and_field(tmp_path):
    import shutil

    from paths_abroad import ledger

    assert call("check", "data").exit_code == 0
    folder = tmp_path / "data"
    shutil.copytree(ledger.data_dir(), folder)
    facts = folder / "facts.csv"
    text = facts.read_text(encoding="utf-8")
    facts.write_text(text.replace(",main,", ",mian,", 1), encoding="utf-8")
    result = call("check", "data", str(folder))
    assert result.exit_code == 1
    assert "facts.csv" in result.output and "mian" in result.output


def test_check_exercises_says_what_is_missing(tiny):
    path = tiny()
    result = call("check", "exercises", str(path))
    assert result.exit_code == 1
    assert "tiny.ipynb: missing; run: paths-abroad pair tiny" in result.output


def test_starting_is_fast_because_nothing_heavy_is_imported():
    import subprocess
    import sys

    code = (
        "import sys, paths_abroad.cli; "
        "print(sorted({'pandas', 'altair', 'sphinx', 'jupytext', 'nbformat'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_students_notebook_needs_no_sphinx_and_no_jupytext():
    import subprocess
    import sys

    code = (
        "import sys; from paths_abroad.exercises import check; from paths_abroad import ledger; "
        "print(sorted({'sphinx', 'jupytext', 'nbformat', 'myst_nb'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"

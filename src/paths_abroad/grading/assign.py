"""Assigning: each student's own notebook, in the student's own variant.

The same roster, secret, exercise and ledger give the same bytes.
"""

from __future__ import annotations

import copy
import csv
import io
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

import nbformat

from paths_abroad.exercises import variants
from paths_abroad.exercises.release import METADATA, student_notebook
from paths_abroad.exercises.source import PUBLIC, ExerciseSet
from paths_abroad.grading import page as frame
from paths_abroad.grading.course import Course, CourseError
from paths_abroad.grading.roster import Student, file_names

INSTRUCTIONS = "instructions.html"
MANIFEST = "manifest.csv"
MARK = "# Whose notebook this is; please leave this line: "


@dataclass(frozen=True)
class Assigned:
    """What was written.

    Parameters
    ----------
    students, exercises
        How many.
    variants
        Per exercise, how many students have which variant.
    folder
        Where.
    """

    students: int
    exercises: int
    variants: dict[str, dict[str, int]]
    folder: Path


def assign(
    sets: Sequence[ExerciseSet],
    students: Sequence[Student],
    course: Course,
    out: Path,
    *,
    class_variant: str | None = None,
    repository: str = "",
    tell: Callable[[str], None] = lambda _: None,
) -> Assigned:
    """Write a notebook for each student and exercise, instructions, zips and a manifest.

    Parameters
    ----------
    sets
        Exercise sets.
    students
        From a roster.
    course
        Whose secret decides the variants.
    out
        A folder; made where it is missing.
    class_variant
        None: each student's own. Empty: one for all, drawn from the secret. Else that one.
    repository
        ``owner/name`` on GitHub, from which Colab installs the library; empty: no installation.
    tell
        Called with a line for each step.

    Returns
    -------
    Assigned
        What was written.

    Raises
    ------
    CourseError
        If a variant does not exist or is the public one.
    """
    given = {
        exercises.slug: {
            student.id: _variant(exercises, course, student, class_variant) for student in students
        }
        for exercises in sets
    }
    made: dict[tuple[str, str], nbformat.NotebookNode] = {}
    for exercises in sets:
        wanted = sorted(set(given[exercises.slug].values()))
        tell(f"{exercises.slug}: {len(wanted)} variant{'s' * (len(wanted) > 1)}, keys for each")
        for variant in wanted:
            reference = variants.run(exercises, variant)
            made[exercises.slug, variant] = student_notebook(
                exercises,
                reference,
                salt=course.salt(exercises.slug, exercises.version, variant),
                repository=repository,
            )
    names = file_names(student.id for student in students)
    out.mkdir(parents=True, exist_ok=True)
    page = instructions(sets).encode()
    (out / INSTRUCTIONS).write_bytes(page)
    everything: dict[str, bytes] = {INSTRUCTIONS: page}
    remembered = {}
    rows = []
    for student in students:
        folder = out / "students" / names[student.id]
        folder.mkdir(parents=True, exist_ok=True)
        files = {INSTRUCTIONS: page}
        for exercises in sets:
            variant = given[exercises.slug][student.id]
            notebook = _marked(
                made[exercises.slug, variant], course, exercises.slug, variant, student
            )
            text = nbformat.writes(notebook).rstrip("\n") + "\n"
            file = f"{exercises.slug}-{names[student.id]}.ipynb"
            files[file] = text.encode()
            rows.append((student.id, student.name, exercises.slug, variant, file))
            remembered[f"{exercises.slug}\n{student.id}"] = {
                "exercise": exercises.slug,
                "student": student.id,
                "name": student.name,
                "email": student.email,
                "others": dict(student.others),
                "variant": variant,
                "version": exercises.version,
                "file": file,
            }
        for name, data in files.items():
            (folder / name).write_bytes(data)
            everything[f"{names[student.id]}/{name}"] = data
        _zip(out / "zips" / f"{names[student.id]}.zip", files)
    _zip(out / "all-students.zip", everything)
    (out / MANIFEST).write_text(_manifest(rows), encoding="utf-8-sig", newline="")
    course.remember(remembered)
    counts = {
        slug: {name: list(of.values()).count(name) for name in sorted(set(of.values()))}
        for slug, of in given.items()
    }
    return Assigned(len(students), len(sets), counts, out)


def _variant(
    exercises: ExerciseSet, course: Course, student: Student, class_variant: str | None
) -> str:
    names = list(exercises.variants)
    if class_variant is None:
        return course.variant(exercises.slug, names, student.id)
    if class_variant == "":
        return course.variant(exercises.slug, names, "")
    if class_variant == PUBLIC:
        raise CourseError("the public variant cannot be assigned: its answers are public")
    if class_variant not in names:
        known = ", ".join(name for name in names if name != PUBLIC)
        raise CourseError(f"{exercises.slug} has no variant {class_variant!r}; there are {known}")
    return class_variant


def _marked(
    notebook: nbformat.NotebookNode, course: Course, slug: str, variant: str, student: Student
) -> nbformat.NotebookNode:
    """A student's own copy: the mark stands in the metadata and in the first code cell."""
    token = course.token(slug, variant, student.id)
    copied = copy.deepcopy(notebook)
    copied.metadata[METADATA]["token"] = token
    copied.metadata[METADATA]["student"] = student.id
    first = next(cell for cell in copied.cells if cell.cell_type == "code")
    first.source = f"{MARK}{token}\n{first.source}"
    return copied


def _zip(path: Path, files: dict[str, bytes]) -> None:
    """Write a zip whose bytes depend on nothing but names and contents."""
    path.parent.mkdir(parents=True, exist_ok=True)
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in sorted(files.items()):
            entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            entry.create_system = 3
            archive.writestr(entry, data)
    path.write_bytes(held.getvalue())


def _manifest(rows: list[tuple[str, ...]]) -> str:
    held = io.StringIO()
    writer = csv.writer(held, lineterminator="\r\n")
    writer.writerow(("student", "name", "exercise", "variant", "file"))
    writer.writerows(rows)
    return held.getvalue()


def instructions(sets: Sequence[ExerciseSet]) -> str:
    """Return the page of instructions that goes out with the notebooks, as HTML."""
    rows = "\n".join(
        f"<li><strong>{escape(one.title)}</strong>: {len(one.questions)} questions"
        f"{' and a memo' if one.memo else ''}, about {one.minutes} minutes, "
        f"{one.points + (one.memo.points if one.memo else 0):g} points. "
        f"Your file is <code>{escape(one.slug)}-…ipynb</code>.</li>"
        for one in sets
    )
    return frame.page("Your exercises", _INSTRUCTIONS.replace("{{sets}}", rows))


_INSTRUCTIONS = """<ul>
{{sets}}
</ul>
<h2>How to work</h2>
<ol>
<li>Open your notebook in JupyterLab (<code>make lab</code> in the book's folder), or start the
chapter's exercises in Binder and upload your notebook there. Any other Jupyter server will do on
which the library <code>paths_abroad</code> is installed.</li>
<li>Run the cells from top to bottom. Replace the <code>...</code> after each name, and run the
check below it: it says how your answer is read, and whether it is right.</li>
<li>A blank costs nothing. You may add cells of your own, and answer in any order.</li>
<li>Before you hand in: restart, run all cells from top to bottom, save.</li>
<li>Hand in the one file <code>.ipynb</code>. You need not keep its name.</li>
</ol>
<h2>Good to know</h2>
<ul>
<li>The years, quarters and rivals in your notebook may differ from those of others: an answer that
is right in theirs is probably wrong in yours.</li>
<li>Your notebook is run again for grading, without internet, with 20 seconds a cell. What counts is
the value that stands under a question's name (<code>q1</code>, <code>q2</code> and so on).</li>
<li>Functions are tried on more inputs than you see.</li>
<li>Read files only through <code>ledger</code>; nothing else of your machine is there.</li>
</ul>
"""

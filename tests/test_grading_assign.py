"""Assigning: everybody's own variant, stable bytes, and no secret in anything that goes out."""

import json
import re
import stat
import zipfile

import nbformat
import pytest
from click.testing import CliRunner

from hostile.class_room import ROOT, SLUG
from paths_abroad.cli import main
from paths_abroad.exercises import keys
from paths_abroad.grading import assign, course, library
from paths_abroad.grading.roster import Student

STUDENTS = [Student("s1", "Ann"), Student("s2", "李伟"), Student("s/3", "Zoë"), Student("s4")]


def assigned(folder, out, **options):
    opened = course.open_course(folder / ".course", make=True)
    sets = [library.Library(ROOT / "exercises").set(SLUG)]
    return opened, assign.assign(sets, STUDENTS, opened, out, **options)


def bytes_of(folder):
    return {p.relative_to(folder): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@pytest.fixture(scope="module")
def once(tmp_path_factory):
    folder = tmp_path_factory.mktemp("course")
    opened, done = assigned(folder, folder / "out")
    return folder, opened, done


def test_each_has_a_notebook_a_zip_and_instructions(once):
    folder, _, done = once
    out = folder / "out"
    assert done.students == len(STUDENTS)
    for name in ("s1", "s2", "s-3", "s4"):
        path = out / "students" / name / f"{SLUG}-{name}.ipynb"
        nbformat.validate(nbformat.read(path, as_version=4))
        with zipfile.ZipFile(out / "zips" / f"{name}.zip") as archive:
            assert sorted(archive.namelist()) == ["instructions.html", f"{SLUG}-{name}.ipynb"]
            assert archive.read(f"{SLUG}-{name}.ipynb") == path.read_bytes()
    with zipfile.ZipFile(out / "all-students.zip") as archive:
        assert len(archive.namelist()) == 2 * len(STUDENTS) + 1
        assert not any("manifest" in name for name in archive.namelist())
    manifest = (out / "manifest.csv").read_text(encoding="utf-8-sig")
    assert "李伟" in manifest and len(manifest.splitlines()) == len(STUDENTS) + 1


def test_same_roster_and_secret_same_bytes(once, tmp_path):
    folder, _, _ = once
    assigned(folder, tmp_path / "again")
    assert bytes_of(tmp_path / "again") == bytes_of(folder / "out")


def test_the_secret_is_private_and_in_no_output(once):
    folder, opened, _ = once
    path = opened.folder / "secret"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(opened.folder.stat().st_mode) == 0o700
    assert (opened.folder / ".gitignore").read_text(encoding="utf-8") == "*\n"
    text = path.read_text(encoding="ascii").strip()
    for data in bytes_of(folder / "out").values():
        assert text.encode() not in data and opened.secret not in data


def test_variants_are_drawn_and_never_public(once):
    _, opened, _ = once
    names = ["public", "a", "b", "c", "d", "e", "f"]
    drawn = [opened.variant(SLUG, names, f"student-{n}") for n in range(600)]
    assert "public" not in drawn
    assert all(60 < drawn.count(name) < 145 for name in names[1:])
    assert drawn == [opened.variant(SLUG, names, f"student-{n}") for n in range(600)]
    other = course.Course(b"x" * 32, opened.folder)
    assert drawn != [other.variant(SLUG, names, f"student-{n}") for n in range(600)]


def test_notebook_knows_its_keys_and_owner_but_no_answer(once):
    folder, opened, _ = once
    sets = library.Library(ROOT / "exercises")
    for student, name in (("s1", "s1"), ("s/3", "s-3")):
        path = folder / "out" / "students" / name / f"{SLUG}-{name}.ipynb"
        notebook = json.loads(path.read_text(encoding="utf-8"))
        told = notebook["metadata"]["paths_abroad"]
        mark = opened.read_token(told["token"])
        assert mark == {"exercise": SLUG, "student": student, "variant": told["variant"]}
        assert told["token"] in "".join(notebook["cells"][1]["source"]) or any(
            told["token"] in "".join(cell["source"]) for cell in notebook["cells"]
        )
        text = "\n".join("".join(cell["source"]) for cell in notebook["cells"])
        locked = keys.load(re.search(r'keys="""(.*?)"""', text, re.S)[1])
        expected = sets.reference(SLUG, told["variant"]).expected
        assert locked.verdict("xiaomi-1", expected["xiaomi-1"].checked[0]).right
        assert "SOLUTION" not in text
        raw = path.read_text(encoding="utf-8")
        for one in expected.values():
            assert not any(len(form) > 20 and form in raw for form in one.right)


def test_marks_cannot_be_made_or_changed(once):
    _, opened, _ = once
    token = opened.token(SLUG, "a", "s1")
    assert opened.read_token(token) is not None
    assert opened.read_token(token[:-1] + ("0" if token[-1] != "0" else "1")) is None
    head, _, tail = token.split(".")
    forged = opened.token(SLUG, "a", "s2").split(".")[1]
    assert opened.read_token(f"{head}.{forged}.{tail}") is None
    for rubbish in ("", "PA1", "PA1..", "PA1.a.b", "x.y.z.w"):
        assert opened.read_token(rubbish) is None
    assert course.Course(b"y" * 32, opened.folder).read_token(token) is None


def test_one_variant_for_the_class(tmp_path):
    _, done = assigned(tmp_path, tmp_path / "out", class_variant="")
    assert len(done.variants[SLUG]) == 1 and "public" not in done.variants[SLUG]


def test_command_tells_what_is_wrong_in_one_line(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "r.csv").write_text("id,name\ns1,A\n", encoding="utf-8")
    (tmp_path / "bad.csv").write_text("colour\nred\n", encoding="utf-8")
    sets = str(ROOT / "exercises")

    def run(*arguments):
        result = CliRunner().invoke(main, [*arguments, "--exercises", sets])
        assert result.exit_code != 0
        errors = [line for line in result.output.splitlines() if line.startswith("Error")]
        assert len(errors) == 1, result.output
        return errors[0]

    assert "columns found" in run("assign", SLUG, "--roster", "bad.csv", "--out", "o")
    assert "no exercise set" in run("assign", "nothing", "--roster", "r.csv", "--out", "o")
    public = ("--class-variant", "public")
    assert "public" in run("assign", SLUG, "--roster", "r.csv", "--out", "o", *public)
    monkeypatch.chdir(tmp_path / "..")
    (tmp_path / "subs").mkdir()
    lost = ("--course", str(tmp_path / "elsewhere"))
    assert "no course secret" in run("grade", str(tmp_path / "subs"), "--out", "o", *lost)

"""Finding submissions in what platforms export, and saying whose each one is."""

import io
import os
import zipfile

import pytest

from hostile.class_room import ROOT, SLUG, Classroom
from paths_abroad.grading import collect, grade, notebook
from paths_abroad.grading.notebook import Unreadable
from paths_abroad.grading.roster import Student
from paths_abroad.grading.store import Told

STUDENTS = [
    Student("s001", "Li Wei", "liwei@uni.example", (("ID", "70001"),)),
    Student("s002", "José Müller", "jm@uni.example", (("ID", "70002"),)),
    Student("s-10", "欧阳娜娜"),
    Student("s-1", "Ann van der Berg"),
    Student("s003", "Li Wei"),
]


@pytest.fixture(scope="module")
def classroom(tmp_path_factory):
    return Classroom(tmp_path_factory.mktemp("class"), STUDENTS)


@pytest.fixture
def choose(classroom, tmp_path):
    """Grade's own choice of submissions from files given as name: (student's notebook or bytes)."""

    def chosen(files, times=None):
        for name, content in files.items():
            path = tmp_path / "subs" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            data = classroom.path(content).read_bytes() if isinstance(content, str) else content
            path.write_bytes(data)
            if times:
                os.utime(path, (times[name], times[name]))
        found, refused = collect.files(tmp_path / "subs")
        told = Told(unread=[(name, "", why) for name, why in refused])
        picked = grade._choose(found, classroom.course, classroom.library, STUDENTS, told)
        return {one.student: one for one, _ in picked}, told

    return chosen


def test_marks_name_renamed_files(choose):
    picked, told = choose({"homework.ipynb": "s001", "deep/er/final FINAL (3).ipynb": "s-10"})
    assert set(picked) == {"s001", "s-10"} and told.unread == []
    assert {one.variant for one in picked.values()} == {"a"}


def test_canvas_names(choose):
    picked, _ = choose(
        {
            "jsmller_70002_900_xiaomi-s002.ipynb": "s002",
            "annvanderberg_LATE_1_901_xiaomi-s-1-1.ipynb": "s-1",
            "liwei_70001_902_hw.ipynb": "s001",
        }
    )
    assert set(picked) == {"s002", "s-1", "s001"}
    assert picked["s-1"].late and not picked["s001"].late


def test_moodle_folders_and_names(choose):
    picked, _ = choose(
        {
            "José Müller_4711_assignsubmission_file_/xiaomi.ipynb": "s002",
            "欧阳娜娜_4712_assignsubmission_file/我的作业.ipynb": "s-10",
            "Ann van der Berg_4713_assignsubmission_file_xiaomi-s-1.ipynb": "s-1",
            "Nobody_4714_assignsubmission_onlinetext_/onlinetext.html": b"<p>hello</p>",
        }
    )
    assert set(picked) == {"s002", "s-10", "s-1"}


def test_one_folder_a_student_and_blackboard(choose):
    picked, _ = choose(
        {
            "s001/xiaomi.ipynb": "s001",
            "s-10 欧阳娜娜/homework/xiaomi.ipynb": "s-10",
            "Exercise1_s002_attempt_2026-03-01-10-00-00_xiaomi.ipynb": "s002",
        }
    )
    assert set(picked) == {"s001", "s-10", "s002"}


def test_a_mark_outside_the_metadata_is_found_and_public_notebooks_are_told(choose, classroom):
    paper = classroom.paper("s001")
    paper.document["metadata"] = {"colab": {}}
    other = classroom.paper("s002")
    other.document["metadata"] = {"paths_abroad": {"exercise": SLUG, "variant": "public"}}
    other.cells[:] = [c for c in other.cells if "PA1." not in c["source"]]
    picked, _ = choose({"x.ipynb": paper.data(), "s002.ipynb": other.data()})
    assert set(picked) == {"s001", "s002"}
    assert picked["s002"].variant == "a"
    assert any("public notebook" in note for note in picked["s002"].notes)


def test_who_hands_in_anothers_notebook_harms_nobody(choose):
    picked, _ = choose(
        {
            "liwei_70001_1_xiaomi.ipynb": "s002",
            "jsmller_70002_2_xiaomi.ipynb": "s002",
        }
    )
    assert picked["s001"].token_student == "s002"
    assert any("assigned to s002" in note for note in picked["s001"].notes)
    assert picked["s002"].found.name.startswith("jsm")


def test_a_doubtful_file_never_displaces_a_sure_one(choose):
    files = {"xiaomi-s002.ipynb": "s002", "xiaomi-s001.ipynb": "s002"}
    times = {"xiaomi-s002.ipynb": 1_000, "xiaomi-s001.ipynb": 2_000_000}
    picked, _ = choose(files, times)
    assert picked["s002"].found.name == "xiaomi-s002.ipynb"


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("xiaomi-s001.ipynb", "xiaomi-s001 (1).ipynb"),
        ("xiaomi-s001-1.ipynb", "xiaomi-s001-2.ipynb"),
        ("xiaomi-s001.ipynb", "xiaomi-s001-Copy1.ipynb"),
        ("attempt1/xiaomi-s001.ipynb", "attempt2/xiaomi-s001.ipynb"),
        (
            "x_s001_attempt_2026-03-01-10-00-00_a.ipynb",
            "x_s001_attempt_2026-03-02-09-00-00_a.ipynb",
        ),
    ],
)
def test_the_latest_attempt_counts_and_is_told(choose, classroom, earlier, later):
    old, new = classroom.paper("s001"), classroom.paper("s001")
    old.last("1")
    new.last("2")
    # By the clock alone it would be the other way round.
    times = {earlier: 2_000_000, later: 1_000_000}
    picked, told = choose({earlier: old.data(), later: new.data()}, times)
    assert picked["s001"].found.name == later
    assert told.attempts == [("s001", SLUG, later, [earlier])]


def test_without_numbers_the_clock_decides(choose, classroom):
    old, new = classroom.paper("s-1"), classroom.paper("s-1")
    new.last("2")
    times = {"zz.ipynb": 1_000_000, "aa.ipynb": 2_000_000}
    picked, _ = choose({"zz.ipynb": old.data(), "aa.ipynb": new.data()}, times)
    assert picked["s-1"].found.name == "aa.ipynb"


def test_zips_in_zips_damage_and_noise(choose, classroom):
    inner, outer = io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("xiaomi-s001.ipynb", classroom.path("s001").read_bytes())
        archive.writestr("__MACOSX/._xiaomi-s001.ipynb", b"\x00\x05")
    with zipfile.ZipFile(outer, "w") as archive:
        archive.writestr("liwei_70001_5_hw.zip", inner.getvalue())
        archive.writestr("../../escape.ipynb", classroom.path("s-10").read_bytes())
    locked = bytearray(outer.getvalue()[:200])
    picked, told = choose(
        {
            "export.zip": outer.getvalue(),
            "s002.zip": bytes(locked),
            "s-1/report.pdf": b"%PDF-1.7",
            ".ipynb_checkpoints/x-checkpoint.ipynb": "s002",
        }
    )
    assert set(picked) == {"s001", "s-10"}
    assert ("s-1/report.pdf", "s-1", "not a notebook") in told.unread
    assert ("s002.zip", "", "a damaged archive") in told.unread


def test_links_are_not_followed(choose, classroom, tmp_path):
    (tmp_path / "subs").mkdir()
    (tmp_path / "subs" / "s001.ipynb").symlink_to(classroom.path("s001"))
    picked, told = choose({})
    assert picked == {} and told.unread[0][0] == "s001.ipynb"


def test_a_name_that_is_not_utf_8_can_be_written_down(choose):
    name = os.fsdecode("müller-homework.ipynb".encode("latin-1"))
    picked, _ = choose({name: "s002"})
    assert "ller-homework.ipynb" in picked["s002"].found.name
    picked["s002"].found.name.encode("utf-8")


def test_names_that_contain_each_other():
    names = collect.Names(STUDENTS)
    assert names.recognise("xiaomi s-10.ipynb") == (None, "s-10")
    assert names.recognise("xiaomi-s-1.ipynb") == (None, "s-1")
    assert names.recognise("xiaomi-s-1 (10).ipynb") == (None, "s-1")
    assert names.recognise("s-10/xiaomi-s-1.ipynb") == ("s-10", "s-1")
    # Two of the same name: the number of the platform decides, or nobody does.
    assert names.recognise("liwei_70001_9_x.ipynb")[0] == "s001"
    assert names.recognise("liwei_9_9_x.ipynb")[0] is None


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "empty"),
        (b"   \n", "empty"),
        (b"<!DOCTYPE html><html>", "web page"),
        (b"import pandas", "not a notebook"),
        (b"[1, 2]", "not a notebook"),
        (b'{"a": 1}', "not a notebook"),
        (b'{"cells": []}', "without cells"),
        (b'{"cells": 3}', "not a notebook"),
        (b"[" * 100_000, "nested too deep"),
        (b'{"cells": [{"cell_ty', "not valid JSON"),
        (b"\xff\xfe\x00", "not"),
    ],
)
def test_what_is_no_notebook_says_what_it_is(data, said):
    with pytest.raises(Unreadable) as told:
        notebook.parse(data)
    assert said in str(told.value)


def test_memo_is_found_by_tag_id_or_place():
    memo = {"cell_type": "markdown", "source": ["My ", "memo"], "metadata": {}}
    head = {"cell_type": "markdown", "source": "## Memo: what?", "metadata": {}}
    for cells in (
        [memo | {"metadata": {"tags": ["memo"]}}],
        [memo | {"id": "xiaomi-memo-memo"}],
        [head, memo],
    ):
        import json

        assert notebook.parse(json.dumps({"cells": cells}).encode()).memo == "My memo"


def test_the_exercises_stand_where_the_tests_look():
    assert (ROOT / "exercises" / f"{SLUG}.md").is_file()

"""From submissions to gradebook: one small class, graded once, then looked at from every side."""

import csv
import json
import re
import shutil
from dataclasses import replace

import pytest
from click.testing import CliRunner

from hostile.class_room import ROOT, SLUG, Classroom
from paths_abroad.cli import main
from paths_abroad.grading import grade, jail, library, memos, results, supervise
from paths_abroad.grading.roster import Student
from paths_abroad.grading.store import Store

STUDENTS = [
    Student("s1", "=Ann <b>Li</b>", "ann@x.org", (("ID", "7001"), ("SIS Login ID", "ann"))),
    Student("s2", "欧阳娜娜"),
    Student("s3", "Late Larry"),
    Student("s4", "Missing Mia"),
]


def rows(path):
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    room = Classroom(tmp_path_factory.mktemp("class"), STUDENTS, variant=None)
    one, two, three = (room.paper(name) for name in ("s1", "s2", "s3"))
    one.cells[one.find("xiaomi-memo-memo")]["source"] = "=SUM(A1) My memo, <i>three</i> words."
    two.cells[two.find("xiaomi-1-answer")]["source"] += "\nq1 = q1 * 100"
    two.answer(5, "q5 = '=cmd|calc'")
    two.answer(6, "q6 = -1.5")
    two.after(4, "1 / 0")
    room.hand_in(one)
    room.hand_in(two)
    room.hand_in(three, "latelarry_LATE_9_9_xiaomi.ipynb")
    (room.submissions / "notes.pdf").write_bytes(b"%PDF")
    out = room.folder / "out"
    grade.grade(
        room.submissions,
        out,
        room.course,
        room.library,
        jobs=1,
        late="10%",
        limits=supervise.Limits(cell=10, total=60),
    )
    return room, out


@pytest.fixture
def again(graded, tmp_path):
    room, out = graded
    shutil.copytree(out, tmp_path / "out")
    return room, tmp_path / "out"


def test_everybody_gets_what_they_earned_in_their_own_variant(graded):
    room, out = graded
    marks = {(r["student"], r["question"]): r for r in rows(out / "grades.csv")}
    full = {q.id: q.points for q in room.set.questions}
    for student in ("s1", "s3"):
        assert {q: float(marks[student, q]["points"]) for q in full} == full
    assert {q for q in full if marks["s2", q]["points"] == "0"} == {
        "xiaomi-1",
        "xiaomi-5",
        "xiaomi-6",
    }
    assert marks["s2", "xiaomi-1"]["status"] == "mistake"
    assert "percentage" in marks["s2", "xiaomi-1"]["reason"]


def test_gradebook_has_a_row_for_everybody(graded):
    _, out = graded
    book = {r["student"]: r for r in rows(out / "gradebook.csv")}
    assert set(book) == {"s1", "s2", "s3", "s4"}
    assert book["s1"]["xiaomi total"] == "25" and "memo to mark" in book["s1"]["note"]
    assert book["s3"]["xiaomi late"] == "late" and book["s3"]["xiaomi total"] == "22.5"
    assert book["s4"]["xiaomi total"] == "" and "nothing" in book["s4"]["note"]


def test_platforms_read_their_forms(graded):
    room, out = graded
    canvas = rows(out / "canvas.csv")
    assert list(canvas[0])[:5] == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]
    assert canvas[0]["Student"].strip() == "Points Possible" and canvas[0][room.set.title] == "35"
    assert (canvas[1]["ID"], canvas[1]["SIS Login ID"]) == ("7001", "ann")
    moodle = {r["ID number"]: r for r in rows(out / "moodle.csv")}
    assert moodle["s1"]["Email address"] == "ann@x.org" and moodle["s4"][room.set.title] == ""


def test_no_cell_is_a_formula(graded):
    _, out = graded
    for path in out.glob("*.csv"):
        for row in csv.reader(path.read_text(encoding="utf-8-sig").splitlines()):
            for cell in row:
                assert not re.match(r"[=+@\t]|-[^\d]", cell) or cell == "-", (path.name, cell)
    marks = {(r["student"], r["question"]): r for r in rows(out / "grades.csv")}
    assert marks["s2", "xiaomi-6"]["answer_reads"] == "-1.5"


def test_feedback_names_the_slip_and_not_the_answer(graded):
    room, out = graded
    page = (out / "feedback" / "s2.html").read_text(encoding="utf-8")
    assert "percentage" in page and "ZeroDivisionError" in page
    assert "http" not in page and "<script" not in page
    record = json.loads(next((out / "answers" / SLUG).glob("s2-*.json")).read_text("utf-8"))
    expected = room.library.reference(SLUG, record["variant"]).expected
    for name in ("xiaomi-1", "xiaomi-6"):
        assert f">{expected[name].right[0]}<" not in page
    assert "&lt;b&gt;" in (out / "feedback" / "s1.html").read_text(encoding="utf-8")
    assert not (out / "feedback" / "s4.html").exists()


def test_overview_counts_and_links(graded):
    room, out = graded
    page = (out / "index.html").read_text(encoding="utf-8")
    links = re.findall(r'href="([^"]*)"', page)
    assert {"report.md", "gradebook.csv", "memos.csv", "feedback/s1.html"} <= set(links)
    assert all((out / link).is_file() for link in links)
    book = {r["student"]: r for r in rows(out / "gradebook.csv")}
    assert f">s2</a></th><td>{book['s2']['name']}</td><td>{book['s2']['xiaomi total']}" in page
    assert "<b>" not in page
    assert "nothing yet" in page  # s4
    right = sum(
        r["status"] == "right" for r in rows(out / "grades.csv") if r["question"] == "xiaomi-1"
    )
    title = room.set.questions[0].title
    assert re.search(rf"{re.escape(title)}</th><td>{right} \(\d+%\)", page)


def test_report_says_what_to_look_at(graded):
    _, out = graded
    text = (out / "report.md").read_text(encoding="utf-8")
    assert "full jail" in text
    assert "notes.pdf: not a notebook" in text
    assert "s4 Missing Mia" in text
    assert "s3, xiaomi" in text.split("## Late")[1]


def test_a_second_run_uses_what_the_first_has_kept(again, monkeypatch):
    room, out = again
    before = {p: p.stat().st_mtime_ns for p in (out / "answers").rglob("*.json")}
    next((out / "answers" / SLUG).glob("s2-*.json")).write_text("{damaged", encoding="utf-8")
    ran = []
    real = supervise.run
    monkeypatch.setattr(supervise, "run", lambda *a, **k: ran.append(1) or real(*a, **k))
    grade.grade(room.submissions, out, room.course, room.library, jobs=1)
    assert len(ran) == 1
    kept = {p: p.stat().st_mtime_ns for p in before}
    assert sum(kept[p] != before[p] for p in before) == 1
    assert len(rows(out / "grades.csv")) == 33


def test_regrade_compares_again_without_running(again, tmp_path, monkeypatch):
    _, out = again
    monkeypatch.setattr(supervise, "run", None)
    sets = tmp_path / "exercises"
    sets.mkdir()
    text = (ROOT / "exercises" / f"{SLUG}.md").read_text(encoding="utf-8")
    # A repair: shares in per cent are right as well.
    repaired = text.replace(
        'mistakes("xiaomi-1", {\n', 'accept("xiaomi-1", q1 * 100)\nmistakes("xiaomi-1", {\n'
    )
    line = next(x for x in text.splitlines() if x.strip().endswith('": q1 * 100,'))
    repaired = repaired.replace(line + "\n", "", 1)
    (sets / f"{SLUG}.md").write_text(repaired, encoding="utf-8")
    grade.regrade(out, library.Library(sets))
    marks = {(r["student"], r["question"]): r for r in rows(out / "grades.csv")}
    assert marks["s2", "xiaomi-1"]["status"] == "right"
    with pytest.raises(ValueError, match="no answers"):
        grade.regrade(tmp_path, library.Library(sets))


def test_memos_go_out_and_come_back(again, tmp_path):
    room, out = again
    sheet = rows(out / "memos.csv")
    assert {r["student"] for r in sheet} == {"s1", "s2", "s3"}
    first = next(r for r in sheet if r["student"] == "s1")
    assert first["words"] == "8" and first["memo"].startswith("'=SUM")
    labels = [row[0] for row in room.set.memo.rubric]
    for row in sheet:
        if row["student"] == "s1":
            row |= dict(zip(labels, ("2", "2,5", "1", "1", "0"), strict=True))
            row |= {"comment": "Good <b>", "points": ""}
        else:
            row["points"] = "0"
    path = tmp_path / "marked.csv"
    with path.open("w", encoding="utf-16", newline="") as file:
        writer = csv.DictWriter(file, list(sheet[0]), delimiter=";")
        writer.writeheader()
        writer.writerows(sheet)
    result = CliRunner().invoke(
        main,
        ["grade", "--out", str(out), "--memos", str(path), "--exercises", str(ROOT / "exercises")],
    )
    assert result.exit_code == 0, result.output
    book = {r["student"]: r for r in rows(out / "gradebook.csv")}
    assert book["s1"]["xiaomi memo (of 10)"] == "6.5" and book["s1"]["xiaomi total"] == "31.5"
    assert "Good &lt;b&gt;" in (out / "feedback" / "s1.html").read_text(encoding="utf-8")


def test_marks_typed_into_the_folders_own_sheet_are_kept(again):
    room, out = again
    sheet = rows(out / "memos.csv")
    assert {row["points"] for row in sheet} == {""}
    next(row for row in sheet if row["student"] == "s2")["points"] = "7"
    with (out / "memos.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(sheet[0]))
        writer.writeheader()
        writer.writerows(sheet)
    for _ in range(2):
        grade.grade(room.submissions, out, room.course, room.library, jobs=1)
        marked = {row["student"]: row["points"] for row in rows(out / "memos.csv")}
        assert marked == {"s1": "", "s2": "7.0", "s3": ""}
    book = {row["student"]: row for row in rows(out / "gradebook.csv")}
    assert book["s2"]["xiaomi memo (of 10)"] == "7"


def test_points_that_are_not_the_sum_are_told(graded, tmp_path):
    room, out = graded
    labels = [row[0] for row in room.set.memo.rubric]
    path = tmp_path / "m.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["student", "exercise", "points", *labels])
        writer.writerow(["s1", SLUG, "7", *["1"] * len(labels)])
    known = {(r.exercise, r.student) for r in Store(out).records()}
    with pytest.raises(ValueError, match="add up to 5"):
        memos.read(path, room.library, known)


@pytest.mark.parametrize(
    ("points", "said"),
    [
        ("11", "between 0 and 10"),
        ("-1", "between 0 and 10"),
        ("good", "not a number"),
        ("nan", "not"),
    ],
)
def test_a_slip_in_the_sheet_is_told(graded, tmp_path, points, said):
    room, out = graded
    path = tmp_path / "m.csv"
    path.write_text(f"student,exercise,points\ns1,{SLUG},{points}\n", encoding="utf-8")
    known = {(r.exercise, r.student) for r in Store(out).records()}
    with pytest.raises(ValueError, match=said):
        memos.read(path, room.library, known)
    path.write_text(f"student,exercise,points\nnobody,{SLUG},1\n", encoding="utf-8")
    with pytest.raises(ValueError, match="no such submission"):
        memos.read(path, room.library, known)


def test_shards_together_are_the_whole(graded, tmp_path):
    room, out = graded
    parts = []
    for number in (1, 2):
        parts.append(tmp_path / f"part{number}")
        grade.grade(
            room.submissions,
            parts[-1],
            room.course,
            room.library,
            jobs=1,
            shard=(number, 2),
            late="10%",
        )
    assert [len(list(p.glob("answers/*/*.json"))) for p in parts] == [2, 1]
    grade.merge(parts, tmp_path / "whole", room.library)
    for name in ("grades.csv", "gradebook.csv", "canvas.csv", "moodle.csv", "report.md"):
        assert (tmp_path / "whole" / name).read_bytes() == (out / name).read_bytes(), name
    with pytest.raises(ValueError, match="both hold"):
        grade.merge([parts[0], parts[0]], tmp_path / "twice", room.library)


def test_without_namespaces_it_grades_and_says_what_is_not_contained(graded, tmp_path):
    room, _ = graded
    cruel = room.paper("s4")
    cruel.after(1, "import os\nos.kill(os.getppid(), 9)")
    cruel.after(2, "import os\nos._exit(0)")
    cruel.after(3, "import os, time\nif os.fork() == 0:\n    os.setsid()\n    time.sleep(600)")
    subs = tmp_path / "subs"
    shutil.copytree(room.submissions, subs)
    (subs / cruel.name).write_bytes(cruel.data())
    summary = grade.grade(
        subs,
        tmp_path / "out",
        room.course,
        room.library,
        jobs=1,
        jailed=False,
        limits=supervise.Limits(cell=10, total=60),
    )
    assert summary.contained
    text = (tmp_path / "out" / "report.md").read_text(encoding="utf-8")
    assert "Not contained" in text and "container" in text
    book = {r["student"]: r for r in rows(tmp_path / "out" / "gradebook.csv")}
    assert book["s1"]["xiaomi total"] == "25" and book["s4"]["xiaomi total"] == "25"


def test_a_jail_that_cannot_be_built_is_not_pretended(monkeypatch):
    monkeypatch.setattr(jail, "folders", lambda extra: ["/usr"])
    warm, why = supervise.open_warm(supervise.Limits())
    warm.close()
    assert why


def test_late_rules():
    assert results.late_rule("") == (0.0, None)
    assert results.late_rule("12.5 %") == (0.125, None)
    share, moment = results.late_rule("10%@2026-03-01 23:59")
    assert share == 0.1 and moment is not None
    for wrong in ("ten", "10", "200%", "10%@yesterday"):
        with pytest.raises(ValueError, match="--late"):
            results.late_rule(wrong)


def test_harmless_cells():
    assert results.harmless("=1+1") == "'=1+1"
    assert results.harmless("-1.5e3") == "-1.5e3"
    assert results.harmless("-cmd") == "'-cmd"
    assert results.harmless("+49") == "'+49"
    assert results.harmless(3) == 3


def test_limits_are_for_each_submission():
    small = replace(supervise.Limits(), memory=1 << 30)
    assert small.for_child()["memory"] == 1 << 30

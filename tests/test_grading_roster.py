"""Class lists as they come: read where possible, otherwise one clear line."""

import pytest

from paths_abroad.grading import roster
from paths_abroad.grading.roster import RosterError

PLAIN = "id,name\ns1,José Müller\ns2,李伟\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_unicode_in_every_dress(tmp_path, encoding):
    path = tmp_path / "roster.csv"
    path.write_bytes(PLAIN.encode(encoding))
    assert [(s.id, s.name) for s in roster.read(path)] == [("s1", "José Müller"), ("s2", "李伟")]


def test_latin_1_and_gbk(tmp_path):
    path = tmp_path / "roster.csv"
    path.write_bytes("id;name\ns1;José Müller-Ærø\ns2;Renée Çelik\n".encode("cp1252"))
    assert [s.name for s in roster.read(path)] == ["José Müller-Ærø", "Renée Çelik"]
    path.write_bytes("学号,姓名\n2021001,欧阳娜娜\n2021002,李伟\n".encode("gb18030"))
    assert [(s.id, s.name) for s in roster.read(path)] == [
        ("2021001", "欧阳娜娜"),
        ("2021002", "李伟"),
    ]


@pytest.mark.parametrize("mark", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_separators_and_line_ends(mark, end):
    text = end.join([f"Student ID{mark}Full Name", f" a-1 {mark}Ann Li ", "", f"b{mark}Bo"])
    assert [(s.id, s.name) for s in roster.parse(text)] == [("a-1", "Ann Li"), ("b", "Bo")]


def test_excel_hint_and_quotes():
    text = 'sep=;\n"id";"name"\n"s;1";"Li; Wei"\n'
    assert [(s.id, s.name) for s in roster.parse(text)] == [("s;1", "Li; Wei")]


def test_what_canvas_and_moodle_export():
    canvas = (
        "Student,ID,SIS User ID,SIS Login ID,Section,HW\n"
        "    Points Possible,,,,,10\n"
        '"Li, Wei",12345,s001,liwei,01,\n'
        '"Student, Test",99,,x,01,\n'
    )
    [one] = roster.parse(canvas)
    assert (one.id, one.name, dict(one.others)["ID"]) == ("s001", "Li, Wei", "12345")
    moodle = "First name,Last name,ID number,Email address\nWei,Li,s001,w@x.org\n"
    [one] = roster.parse(moodle)
    assert (one.id, one.name, one.email) == ("s001", "Wei Li", "w@x.org")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is empty"),
        ("\n\n", "is empty"),
        ("colour,shape\nred,round\n", "columns found: colour, shape"),
        ("id,name\n", "holds no student"),
        ("id,name\ns1,A\n,B\n", ":3: no id (B)"),
        ("id,name\ns1,A\nS1,B\n", "line 2 already"),
    ],
)
def test_what_is_wrong_is_one_line(text, said):
    with pytest.raises(RosterError) as told:
        roster.parse(text, "roster.csv")
    assert said in str(told.value)
    assert "\n" not in str(told.value)


def test_spreadsheets_and_missing_files_are_told(tmp_path):
    path = tmp_path / "roster.xlsx"
    path.write_bytes(b"PK\x03\x04rest")
    with pytest.raises(RosterError, match="save it as CSV"):
        roster.read(path)
    with pytest.raises(RosterError, match="cannot be read"):
        roster.read(tmp_path / "none.csv")


def test_file_names_are_safe_and_differ():
    names = roster.file_names(["a/b", "a\\b", "A-B", "../..", "李伟", "."])
    assert len({name.casefold() for name in names.values()}) == 6
    assert not any(set(name) & set("/\\:*?") or name.startswith(".") for name in names.values())
    assert names["李伟"] == "李伟"

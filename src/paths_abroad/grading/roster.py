"""Class lists as they come out of spreadsheets and learning platforms."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path


class RosterError(ValueError):
    """A class list that cannot be read; one line says where and what to do."""


@dataclass(frozen=True)
class Student:
    """One student of a class list.

    Parameters
    ----------
    id
        What identifies the student in this course.
    name
        As a person writes it; may be empty.
    email
        May be empty.
    others
        Further ids that platforms use for the same student, by column.
    """

    id: str
    name: str = ""
    email: str = ""
    others: tuple[tuple[str, str], ...] = ()


# Columns by what they hold, best first; compared without case, spaces and punctuation.
_ID = (
    "id",
    "studentid",
    "student",
    "studentnumber",
    "studentno",
    "idnumber",
    "sisuserid",
    "sisid",
    "sisloginid",
    "orgdefinedid",
    "matriculationnumber",
    "matrikelnummer",
    "username",
    "loginid",
    "login",
    "userid",
    "学号",
    "學號",
    "学生学号",
    "编号",
)
_NAME = (
    "name",
    "fullname",
    "studentname",
    "student",
    "displayname",
    "sortablename",
    "姓名",
    "名字",
    "学生姓名",
)
_FIRST = (
    "firstname",
    "givenname",
    "first",
    "forename",
    "vorname",
    "prénom",
    "prenom",
    "nombre",
    "名",
)
_LAST = ("lastname", "surname", "familyname", "last", "nachname", "nom", "apellidos", "姓")
_EMAIL = ("email", "emailaddress", "mail", "邮箱", "电子邮件", "電子郵件")
_KEPT = ("ID", "SIS User ID", "SIS Login ID", "Section", "ID number", "Username", "Email address")


def read(path: Path) -> list[Student]:
    """Read a class list.

    Parameters
    ----------
    path
        A CSV file: comma, semicolon or tab; UTF-8 with or without mark, UTF-16, GB 18030 or
        Latin-1; a column of ids and, best, one of names.

    Returns
    -------
    list of Student
        In the file's order.

    Raises
    ------
    RosterError
        With one line.
    """
    try:
        data = path.read_bytes()
    except OSError as problem:
        raise RosterError(f"{path}: cannot be read ({problem.strerror})") from None
    if data[:2] == b"PK" or data[:4] == b"\xd0\xcf\x11\xe0":
        raise RosterError(f"{path.name}: this is a spreadsheet; save it as CSV (UTF-8) first")
    return parse(decode(data, path.name), path.name)


def decode(data: bytes, name: str = "the roster") -> str:
    """Decode text whose encoding nobody wrote down."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _decoded(data, "utf-16", name)
    if data.startswith(b"\xef\xbb\xbf"):
        return _decoded(data, "utf-8-sig", name)
    head = data[:400]
    if head[1::2].count(0) > len(head) // 4:
        return _decoded(data, "utf-16-le", name)
    if head[0::2].count(0) > len(head) // 4:
        return _decoded(data, "utf-16-be", name)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    try:
        chinese = data.decode("gb18030")
    except UnicodeDecodeError:
        chinese = ""
    # Read as Chinese, a Latin accent becomes one odd character inside a word of Latin letters.
    odd = len(re.findall(r"(?<=[A-Za-z])[^\x00-\x7f]|[^\x00-\x7f](?=[A-Za-z])", chinese))
    if chinese and odd * 4 < sum(ord(c) > 127 for c in chinese):
        return chinese
    return data.decode("cp1252", errors="replace").replace("�", "?")


def _decoded(data: bytes, encoding: str, name: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        raise RosterError(
            f"{name}: begins as {encoding} and goes on as something else; save it as UTF-8"
        ) from None


def _squashed(text: str) -> str:
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text).casefold())


def _delimiter(line: str) -> str:
    return max(",;\t|", key=lambda mark: (line.count(mark), -",;\t|".index(mark)))


def parse(text: str, name: str = "the roster") -> list[Student]:
    """Read a class list from text; see `read`."""
    text = text.lstrip("﻿").replace("\r\n", "\n").replace("\r", "\n")
    lines = text.split("\n")
    skip = 0
    while skip < len(lines) and not lines[skip].strip(" ,;\t"):
        skip += 1
    if skip < len(lines) and (hint := re.fullmatch(r"sep=(.)", lines[skip].strip())):
        delimiter, skip = hint[1], skip + 1
    elif skip < len(lines):
        delimiter = _delimiter(lines[skip])
    else:
        raise RosterError(f"{name}: is empty; it needs a line of column names, then the students")
    try:
        table = list(csv.reader(io.StringIO("\n".join(lines[skip:])), delimiter=delimiter))
    except csv.Error as problem:
        raise RosterError(f"{name}: is not a CSV file ({problem})") from None
    head = [unicodedata.normalize("NFC", cell).strip() for cell in table[0]]
    columns = [_squashed(cell) for cell in head]
    first, last = _find(columns, _FIRST), _find(columns, _LAST)
    whole = _find(columns, _NAME)
    number = _find(columns, _ID)
    if number is not None and columns[number] == "student":
        # Canvas calls the name "Student"; its ids stand in other columns.
        others = [_find(columns, (key,)) for key in ("sisuserid", "id", "sisloginid")]
        number = next((place for place in others if place is not None), number)
    if number is not None and columns[number] == "id" and "sisuserid" in columns:
        place = columns.index("sisuserid")
        if any(len(row) > place and row[place].strip() for row in table[1:]):
            number = place
    if number is None:
        seen = ", ".join(filter(None, head))[:120] or "none"
        raise RosterError(
            f"{name}: no column of student ids; name one of them 'id' (columns found: {seen})"
        )
    email = _find(columns, _EMAIL)
    students: list[Student] = []
    lines_of: dict[str, int] = {}
    for line, row in enumerate(table[1:], start=skip + 2):
        cells = [unicodedata.normalize("NFC", cell).strip() for cell in row]
        if not any(cells):
            continue
        cells += [""] * (len(head) - len(cells))
        if cells[0].strip().casefold() in ("points possible", "    points possible"):
            continue
        student = cells[number]
        label = cells[whole] if whole is not None and whole != number else ""
        if first is not None and last is not None:
            label = f"{cells[first]} {cells[last]}".strip() or label
        if label.casefold() in ("student, test", "test student"):
            continue
        if not student:
            who = f" ({label})" if label else ""
            raise RosterError(f"{name}:{line}: no id{who}; every student needs one")
        if student.casefold() in lines_of:
            raise RosterError(
                f"{name}:{line}: the id {student!r} stands in line {lines_of[student.casefold()]} "
                "already; every student needs one of their own"
            )
        if len(student) > 100 or any(unicodedata.category(c) == "Cc" for c in student):
            raise RosterError(f"{name}:{line}: {student[:40]!r} is no id")
        lines_of[student.casefold()] = line
        others = tuple(
            (column, cells[place])
            for place, column in enumerate(head)
            if column in _KEPT and cells[place]
        )
        mail = cells[email] if email is not None else ""
        students.append(Student(student, " ".join(label.split()), mail, others))
    if not students:
        raise RosterError(f"{name}: holds no student")
    return students


def _find(columns: list[str], names: Iterable[str]) -> int | None:
    for name in names:
        if _squashed(name) in columns:
            return columns.index(_squashed(name))
    return None


def safe(text: str, fallback: str = "student") -> str:
    """A text as part of a file name on any system; different texts may become the same."""
    kept = re.sub(r"[^\w.@-]+", "-", unicodedata.normalize("NFC", text)).strip("-.")
    return kept[:60] or fallback


def file_names(students: Iterable[str]) -> dict[str, str]:
    """Give each id a part of a file name of its own, whatever the system makes of case."""
    given: dict[str, str] = {}
    taken: set[str] = set()
    for student in students:
        name = stem = safe(student)
        count = 1
        while name.casefold() in taken:
            count += 1
            name = f"{stem}~{count}"
        taken.add(name.casefold())
        given[student] = name
    return given

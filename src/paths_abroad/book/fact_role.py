"""The roles ``{fact}`` and ``{event}``: a figure or a date in a sentence, from the ledger."""

import re
from pathlib import Path

from docutils import nodes as dn
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxRole

from paths_abroad import ledger
from paths_abroad.book import cited, digits, nodes
from paths_abroad.ledger import tables

logger = logging.getLogger(__name__)

STYLES = ("full", "bare", "number", "period")
_WORDED = re.compile(r"(?P<words>.+?)\s*<(?P<id>[^<>]*)>", re.DOTALL)


class RowRole(SphinxRole):
    """What ``{fact}`` and ``{event}`` share: parse, look up, link, remember, complain."""

    table = ""
    other = ""

    def run(self) -> tuple[list[dn.Node], list[dn.system_message]]:
        """Return the link to the row; an error becomes a warning with file and line."""
        worded = _WORDED.fullmatch(self.text.strip())
        if worded:
            row_id, style, words = worded["id"].strip(), "", " ".join(worded["words"].split())
        else:
            row_id, _, style = self.text.replace("\\|", "|").partition("|")
            row_id, style, words = row_id.strip(), style.strip(), ""
        try:
            row = self.look_up(row_id)
            text = self.check(row, words) if words else self.say(row, style)
        except (ledger.LedgerError, ValueError) as problem:
            logger.warning("%s", problem, location=self.place(), type="paths_abroad")
            return [dn.inline(self.rawtext, words or self.text, classes=["pa-error"])], []
        note_ledger(self.env)
        cited.row(self.env, self.env.docname, self.table, row_id, row.source_id)
        node = nodes.row_link(self.rawtext, "", table=self.table, row=row_id, card=True)
        node += dn.Text(text)
        return [node], []

    def look_up(self, row_id: str):
        """Return the row, or say which table it is in instead."""
        ask = {"fact": ledger.fact, "event": ledger.event}
        try:
            return ask[self.table](row_id)
        except ledger.LedgerError as problem:
            try:
                ask[self.other](row_id)
            except ledger.LedgerError:
                raise problem from None
            raise ledger.LedgerError(
                f"{row_id!r} is no {self.table}: write {{{self.other}}}`{row_id}`"
            ) from None

    def say(self, row, style: str) -> str:
        """Return the text for a style."""
        raise NotImplementedError

    def check(self, row, words: str) -> str:
        """Return the author's own wording, or raise ValueError where it contradicts the row."""
        raise NotImplementedError

    def place(self) -> str:
        """Return ``file:line`` of the role itself, not of the paragraph it stands in."""
        file, line = self.env.doc2path(self.env.docname), self.lineno or 1
        try:
            lines = Path(file).read_text(encoding="utf-8").splitlines()
        except OSError:
            return f"{file}:{line}"
        wanted = self.text.split("\n")[0]
        for number in range(max(line, 1), len(lines) + 1):
            if f"`{wanted}" in lines[number - 1].replace("\\|", "|"):
                return f"{file}:{number}"
        return f"{file}:{line}"


class FactRole(RowRole):
    """``{fact}`id``` with the styles ``|bare``, ``|number``, ``|period``, or ``words <id>``."""

    table, other = "fact", "event"

    def say(self, row: ledger.Fact, style: str) -> str:
        """Return the figure, or its period, in words."""
        if style and style not in STYLES:
            raise ValueError(f"unknown style {style!r} of {row.id}: use {', '.join(STYLES)}")
        if style == "period":
            return ledger.wording.period_words(row.period)
        return ledger.wording.words(row, style or "full")

    def check(self, row: ledger.Fact, words: str) -> str:
        """Compare every figure in the author's wording with the row."""
        period = digits.years(row.period)
        for year in sorted(digits.years(digits.dates_in(words)) - period):
            if year != row.value:
                raise ValueError(
                    f"{words!r} names {year}, but {row.id} is for "
                    f"{ledger.wording.period_words(row.period)}"
                )
        for found in (*digits.typed(words), *digits.spelled(words)):
            if not digits.agrees(found, row.value, row.unit):
                raise ValueError(
                    f"{found.text!r} in {words!r} is not the value of {row.id}: the ledger has "
                    f"{ledger.wording.words(row)}"
                )
        return words


class EventRole(RowRole):
    """``{event}`id```: the date in words, or ``words <id>``."""

    table, other = "event", "fact"

    def say(self, row: ledger.Event, style: str) -> str:
        """Return the date in words."""
        if style not in ("", "date"):
            raise ValueError(f"unknown style {style!r} of {row.id}: an event has only date")
        return ledger.wording.date_words(row.date)

    def check(self, row: ledger.Event, words: str) -> str:
        """Compare every year and figure in the author's wording with the row."""
        for year in sorted(digits.years(digits.dates_in(words)) - digits.years(row.date)):
            raise ValueError(
                f"{words!r} names {year}, but {row.id} is dated "
                f"{ledger.wording.date_words(row.date)}"
            )
        for found in (*digits.typed(words), *digits.spelled(words)):
            if row.amount is None or not digits.agrees(found, row.amount, row.unit):
                raise ValueError(
                    f"{found.text!r} in {words!r} is not in the row {row.id}: say it with {{fact}}"
                )
        return words


def note_ledger(env) -> None:
    """Make the page being read depend on the ledger, so that an edited CSV rebuilds it."""
    directory = tables.data_dir()
    for described in tables.descriptor(directory)["resources"]:
        env.note_dependency(str(directory / described["path"]))


def setup(app: Sphinx) -> None:
    """Register the roles."""
    app.add_role("fact", FactRole())
    app.add_role("event", EventRole())

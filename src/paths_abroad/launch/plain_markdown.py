"""A chapter's MyST text as plain Markdown, which JupyterLab, Colab and GitHub can show.

The book's own roles and directives mean nothing there: a figure becomes its words with a link to
its source, a directive becomes a table or a quotation, and what only a page can do is left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from paths_abroad import ledger

_FENCE = re.compile(r"(?P<fence>:{3,}|`{3,})\{(?P<name>[\w-]+)\}[ \t]*(?P<argument>.*)")
_OPTION = re.compile(r":(?P<name>[\w-]+):[ \t]*(?P<value>.*)")
_ROLE = re.compile(r"\{(?P<name>[a-z][\w:-]*)\}`(?P<text>[^`]+)`")
_WORDED = re.compile(r"(?P<words>.+?)\s*<(?P<target>[^<>]*)>", re.DOTALL)
_LABEL = re.compile(r"^\([\w-]+\)=[ \t]*$\n?", re.MULTILINE)
_INNER_LINK = re.compile(r"(?<!!)\[(?P<words>[^\]]*)\]\((?!https?:|mailto:)[^)\s]*\)")


def plain(text: str, glued: Mapping[str, str] | None = None) -> str:
    """Turn MyST Markdown into plain Markdown.

    Parameters
    ----------
    text : str
        Text of a chapter, without code cells.
    glued : mapping, optional
        The figures that the chapter's cells computed for use in sentences, by name.

    Returns
    -------
    str
        Markdown without roles, directives, labels and links to other pages.

    Raises
    ------
    LedgerError
        The text names a fact, an event or a company that the ledger has not.
    """
    return _money(_blocks(text.splitlines(), glued or {})).strip() + "\n"


def _money(text: str) -> str:
    """Write ``USD 45 billion``: two dollar signs in a paragraph are mathematics to a notebook."""
    text = text.replace("US$", "USD ").replace("HK$", "HKD ").replace("R$", "BRL ")
    return text.replace("$", "USD ")


# --- directives ---------------------------------------------------------------------------------


def _blocks(lines: list[str], glued: Mapping[str, str]) -> str:
    done: list[str] = []
    prose: list[str] = []

    def end_of_prose() -> None:
        done.append(_prose("\n".join(prose), glued))
        prose.clear()

    rest = iter(lines)
    for line in rest:
        opening = _FENCE.fullmatch(line.strip())
        if not opening:
            prose.append(line)
            continue
        end_of_prose()
        body = []
        for inner in rest:
            if inner.strip() == opening["fence"]:
                break
            body.append(inner)
        options = {}
        while body and (option := _OPTION.fullmatch(body[0].strip())):
            options[option["name"]] = option["value"].strip()
            body.pop(0)
        title = _prose(opening["argument"].strip(), glued)
        done.append(
            _directive(opening["name"], title, options, _blocks(body, glued).strip("\n")) + "\n"
        )
    end_of_prose()
    return "\n".join(done)


def _directive(name: str, title: str, options: Mapping[str, str], body: str) -> str:
    if name in _FROM_LEDGER:
        return _FROM_LEDGER[name](title)
    if name in _PAGE_ONLY:
        return ""
    if name == "objectives":
        return _quote("**What you will be able to do.** " + body)
    if name == "discussion":
        parts = [f"### {title}", body]
        for sides in ("roles", "positions"):
            if sides in options:
                parts.append(f"*{sides.capitalize()}:* {_prose(options[sides], {})}.")
        if "minutes" in options:
            parts.append(f"*{options['minutes']} minutes.*")
        return "\n\n".join(parts)
    if name in ("next", "dropdown"):
        summary = title or "What happened next"
        return f"<details><summary>{summary}</summary>\n\n{body}\n\n</details>"
    # An admonition, of whatever name: its title, or its kind, and its text.
    return _quote(f"**{title or name.capitalize()}.** {body}" if body else f"**{title}**")


def _quote(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text.splitlines())


def _company_card(slug: str) -> str:
    companies = ledger.companies().set_index("company")
    if slug not in companies.index:
        raise ledger.LedgerError(f"unknown company {slug!r} in {{company-card}}")
    row = companies.loc[slug]
    chinese = ", ".join(filter(None, (row["name_zh"], row["pinyin"])))
    name = f"**{row['name']}** ({chinese})" if chinese else f"**{row['name']}**"
    return _quote(f"{name}. {row['one_line']}")


def _claims(slug: str) -> str:
    rows = ledger.claims()
    rows = rows[rows["company"] == slug]
    lines = ["| Claim | Verdict | Why |", "| --- | --- | --- |"]
    for row in rows.itertuples():
        cells = (row.claim, row.verdict, row.note)
        lines.append("| " + " | ".join(str(cell).replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines)


def _exercise_list(slug: str) -> str:
    return f"Open [the exercises](../{slug}.ipynb)."


_FROM_LEDGER: Mapping[str, Callable[[str], str]] = {
    "company-card": _company_card,
    "claims": _claims,
    "exercise-list": _exercise_list,
}
_PAGE_ONLY = frozenset({"launch", "chapter-sources", "toctree", "tableofcontents"})


# --- prose --------------------------------------------------------------------------------------


def _prose(text: str, glued: Mapping[str, str]) -> str:
    text = _LABEL.sub("", text)
    text = _ROLE.sub(lambda role: _role(role["name"], role["text"], glued), text)
    return _INNER_LINK.sub(lambda link: link["words"], text)


def _role(name: str, text: str, glued: Mapping[str, str]) -> str:
    worded = _WORDED.fullmatch(text)
    words, target = (worded["words"], worded["target"]) if worded else ("", text)
    if name == "fact":
        fact_id, _, style = target.partition("|")
        fact = ledger.fact(fact_id.strip())
        if style == "period":
            words = ledger.wording.period_words(fact.period)
        return _cited(words or ledger.wording.words(fact, style or "full"), fact.source)
    if name == "event":
        event = ledger.event(target.partition("|")[0].strip())
        return _cited(words or ledger.wording.date_words(event.date), event.source)
    if name.startswith("glue"):
        return glued.get(target, "(run the cells above)")
    return words or target


def _cited(words: str, source: ledger.Source) -> str:
    if not source.url:
        return words
    title = f"{source.publisher}, {source.date}".replace('"', "'")
    return f'[{words}](<{source.url}> "{title}")'

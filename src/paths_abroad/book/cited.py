"""What each page cites: rows of the ledger in its prose, sources in its charts.

Kept in the Sphinx environment while pages are read, so that ``{chapter-sources}`` can list it all
when the page is written. ``env.paths_abroad_rows[docname]`` holds (table, id) pairs,
``env.paths_abroad_sources[docname]`` source ids, ``env.paths_abroad_charts[docname]`` the sources
of each chart.
"""

from collections.abc import Iterable

from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

_STORES = {"paths_abroad_rows": set, "paths_abroad_sources": set, "paths_abroad_charts": dict}


def _store(env: BuildEnvironment, name: str, docname: str):
    pages = getattr(env, name, None)
    if pages is None:
        pages = {}
        setattr(env, name, pages)
    return pages.setdefault(docname, _STORES[name]())


def row(env: BuildEnvironment, docname: str, table: str, row_id: str, source_id: str) -> None:
    """Note that a page's text cites a row (``table`` is ``fact`` or ``event``)."""
    _store(env, "paths_abroad_rows", docname).add((table, row_id))
    _store(env, "paths_abroad_sources", docname).add(source_id)


def chart(env: BuildEnvironment, docname: str, name: str, source_ids: Iterable[str]) -> None:
    """Note that a page's chart draws rows of these sources; ``name`` tells charts apart."""
    ids = set(source_ids)
    _store(env, "paths_abroad_charts", docname)[name] = ids
    _store(env, "paths_abroad_sources", docname).update(ids)


def rows_of(env: BuildEnvironment, docname: str) -> set[tuple[str, str]]:
    """Return the rows that a page's text cites, as (table, id)."""
    return set(getattr(env, "paths_abroad_rows", {}).get(docname, ()))


def charts_of(env: BuildEnvironment, docname: str) -> dict[str, set[str]]:
    """Return the sources of each chart of a page."""
    return dict(getattr(env, "paths_abroad_charts", {}).get(docname, {}))


def sources_of(env: BuildEnvironment, docname: str) -> set[str]:
    """Return the ids of all sources that a page cites, in prose or charts."""
    return set(getattr(env, "paths_abroad_sources", {}).get(docname, ()))


def purge(app: Sphinx, env: BuildEnvironment, docname: str) -> None:
    """Forget a page that is read again or gone."""
    for name in _STORES:
        getattr(env, name, {}).pop(docname, None)


def merge(app: Sphinx, env: BuildEnvironment, docnames: set[str], other: BuildEnvironment) -> None:
    """Take over what another process read."""
    for name in _STORES:
        read = getattr(other, name, {})
        for docname in docnames:
            if docname in read:
                _store(env, name, docname).update(read[docname])

"""The Sphinx side of the book: facts in prose, figures, directives, generated pages.

``paths_abroad.book`` is a Sphinx extension; ``python -m paths_abroad.book`` builds the whole book.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from paths_abroad import __version__

if TYPE_CHECKING:  # launch links and forked kernels are wanted where there is no Sphinx
    from sphinx.application import Sphinx


def setup(app: Sphinx) -> dict:
    """Register everything the chapters use; called by Sphinx."""
    from paths_abroad.book import (
        cited,
        directives,
        downloads,
        fact_role,
        ledger_directives,
        nodes,
        prose,
        site,
    )

    app.add_config_value("paths_abroad_repository", "", "env", str)
    app.add_config_value("paths_abroad_branch", "main", "env", str)
    for part in (nodes, fact_role, directives, downloads, ledger_directives, prose, site):
        part.setup(app)
    app.add_css_file("paths_abroad/facts.css")
    app.add_js_file("paths_abroad/facts.js", loading_method="defer")
    app.connect("env-purge-doc", cited.purge)
    app.connect("env-merge-info", cited.merge)
    return {"version": __version__, "parallel_read_safe": True, "parallel_write_safe": True}

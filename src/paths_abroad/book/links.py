"""Links inside the built site: each must lead to a file, and to a place in it that exists."""

from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit


class _Page(HTMLParser):
    """Collects where a page links to and which anchors it has."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.links: list[str] = []
        self.anchors: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if not value:
                continue
            if name == "id" or (name == "name" and tag == "a"):
                self.anchors.add(value)
            elif name in ("href", "src", "action", "data-rows"):
                self.links.append(value)


def _read(file: Path) -> _Page:
    page = _Page()
    page.feed(file.read_text(encoding="utf-8"))
    return page


def broken(html: Path) -> list[tuple[Path, str]]:
    """Return (page, address) for every internal link of the site that leads nowhere.

    Parameters
    ----------
    html : Path
        The built site.
    """
    html = html.resolve()
    pages = {file: _read(file) for file in sorted(html.rglob("*.html"))}
    found = []
    for file, page in pages.items():
        for link in dict.fromkeys(page.links):
            address = urlsplit(link)
            if address.scheme or address.netloc:
                continue
            target = (file.parent / unquote(address.path)).resolve() if address.path else file
            anchor = unquote(address.fragment)
            lost = not target.is_file() or html not in target.parents
            if lost or (anchor and target in pages and anchor not in pages[target].anchors):
                found.append((file.relative_to(html), link))
    return found

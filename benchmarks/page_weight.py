"""What a first visit to the Xiaomi chapter loads, against a stock Jupyter Book with one chart.

Both are loaded by the same browser from the same kind of server, up to the moment when the network
is still and before anybody scrolls. Bytes are those of the bodies, gzipped at level 6. The stock
book is built here, with the pinned Jupyter Book and Altair's default renderer; what it asks of
other hosts is named, not counted.
"""

import functools
import gzip
import http.server
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
CHAPTER = "chapters/xiaomi.html"
STOCK = {
    "_config.yml": "title: Stock\nexecute:\n  execute_notebooks: force\n",
    "_toc.yml": "format: jb-book\nroot: index\n",
    "index.md": """---
jupytext:
  text_representation:
    extension: .md
    format_name: myst
kernelspec:
  display_name: Python 3
  language: python
  name: python3
---

# One chart

```{code-cell} python
import altair as alt
import pandas as pd
rows = pd.DataFrame({"x": range(8), "y": range(8)})
alt.Chart(rows).mark_line().encode(x="x:Q", y="y:Q")
```
""",
}


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args: object) -> None:
        """Say nothing."""


def weigh(browser: Browser, folder: Path, page_path: str) -> tuple[Counter[str], int, set[str]]:
    """Return gzipped bytes by kind of file, raw bytes in all, and foreign hosts asked."""
    handler = functools.partial(_Quiet, directory=str(folder))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    host = f"127.0.0.1:{server.server_address[1]}"
    page = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
    foreign: set[str] = set()
    answers = []

    def stop_foreign(route) -> None:
        name = urlsplit(route.request.url).netloc
        if name == host:
            route.continue_()
        else:
            foreign.add(name)
            route.abort()

    page.route("**/*", stop_foreign)
    page.on("response", lambda answer: answers.append(answer))
    page.goto(f"http://{host}/{page_path}", wait_until="networkidle")
    packed: Counter[str] = Counter()
    raw = 0
    for answer in answers:
        body = answer.body()
        kind = Path(urlsplit(answer.url).path).suffix or ".html"
        packed[kind] += len(gzip.compress(body, compresslevel=6, mtime=0))
        raw += len(body)
    page.context.close()
    server.shutdown()
    return packed, raw, foreign


def build_stock(folder: Path) -> Path:
    """Build a stock Jupyter Book with one chart; return its HTML."""
    for name, text in STOCK.items():
        (folder / name).write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "jupyter_book.cli.main", "build", str(folder)]
    program = Path(sys.executable).with_name("jupyter-book")
    if program.is_file():
        command = [str(program), "build", str(folder)]
    subprocess.run(command, check=True, capture_output=True)
    return folder / "_build" / "html"


def main() -> int:
    """Print the comparison; exit with 1 where something is missing."""
    site = Path(os.environ.get("PATHS_ABROAD_SITE", ROOT / "_build" / "html"))
    if not (site / CHAPTER).is_file():
        print(f"no built book in {site}: run make book first")
        return 1
    chromium = os.environ.get("PATHS_ABROAD_CHROMIUM") or shutil.which("chromium")
    if not chromium:
        print("no Chromium found: install it, or set PATHS_ABROAD_CHROMIUM to its path")
        return 1
    with tempfile.TemporaryDirectory() as temporary, sync_playwright() as playwright:
        stock = build_stock(Path(temporary))
        sandbox = ["--no-sandbox"] if hasattr(os, "geteuid") and not os.geteuid() else []
        browser = playwright.chromium.launch(executable_path=chromium, args=sandbox)
        rows = {
            "Paths Abroad, the Xiaomi chapter": weigh(browser, site, CHAPTER),
            "stock Jupyter Book, one chart": weigh(browser, stock, "index.html"),
        }
        browser.close()
    for name, (packed, raw, foreign) in rows.items():
        total = sum(packed.values())
        kinds = ", ".join(f"{kind} {size / 1000:.0f}" for kind, size in packed.most_common())
        print(f"{name}: {total / 1000:.0f} KB gzipped ({kinds}), {raw / 1000:.0f} KB raw")
        print(f"  asks {len(foreign)} foreign hosts {' '.join(sorted(foreign))}".rstrip())
    ours, theirs = (sum(packed.values()) for packed, _, _ in rows.values())
    print(f"ratio: {ours / theirs:.2f} of the stock page (budget: 300 KB)")
    return 0


if __name__ == "__main__":
    sys.exit(main())

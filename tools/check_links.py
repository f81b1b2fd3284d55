"""Ask every address in the ledger and in the texts whether it still answers.

Run by .github/workflows/links.yml once a week, and by hand: ``python tools/check_links.py``.
A refusal (401, 403, 429, 451, 999) counts as an answer: many publishers turn robots away.
"""

import argparse
import csv
import re
import subprocess
import sys
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
REFUSALS = {401, 403, 405, 406, 429, 451, 999}
TIMEOUT_SECONDS = 20
WORKERS = 8

# In Markdown: [words](address) or <address>. Closing brackets and punctuation do not belong to it.
_ADDRESS = re.compile(r"(?:\]\(|<)(https?://[^\s<>\"']+?)(?:\)(?![^\s(]*\))|>|\s+\")")


def addresses_in(markdown: str) -> list[str]:
    """Return the addresses that a Markdown text links to."""
    return _ADDRESS.findall(markdown)


def addresses(root: Path) -> dict[str, list[str]]:
    """Return every address, with the places where it stands.

    Parameters
    ----------
    root : Path
        The repository.
    """
    places: dict[str, list[str]] = {}
    with (root / "data" / "sources.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["url"]:
                places.setdefault(row["url"], []).append(f"data/sources.csv, {row['source_id']}")
    listed = subprocess.run(
        ["git", "ls-files", "*.md"], cwd=root, capture_output=True, text=True, check=True
    )
    for name in listed.stdout.splitlines():
        for address in addresses_in((root / name).read_text(encoding="utf-8")):
            places.setdefault(address, []).append(name)
    return places


def problem(address: str) -> str:
    """Return what is wrong with an address, or an empty string."""
    agent = "Mozilla/5.0 (compatible; link check of a case book)"
    request = urllib.request.Request(address, headers={"User-Agent": agent})
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS):
            return ""
    except urllib.error.HTTPError as error:
        return "" if error.code in REFUSALS else f"answers {error.code}"
    except (OSError, ValueError) as error:
        return f"does not answer ({getattr(error, 'reason', error)})"


def report(places: dict[str, list[str]], problems: dict[str, str]) -> str:
    """Return the result as Markdown."""
    if not problems:
        return f"All {len(places)} addresses answer.\n"
    lines = [
        f"{len(problems)} of {len(places)} addresses do not answer.\n",
        "| Address | Problem | Where |",
        "| --- | --- | --- |",
    ]
    lines += [f"| <{a}> | {problems[a]} | {'; '.join(places[a])} |" for a in sorted(problems)]
    return "\n".join(lines) + "\n"


def main() -> int:
    """Check all addresses and say which do not answer; exit code 1 if there are any."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--summary", type=Path, help="a file to which the report is appended")
    arguments = parser.parse_args()
    places = addresses(ROOT)
    with ThreadPoolExecutor(WORKERS) as pool:
        found = dict(zip(places, pool.map(problem, places), strict=True))
    text = report(places, {address: said for address, said in found.items() if said})
    print(text, end="")
    if arguments.summary:
        with arguments.summary.open("a", encoding="utf-8") as file:
            file.write(text)
    return int(any(found.values()))


if __name__ == "__main__":
    sys.exit(main())

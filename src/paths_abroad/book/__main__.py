"""``python -m paths_abroad.book`` builds the whole book; see `paths_abroad.book.build`."""

import argparse
import sys
from pathlib import Path

from paths_abroad.book.build import build

SHOWN = 30
"""A longer list is not read; it stands in the log."""


def main(arguments: list[str] | None = None) -> int:
    """Build the book, say what happened, return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m paths_abroad.book", description="Build the book into _build/html."
    )
    parser.add_argument("--root", type=Path, default=Path.cwd(), help="the repository (default: .)")
    parser.add_argument("--out", type=Path, help="where html/ and log.txt go (default: _build)")
    asked = parser.parse_args(arguments)
    if not (asked.root / "_toc.yml").is_file():
        print(f"{asked.root}: no _toc.yml here; run this in the repository or pass --root")
        return 2
    report = build(asked.root, asked.out, say=lambda line: print(line, flush=True))
    for page, seconds in report.seconds_per_page.items():
        print(f"  {seconds:6.1f} s  {page}")
    if report.troubles:
        number = len(report.troubles)
        print(f"\nThe book is not built: {number} thing{'s' if number > 1 else ''} to mend.")
        for trouble in report.troubles[:SHOWN]:
            print(f"  {trouble}")
        if number > SHOWN:
            print(f"  ... and {number - SHOWN} more")
        print(f"Everything that was said stands in {report.log}.")
        return 1
    print(f"Built in {report.seconds:.0f} s, {report.size / 1e6:.1f} MB: {report.html}/index.html")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""How long a notebook waits for the whole ledger, beside pandas reading the same files plainly.

Each measurement is a process of its own, with pandas already imported, as in a notebook; the two
ways take turns, and the medians are compared.
"""

import json
import statistics
import subprocess
import sys

ROUNDS = 7
LIMIT = 0.3
"""Seconds within which the full ledger is there."""

OURS = """
import json, time
import pandas
began = time.perf_counter()
from paths_abroad import ledger
names = ("facts", "events", "sources", "companies", "metrics", "places", "markets", "claims")
rows = sum(len(ledger.table(name)) for name in names)
print(json.dumps([time.perf_counter() - began, rows]))
"""
PLAIN = """
import json, sys, time
import pandas
files = sys.argv[1:]
began = time.perf_counter()
rows = sum(len(pandas.read_csv(file)) for file in files)
print(json.dumps([time.perf_counter() - began, rows]))
"""


def measure(code: str, *arguments: str) -> tuple[float, int]:
    """Return seconds and rows read, as a fresh process says."""
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True
    )
    seconds, rows = json.loads(done.stdout)
    return seconds, rows


def main() -> int:
    """Measure, print, and fail where the limit is passed."""
    from paths_abroad.ledger import tables

    files = [str(tables.data_dir() / r["path"]) for r in tables.descriptor()["resources"]]
    ours, plain, rows = [], [], set()
    for _ in range(ROUNDS):
        for seconds, code, arguments in ((ours, OURS, ()), (plain, PLAIN, files)):
            took, read = measure(code, *arguments)
            seconds.append(took)
            rows.add(read)
    if len(rows) != 1:
        print(f"the two ways read different numbers of rows: {sorted(rows)}")
        return 1
    mine, theirs = statistics.median(ours), statistics.median(plain)
    print(f"{rows.pop():,} rows, medians of {ROUNDS} fresh processes with pandas imported")
    print(f"  ledger, import and all tables   {mine:.3f} s   (limit {LIMIT} s)")
    print(f"  pandas.read_csv of the files    {theirs:.3f} s   ratio {mine / theirs:.1f}")
    return int(mine > LIMIT)


if __name__ == "__main__":
    sys.exit(main())

"""How much faster is a clean build with forked kernels than with stock ones?

Two comparisons on this machine, in one run, so that ratios mean something:

* a kernel alone: start it, import what every chapter imports, end it;
* the whole book, built from clean, once a way; and what each chapter took.

Run by ``make bench``. It prints; nothing here is a test, because times depend on the machine.
"""

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning import LocalProvisioner

from paths_abroad.book import forked_kernels

ROOT = Path(__file__).resolve().parents[1]
IMPORTS = "import altair, pandas; from paths_abroad import charts, ledger"
WAYS = {"stock": "local-provisioner", "forked": "paths-abroad-fork"}
QUIET = ["--log-level=40"]


async def kernel_seconds(provisioner: type[LocalProvisioner]) -> float:
    """Start a kernel, import, end it."""
    manager = AsyncKernelManager(kernel_name="python3")
    manager.provisioner = provisioner(
        kernel_id="bench", kernel_spec=manager.kernel_spec, parent=manager
    )
    started = time.perf_counter()
    await manager.start_kernel(extra_arguments=QUIET)
    client = manager.client()
    client.start_channels()
    try:
        await client.wait_for_ready(timeout=120)
        reply = await client.execute(IMPORTS, reply=True, timeout=120)
        if reply["content"]["status"] != "ok":
            raise RuntimeError(reply["content"]["evalue"])
    finally:
        client.stop_channels()
        await manager.shutdown_kernel(now=True)
    return time.perf_counter() - started


def kernels(repeats: int) -> dict[str, float]:
    """Return the median seconds of a kernel, and what the warm process costs once."""
    started = time.perf_counter()
    warm = forked_kernels.warm_process()
    if warm is None:
        print("This machine forks no kernels: both columns are stock kernels.")
    else:
        warm.wait_until_ready()
    once = time.perf_counter() - started
    ways = {"stock": LocalProvisioner, "forked": forked_kernels.ForkProvisioner}
    times: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(repeats):  # in turn, so that a busy moment hits both
        for name, provisioner in ways.items():
            times[name].append(asyncio.run(kernel_seconds(provisioner)))
    forked_kernels.close_warm_process()
    return {name: statistics.median(values) for name, values in times.items()} | {"once": once}


def book(provisioner: str) -> tuple[float, dict[str, float]]:
    """Build the book from clean; return seconds in all and per chapter."""
    with tempfile.TemporaryDirectory() as out:
        started = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-m", "paths_abroad.book", "--out", out],
            cwd=ROOT,
            env={**os.environ, "JUPYTER_DEFAULT_PROVISIONER_NAME": provisioner},
            capture_output=True,
            text=True,
        )
        seconds = time.perf_counter() - started
        if done.returncode:
            sys.exit(f"the book cannot be built:\n{done.stdout}{done.stderr}")
        return seconds, json.loads((Path(out) / "seconds.json").read_text(encoding="utf-8"))


def row(label: str, stock: float, forked: float) -> None:
    """Print a line of the table."""
    print(f"{label:<40}{stock:>9.2f}{forked:>9.2f}{stock / forked:>8.1f}x", flush=True)


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=5, help="kernels a way (default: 5)")
    parser.add_argument("--kernels-only", action="store_true", help="do not build the book")
    arguments = parser.parse_args()

    print(f"{'seconds':<40}{'stock':>9}{'forked':>9}{'ratio':>9}")
    alone = kernels(arguments.repeats)
    row("a kernel, with the usual imports", alone["stock"], alone["forked"])
    print(f"{'  warm process, once a build':<40}{'':>9}{alone['once']:>9.2f}")
    if arguments.kernels_only:
        return
    builds = {name: book(provisioner) for name, provisioner in WAYS.items()}
    row("the whole book, from clean", builds["stock"][0], builds["forked"][0])
    for page, stock in sorted(builds["stock"][1].items()):
        row(f"  {page}", stock, builds["forked"][1][page])


if __name__ == "__main__":
    main()

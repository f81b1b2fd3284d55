"""Which processes descend from which, and what memory they hold; from Linux's /proc."""

from __future__ import annotations

import os
from pathlib import Path

_PAGE = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096


def children(process: int) -> list[int]:
    """List the children of a process; none where the system does not tell."""
    try:
        text = Path(f"/proc/{process}/task/{process}/children").read_text(encoding="ascii")
    except OSError:
        return []
    return [int(word) for word in text.split()]


def descendants(process: int, most: int = 1000) -> list[int]:
    """List children, their children and so on."""
    found: list[int] = []
    level = children(process)
    while level and len(found) < most:
        found += level
        level = [below for child in level for below in children(child)]
    return found


def held(process: int) -> int:
    """Bytes in memory that a process does not share with a file; 0 where it has ended."""
    try:
        fields = Path(f"/proc/{process}/statm").read_text(encoding="ascii").split()
    except OSError:
        return 0
    if len(fields) < 3:
        return 0
    # Shared pages are those of files and those that processes share on purpose: the latter count
    # in full here, the former are some megabytes of libraries.
    return int(fields[1]) * _PAGE


def available() -> int | None:
    """Bytes of memory that the machine still has; None where it does not tell."""
    try:
        for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    return None

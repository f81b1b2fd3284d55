"""The jail: what a submission sees of the machine, which is next to nothing.

Made with the kernel's own calls instead of bubblewrap, for two reasons. bubblewrap ends in an
`exec`, so a submission would import pandas and Altair anew (over a second, against some
milliseconds for a fork of a process that has them); and it would be one more thing to install.

Built in two steps. `enter` is taken once, by the warm process, before it imports anything: user,
mount and pid namespaces, and a root that holds Python, its libraries and the ledger, all read-only.
`confine` is taken by every forked child: further namespaces, a small file system in memory, limits,
no capabilities, no dangerous system calls.
"""

from __future__ import annotations

import os
import resource
import sys
import sysconfig
from collections.abc import Callable, Iterable
from pathlib import Path

from paths_abroad.grading import kernel_calls as kernel

INSIDE = 1000
"""The user inside the jail."""
STRANGER = 1_900_000_000
"""Who that is outside, where root grades: a user that owns nothing."""
SPACE = "/space"
"""Where a submission may write."""

_DEVICES = ("null", "zero", "full", "random", "urandom")
_ETC = ("ld.so.cache", "ld.so.conf", "ld.so.conf.d", "alternatives", "fonts")


_LINUX_ONLY = {"RLIMIT_SIGPENDING": 11, "RLIMIT_MSGQUEUE": 12}
"""Limits that Python does not name before 3.12 or at all; the numbers are those of all machines."""


def folders(extra: Iterable[Path]) -> list[str]:
    """What the jail's root holds: Python and its libraries, and what is asked for.

    Parameters
    ----------
    extra
        The library's own folder, and the ledger's.

    Returns
    -------
    list of str
        Absolute paths, none inside another.
    """
    paths = sysconfig.get_paths()
    wanted = {sys.prefix, sys.exec_prefix, sys.base_prefix, sys.base_exec_prefix}
    wanted |= {paths[name] for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    wanted |= {path for path in sys.path if path.endswith(("site-packages", "dist-packages"))}
    wanted |= {"/usr", "/nix/store", "/gnu/store"}
    wanted |= {str(path) for path in extra}
    wanted |= {str(Path(path).resolve()) for path in wanted}
    kept: list[str] = []
    for path in sorted(p for p in wanted if p != "/" and Path(p).exists()):
        if not any(path == other or path.startswith(other + "/") for other in kept):
            kept.append(path)
    return kept


def enter(shown: list[str], ask_for_mapping: Callable[[], None]) -> None:
    """Move this process into the jail's root; its next child is the first of a pid namespace.

    Parameters
    ----------
    shown
        What the root holds, from `folders`.
    ask_for_mapping
        Called where root grades: somebody outside must write our user and group maps.

    Raises
    ------
    OSError
        Where the kernel refuses. The process is then of no use any more.
    """
    root = os.geteuid() == 0
    user, group = os.geteuid(), os.getegid()
    kernel.unshare(
        kernel.NEWUSER
        | kernel.NEWNS
        | kernel.NEWPID
        | kernel.NEWIPC
        | kernel.NEWUTS
        | kernel.NEWNET
    )
    # Opened while we are who we are: afterwards a folder of root's may be out of reach.
    opened = {path: os.open(path, os.O_PATH) for path in shown}
    opened |= {f"/dev/{name}": os.open(f"/dev/{name}", os.O_PATH) for name in _DEVICES}
    links = {}
    for name in ("/lib", "/lib64", "/lib32", "/bin", "/sbin"):
        if Path(name).is_symlink():
            links[name] = str(Path(name).readlink())
        elif Path(name).is_dir():
            opened[name] = os.open(name, os.O_PATH)
    for name in _ETC:
        if Path("/etc", name).exists():
            opened[f"/etc/{name}"] = os.open(f"/etc/{name}", os.O_PATH)
    if root:
        ask_for_mapping()
        os.setgroups([])
        os.setresgid(INSIDE, INSIDE, INSIDE)
        os.setresuid(INSIDE, INSIDE, INSIDE)
    else:
        Path("/proc/self/setgroups").write_text("deny", encoding="ascii")
        Path("/proc/self/uid_map").write_text(f"{INSIDE} {user} 1\n", encoding="ascii")
        Path("/proc/self/gid_map").write_text(f"{INSIDE} {group} 1\n", encoding="ascii")
    kernel.mount("none", "/", flags=kernel.MS_REC | kernel.MS_PRIVATE)
    new = next(path for path in ("/tmp", "/var/tmp", "/mnt") if Path(path).is_dir())
    kernel.mount("tmpfs", new, "tmpfs", kernel.MS_NOSUID | kernel.MS_NODEV, "size=1m,mode=755")
    for path, descriptor in opened.items():
        _show(descriptor, new + path)
        os.close(descriptor)
    for name, target in links.items():
        Path(new + name).symlink_to(target)
    for name in ("/tmp", "/var/tmp", "/dev/shm"):
        place = Path(new + name)
        place.parent.mkdir(parents=True, exist_ok=True)
        if not place.exists():  # Python itself may be installed below /tmp
            place.symlink_to(f"{SPACE}/tmp")
    Path(new, "etc").mkdir(exist_ok=True)
    Path(new, "etc/passwd").write_text(f"student:x:{INSIDE}:{INSIDE}::{SPACE}/home:/bin/false\n")
    Path(new, "etc/group").write_text(f"student:x:{INSIDE}:\n")
    Path(new + SPACE).mkdir()
    kernel.pivot_root(new)
    kernel.mount(
        "none",
        "/",
        flags=kernel.MS_REMOUNT
        | kernel.MS_BIND
        | kernel.MS_RDONLY
        | kernel.MS_NOSUID
        | kernel.MS_NODEV,
    )


def _show(descriptor: int, place: str) -> None:
    """Bind what a descriptor stands for to a place in the new root, read-only."""
    source = f"/proc/self/fd/{descriptor}"
    where = Path(place)
    if Path(source).is_dir():
        where.mkdir(parents=True, exist_ok=True)
    else:
        where.parent.mkdir(parents=True, exist_ok=True)
        where.touch()
    kernel.mount(source, place, flags=kernel.MS_BIND | kernel.MS_REC)
    if place.split("/")[-2:-1] != ["dev"]:
        kernel.read_only(place)


def confine(limits: dict[str, int]) -> None:
    """Close the jail around this process, a child of one that has taken `enter`.

    Parameters
    ----------
    limits
        ``memory`` and ``space`` in bytes, ``cpu`` in seconds, ``processes``, ``files``.
    """
    kernel.unshare(kernel.NEWNS | kernel.NEWIPC | kernel.NEWUTS | kernel.NEWNET)
    kernel.set_hostname("exercise")
    kernel.mount(
        "tmpfs",
        SPACE,
        "tmpfs",
        kernel.MS_NOSUID | kernel.MS_NODEV | kernel.MS_NOEXEC,
        f"size={limits['space']},nr_inodes=4096,mode=700",
    )
    for name in ("work", "home", "tmp"):
        Path(SPACE, name).mkdir(0o700)
    os.chdir(f"{SPACE}/work")
    limit(limits)
    kernel.give_up_privileges()
    kernel.refuse_calls(network=True)


def limit(limits: dict[str, int]) -> None:
    """Set this process's own limits; its children inherit them."""
    for name, value in (
        # Written memory counts, not reserved addresses: the engine that draws charts reserves
        # several gigabytes and uses a hundred megabytes.
        ("RLIMIT_DATA", limits["memory"]),
        ("RLIMIT_AS", limits["memory"] * 6),
        ("RLIMIT_FSIZE", limits["space"]),
        ("RLIMIT_CPU", limits["cpu"]),
        ("RLIMIT_NPROC", limits["processes"]),
        ("RLIMIT_NOFILE", limits["files"]),
        ("RLIMIT_CORE", 0),
        ("RLIMIT_STACK", 64 << 20),
        ("RLIMIT_MEMLOCK", 0),
        ("RLIMIT_MSGQUEUE", 0),
        ("RLIMIT_SIGPENDING", 64),
    ):
        number = getattr(resource, name, _LINUX_ONLY.get(name) if kernel.LINUX else None)
        if number is None:
            continue
        try:
            hard = resource.getrlimit(number)[1]
            if hard != resource.RLIM_INFINITY:
                value = min(value, hard)
            resource.setrlimit(number, (value, value))
        except (OSError, ValueError):
            continue

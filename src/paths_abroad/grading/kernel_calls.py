"""The few Linux system calls that Python has no name for, and what to do when they are refused."""

from __future__ import annotations

import ctypes
import os
import platform
import struct
import sys

NEWNS, NEWUTS, NEWIPC = 0x00020000, 0x04000000, 0x08000000
NEWUSER, NEWPID, NEWNET = 0x10000000, 0x20000000, 0x40000000

MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC = 1, 2, 4, 8
MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = 32, 4096, 16384, 1 << 18
MNT_DETACH = 2

_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_CAPBSET_DROP = 1, 4, 24
_PR_SET_CHILD_SUBREAPER, _PR_SET_NO_NEW_PRIVS, _PR_CAP_AMBIENT = 36, 38, 47
_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER = 22, 2

_PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}
_CAPSET = {"x86_64": 126, "aarch64": 91}
_MOUNT_SETATTR = 442  # the same everywhere: it came after the numbers were unified
_AT_FDCWD, _AT_RECURSIVE = -100, 0x8000

LINUX = sys.platform.startswith("linux")
MACHINE = platform.machine()
_libc = ctypes.CDLL(None, use_errno=True) if LINUX else None


def _done(result: int, what: str) -> None:
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{what}: {os.strerror(code)}")


def unshare(flags: int) -> None:
    """Give this process namespaces of its own."""
    _done(_libc.unshare(flags), "unshare")


def setns(descriptor: int, kind: int) -> None:
    """Join the namespace behind a descriptor."""
    _done(_libc.setns(descriptor, kind), "setns")


def mount(source: str, target: str, kind: str = "", flags: int = 0, data: str = "") -> None:
    """Mount, bind or remount."""
    encoded = [part.encode() or None for part in (source, target, kind)]
    _done(
        _libc.mount(*encoded, ctypes.c_ulong(flags), data.encode() or None),
        f"mount {target}",
    )


def read_only(target: str) -> None:
    """Make a bind mount, and all mounts below it, read-only, without devices or set-uid files."""
    attributes = struct.pack("=QQQQ", 1 | 2 | 4, 0, 0, 0)
    result = _libc.syscall(
        _MOUNT_SETATTR, _AT_FDCWD, target.encode(), _AT_RECURSIVE, attributes, len(attributes)
    )
    _done(result, f"mount_setattr {target}")


def pivot_root(folder: str) -> None:
    """Make a mounted folder the root of the file system, and let go of the old one."""
    os.chdir(folder)
    _done(_libc.syscall(_PIVOT_ROOT[MACHINE], b".", b"."), "pivot_root")
    _done(_libc.umount2(b".", MNT_DETACH), "umount the old root")
    os.chdir("/")


def set_hostname(name: str) -> None:
    """Name the machine, in a uts namespace of one's own."""
    _done(_libc.sethostname(name.encode(), len(name)), "sethostname")


def _prctl(option: int, *arguments: int) -> int:
    padded = [ctypes.c_ulong(a) for a in (*arguments, 0, 0, 0, 0)[:4]]
    return _libc.prctl(option, *padded)


def die_with_parent() -> None:
    """Be killed when the parent ends."""
    _done(_prctl(_PR_SET_PDEATHSIG, 9), "pdeathsig")


def adopt_orphans() -> None:
    """Become the parent of descendants whose own parent has ended."""
    _done(_prctl(_PR_SET_CHILD_SUBREAPER, 1), "subreaper")


def give_up_privileges() -> None:
    """Drop every capability for good; no program run from here can gain one."""
    _prctl(_PR_CAP_AMBIENT, 4)
    for capability in range(64):
        if _prctl(_PR_CAPBSET_DROP, capability) < 0:
            break
    header, nothing = struct.pack("=Ii", 0x20080522, 0), bytes(24)
    _done(_libc.syscall(_CAPSET[MACHINE], header, nothing), "capset")
    no_new_privileges()


def no_new_privileges() -> None:
    """Let no program run from here gain privileges, nor other processes look into this one."""
    _done(_prctl(_PR_SET_NO_NEW_PRIVS, 1), "no_new_privs")
    _done(_prctl(_PR_SET_DUMPABLE, 0), "dumpable")


# --- seccomp ------------------------------------------------------------------------------------

_AUDIT = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_ALLOW, _KILL, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
_EPERM, _ENOSYS, _EAFNOSUPPORT = 1, 38, 97

# Calls that no exercise needs, by number on x86_64 and aarch64 (None: not there). Two kinds: those
# that hold memory which no limit counts or which outlives a process, and those with which jails
# have been broken.
_REFUSED: dict[str, tuple[int | None, int | None]] = {
    # memory that no limit of ours counts
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "shmget": (29, 194),
    "shmat": (30, 196),
    "msgget": (68, 186),
    "semget": (64, 190),
    "mq_open": (240, 180),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    # looking into other processes
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "kcmp": (312, 272),
    "pidfd_getfd": (438, 438),
    # namespaces and mounts
    "unshare": (272, 97),
    "setns": (308, 268),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsmount": (432, 432),
    "mount_setattr": (442, 442),
    "open_by_handle_at": (304, 265),
    # corners of the kernel
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "fanotify_init": (300, 262),
    "quotactl": (179, 60),
    "swapon": (167, 224),
    "reboot": (169, 142),
    "kexec_load": (246, 104),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "acct": (163, 89),
    "syslog": (103, 116),
    "personality": (135, 92),
    "clock_settime": (227, 112),
    "settimeofday": (164, 170),
    "vhangup": (153, 58),
    "uselib": (134, None),
    "modify_ldt": (154, None),
    "iopl": (172, None),
    "ioperm": (173, None),
}
# Limits once set stay: a cell that lowered them would spoil what comes after it. (``prlimit`` also
# reads them; then its third argument, where the new limits would stand, is empty.)
_SETRLIMIT = {"x86_64": 160, "aarch64": 164}
_PRLIMIT = {"x86_64": 302, "aarch64": 261}
_CLONE = {"x86_64": 56, "aarch64": 220}
_CLONE3 = 435
_SOCKET = {"x86_64": 41, "aarch64": 198}
_ANY_NAMESPACE = NEWNS | NEWUTS | NEWIPC | NEWUSER | NEWPID | NEWNET | 0x02000000


_KILL_CALL = {"x86_64": 62, "aarch64": 129}
_OTHER_SIGNALS = {"x86_64": (200, 129, 297, 424), "aarch64": (130, 138, 240, 424)}


def _filter(network: bool, spared: tuple[int, ...]) -> bytes:
    """Assemble the filter: a list of (code, jump if true, jump if false, operand)."""
    column = 0 if MACHINE == "x86_64" else 1
    refused = {numbers[column] for numbers in _REFUSED.values()} - {None}
    if spared:
        refused |= set(_OTHER_SIGNALS[MACHINE])
    load, equal, at_least, any_bit, give = 0x20, 0x15, 0x35, 0x45, 0x06
    program = [
        (load, 0, 0, 4),  # the architecture
        (equal, 1, 0, _AUDIT[MACHINE]),
        (give, 0, 0, _KILL),
        (load, 0, 0, 0),  # the number of the call
    ]
    if MACHINE == "x86_64":  # the x32 numbers are other names for the same calls
        program += [(at_least, 0, 1, 0x40000000), (give, 0, 0, _ERRNO | _ENOSYS)]
    for number in sorted(refused):
        program += [(equal, 0, 1, number), (give, 0, 0, _ERRNO | _EPERM)]
    program += [
        (equal, 0, 1, _SETRLIMIT[MACHINE]),
        (give, 0, 0, _ERRNO | _EPERM),
        (equal, 0, 6, _PRLIMIT[MACHINE]),
        (load, 0, 0, 32),  # its third argument, the lower half
        (equal, 0, 3, 0),
        (load, 0, 0, 36),  # and the upper
        (equal, 0, 1, 0),
        (give, 0, 0, _ALLOW),
        (give, 0, 0, _ERRNO | _EPERM),
    ]
    # The flags of clone3 lie in memory, where a filter cannot look: the C library then uses clone.
    program += [(equal, 0, 1, _CLONE3), (give, 0, 0, _ERRNO | _ENOSYS)]
    program += [
        (equal, 0, 4, _CLONE[MACHINE]),
        (load, 0, 0, 16),  # its first argument
        (any_bit, 0, 1, _ANY_NAMESPACE),
        (give, 0, 0, _ERRNO | _EPERM),
        (give, 0, 0, _ALLOW),
    ]
    if spared:
        targets = [number & 0xFFFFFFFF for pid in spared for number in (pid, -pid)] + [0xFFFFFFFF]
        program += [
            (equal, 0, 3 + len(targets), _KILL_CALL[MACHINE]),
            (load, 0, 0, 16),
            *((equal, len(targets) - i, 0, target) for i, target in enumerate(targets)),
            (give, 0, 0, _ALLOW),
            (give, 0, 0, _ERRNO | _EPERM),
        ]
    # Some families of sockets (vsock, for one) know no namespaces. 1: unix, 2 and 10: internet.
    families = (1, 2, 10) if network else (1,)
    program += [
        (equal, 0, 2 + len(families), _SOCKET[MACHINE]),
        (load, 0, 0, 16),
        *((equal, len(families) - i, 0, family) for i, family in enumerate(families)),
        (give, 0, 0, _ERRNO | _EAFNOSUPPORT),
        (give, 0, 0, _ALLOW),
    ]
    return b"".join(struct.pack("=HBBI", *line) for line in program)


def refuse_calls(network: bool, spared: tuple[int, ...] = ()) -> None:
    """Refuse the system calls that no exercise needs.

    Parameters
    ----------
    network
        Whether internet sockets may be made: yes in a net namespace, where they lead nowhere.
    spared
        Processes that may not be signalled, where no pid namespace hides them.

    Raises
    ------
    OSError
        Where the kernel has no seccomp filters, or the machine is not one we know.
    """
    if MACHINE not in _AUDIT:
        raise OSError(f"no filter of system calls for {MACHINE}")
    code = _filter(network, spared)
    lines = ctypes.create_string_buffer(code, len(code))
    # struct sock_fprog: a length, padding, a pointer
    program = struct.pack("HxxxxxxP", len(code) // 8, ctypes.addressof(lines))
    holder = ctypes.create_string_buffer(program, len(program))
    _done(_prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.addressof(holder)), "seccomp")

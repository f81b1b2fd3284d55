"""The warm process: imports what exercises import, then forks a jailed child for each submission.

Run as a script by `supervise`, with an almost empty environment. It holds no secret: not the
course's, not a reference answer, and not a single cell, because each child reads its own
submission from a file that passes through here unread.

Requests and replies have a fixed form: an operation and a number.

=====  ==============================  ====================
``M``  (from here) map our user        ``M``
``R``  (from here) ready
``J``  run a job; two descriptors come ``J`` and its number
       with it
``E``  end a job and all it started    ``E`` and its peak memory in KiB
=====  ==============================  ====================
"""

from __future__ import annotations

import fcntl
import gc
import json
import os
import signal
import socket
import struct
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

FORM = struct.Struct("=cq")
_TINY = ("/usr/bin/sleep", "/bin/sleep")


def _receive(channel: socket.socket) -> tuple[bytes, int, list[int]]:
    data, descriptors, *_ = socket.recv_fds(channel, FORM.size, 2)
    if len(data) < FORM.size:
        os._exit(0)  # the grader has ended, and so do we
    for descriptor in descriptors:
        os.set_inheritable(descriptor, False)
    return (*FORM.unpack(data), descriptors)


def _send(channel: socket.socket, operation: bytes, number: int = 0) -> None:
    channel.sendall(FORM.pack(operation, number))


def _warm_up() -> Any:
    """Import everything slow, read the ledger once, and make what reads answers."""
    import asyncio  # noqa: F401

    import altair
    import pandas  # noqa: F401

    from paths_abroad import charts, ledger, measures  # noqa: F401
    from paths_abroad.grading import runner

    for read in (ledger.facts, ledger.events, ledger.sources, ledger.companies, ledger.metrics):
        read()
    ledger.places()
    ledger.markets_table()
    altair.Chart(ledger.metrics().head(2)).mark_point().encode(x="metric").to_dict()
    runner.silence()
    reader = runner.Reader()
    gc.collect()
    gc.freeze()
    return reader


class Server:
    """Forks, ends, and reaps."""

    def __init__(self, channel: socket.socket, setting: dict[str, Any]) -> None:
        self.channel, self.setting = channel, setting
        self.jailed = setting["jailed"]
        self.reader = _warm_up()
        self.running: dict[int, list[int]] = {}
        # A way back into our own pid namespace, after each child has been given one.
        self.own = os.pidfd_open(os.getpid()) if self.jailed else -1
        self.nowhere = os.open("/dev/null", os.O_RDWR)
        if not self.jailed:
            group = os.getpgid(os.getppid())
            setting["spared"] = tuple({os.getpid(), os.getppid(), group})
            setting["stranger"] = os.geteuid() == 0 and _stranger_can_read(setting)
        self.tiny = next((path for path in _TINY if os.access(path, os.X_OK)), "")

    def serve(self) -> None:
        """Answer requests until the channel closes."""
        _send(self.channel, b"R")
        while True:
            operation, number, descriptors = _receive(self.channel)
            if operation == b"J":
                _send(self.channel, b"J", self.start(*descriptors))
                for descriptor in descriptors:
                    os.close(descriptor)
            elif operation == b"E":
                _send(self.channel, b"E", self.end(number))

    def start(self, job: int, out: int) -> int:
        """Fork a child for a job."""
        processes: list[int] = []
        if self.jailed:
            from paths_abroad.grading import kernel_calls as kernel

            kernel.unshare(kernel.NEWPID)
            try:
                if self.tiny:
                    # The first process of a pid namespace takes no signal from inside, and all
                    # others end with it. It does nothing, and costs no fork of this large process.
                    first = os.posix_spawn(self.tiny, ["sleep", "100000"], {}, setpgroup=0)
                    processes.append(first)
                child = os.fork()
            finally:
                if os.getpid() == 1:
                    kernel.setns(self.own, kernel.NEWPID)
        else:
            child = os.fork()
        if child == 0:
            self.become(job, out)
        processes.append(child)
        self.running[child] = processes
        return child

    def become(self, job: int, out: int) -> None:
        """Turn a fresh child into the runner of a job; never returns."""
        try:
            self.channel.close()
            os.setsid()
            high = [fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 10) for fd in (job, out)]
            for place, descriptor in enumerate((self.nowhere,) * 3):
                os.dup2(descriptor, place)
            for place, descriptor in enumerate(high, start=3):
                os.dup2(descriptor, place, inheritable=False)
            os.closerange(5, 4096)
            from paths_abroad.grading import jail

            if self.jailed:
                jail.confine(self.setting["limits"])
            else:
                _limit_only(self.setting, os.getpid())
            from paths_abroad.grading import runner

            runner.main(self.reader, 3, 4, alone=self.jailed)
        except BaseException as problem:
            told = json.dumps({"broken": f"{type(problem).__name__}: {problem}"}).encode()
            os.write(4, struct.pack(">I", len(told)) + told)
        finally:
            os._exit(1)

    def end(self, child: int) -> int:
        """Kill a job with all that it started, and wait until it is gone."""
        processes = self.running.pop(child, [])
        peak = 0
        if not self.jailed:
            _kill_group(child)
        for process in processes:
            _kill(process)
        # The first process of a pid namespace ends after all others have been reaped.
        for process in reversed(processes):
            try:
                peak = max(peak, os.wait4(process, 0)[2].ru_maxrss)
            except ChildProcessError:
                continue
        if not self.jailed:
            _kill_orphans(set(self.running))
        return peak


def _kill(process: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(process, signal.SIGKILL)


def _kill_group(leader: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)


def _kill_orphans(wanted: set[int]) -> None:
    """Where there is no pid namespace: end what a job has left behind, which is now our child."""
    from paths_abroad.grading.processes import children

    for _ in range(100):
        others = [process for process in children(os.getpid()) if process not in wanted]
        if not others:
            return
        for process in others:
            _kill(process)
        for process in others:
            try:
                os.waitpid(process, 0)
            except ChildProcessError:
                continue


def _become_stranger() -> None:
    from paths_abroad.grading.jail import STRANGER

    os.setgroups([])
    os.setresgid(STRANGER, STRANGER, STRANGER)
    os.setresuid(STRANGER, STRANGER, STRANGER)


def _stranger_can_read(setting: dict[str, Any]) -> bool:
    """Whether a user that owns nothing can read Python and the library: not below /root."""
    import sysconfig

    child = os.fork()
    if child == 0:
        try:
            _become_stranger()
            for folder in (sysconfig.get_paths()["stdlib"], setting["library"]):
                next(Path(folder).iterdir())
            os._exit(0)
        finally:
            os._exit(1)
    return os.waitpid(child, 0)[1] == 0


def _limit_only(setting: dict[str, Any], process: int) -> None:
    """What can be done for a child where there are no namespaces."""
    from paths_abroad.grading import jail
    from paths_abroad.grading import kernel_calls as kernel

    folder = Path(setting["scratch"], str(process))
    folder.mkdir(0o700)
    if setting["stranger"]:
        os.chown(folder, jail.STRANGER, jail.STRANGER)
        _become_stranger()
    os.chdir(folder)
    os.environ.update(HOME=str(folder), TMPDIR=str(folder))
    limits = dict(setting["limits"])
    limits["processes"] = 4096  # they are counted together with all others of this user
    jail.limit(limits)
    if kernel.LINUX:
        kernel.die_with_parent()
        kernel.no_new_privileges()
        with suppress(OSError):
            kernel.refuse_calls(network=False, spared=setting["spared"])


def main() -> None:
    """Enter the jail, warm up, serve."""
    channel = socket.socket(fileno=int(sys.argv[1]))
    setting = json.loads(sys.argv[2])
    channel.set_inheritable(False)
    sys.path[:] = [setting["library"], *setting["path"]]
    os.umask(0o077)
    from paths_abroad.grading import jail
    from paths_abroad.grading import kernel_calls as kernel

    if setting["jailed"]:

        def mapping() -> None:
            _send(channel, b"M")
            _receive(channel)

        jail.enter(setting["shown"], mapping)
        # The first process of the new pid namespace takes over, and takes all others with it.
        child = os.fork()
        if child:
            channel.close()
            os.waitpid(child, 0)
            os._exit(0)
        kernel.die_with_parent()
    elif kernel.LINUX:
        kernel.adopt_orphans()
    Server(channel, setting).serve()


if __name__ == "__main__":
    main()

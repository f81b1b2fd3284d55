"""Kernels that start at once: forked from a process that has imported pandas and Altair already.

Building the book starts one kernel per chapter, and most of a kernel's start is importing the same
libraries again. Here one *warm process* (:mod:`paths_abroad.book.warm_process`) imports them once,
and every kernel is a fork of it. A fork shares nothing that can be changed: each kernel has its own
copy of everything, as if it had been started from scratch.

Use it with any Jupyter tool by setting ``JUPYTER_DEFAULT_PROVISIONER_NAME=paths-abroad-fork``.

Where a fork is not safe or not the same thing, the stock launcher is used instead, silently: on
other systems than Linux (Windows has no fork; macOS frameworks break after one), for a kernel of
another interpreter or another language, for an unusual way of starting one, and when the warm
process cannot be started.
"""

from __future__ import annotations

import atexit
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning import LocalProvisioner

WARM_UP_SECONDS = 120
REPLY_SECONDS = 30
FORKS = sys.platform.startswith("linux")
"""Whether kernels are forked on this system at all."""


class WarmProcess:
    """A warm process and the channel to it. It warms up while its maker does something else."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair()
        self.python_env = python_env(os.environ)
        self.lock = threading.Lock()
        self.channel = ours
        self.replies = ours.makefile("r", encoding="utf-8")
        self.ready = False
        script = Path(__file__).with_name("warm_process.py")
        # One thread, because only the thread that calls fork lives on in the child.
        env = os.environ | {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
        with theirs:
            self.process = subprocess.Popen(
                [sys.executable, str(script), str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                env=env,
                start_new_session=True,  # Ctrl-C in the terminal is the builder's to handle
            )

    def wait_until_ready(self) -> None:
        """Wait for the imports to be done.

        Raises
        ------
        OSError
            The warm process has failed, or takes too long.
        """
        with self.lock:
            if not self.ready:
                self.channel.settimeout(WARM_UP_SECONDS)
                self._reply()
                self.channel.settimeout(REPLY_SECONDS)
                self.ready = True

    def ask(self, **request: Any) -> dict[str, Any]:
        """Send a request and wait for its reply.

        Raises
        ------
        OSError
            The warm process is gone or does not answer.
        """
        self.wait_until_ready()
        with self.lock:
            self.channel.sendall(json.dumps(request).encode() + b"\n")
            return self._reply()

    def _reply(self) -> dict[str, Any]:
        line = self.replies.readline()
        if not line:
            raise ConnectionError("the warm process has ended")
        return json.loads(line)

    def close(self) -> None:
        """End the warm process, which ends its kernels."""
        self.replies.close()
        self.channel.close()
        try:
            self.process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class ForkedKernel:
    """A forked kernel, with the part of :class:`subprocess.Popen` that Jupyter uses.

    The kernel is a child of the warm process, which alone can learn how it ended. Until it is asked
    the dead kernel keeps its process id, so that a signal never reaches a stranger.
    """

    stdin = stdout = stderr = None

    def __init__(self, warm: WarmProcess, pid: int) -> None:
        self.warm = warm
        self.pid = pid
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """Return the exit code, or None while the kernel runs."""
        if self.returncode is None:
            try:
                self.returncode = self.warm.ask(do="poll", pid=self.pid)["returncode"]
            except (OSError, ValueError):
                # The warm process is gone, and its kernels follow it; make sure of this one.
                with suppress(OSError):
                    os.killpg(self.pid, signal.SIGKILL)
                self.returncode = -signal.SIGKILL
        return self.returncode

    def wait(self) -> int:
        """Wait for the end and return the exit code."""
        while self.poll() is None:
            time.sleep(0.02)
        assert self.returncode is not None
        return self.returncode

    def send_signal(self, signum: int) -> None:
        """Send a signal to the kernel, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, signum)

    def terminate(self) -> None:
        """Ask the kernel to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End the kernel."""
        self.send_signal(signal.SIGKILL)


class ForkProvisioner(LocalProvisioner):
    """Starts our own Python kernels by fork and every other kernel in the stock way."""

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Start a kernel.

        Parameters
        ----------
        cmd : list of str
            The command line of the kernelspec, filled in.
        **kwargs
            What jupyter_client hands to :class:`subprocess.Popen`, above all `env` and `cwd`.

        Returns
        -------
        dict
            Ports and key of the kernel, as jupyter_client expects them.
        """
        kernel = start_forked(cmd, self._scrub_kwargs(kwargs))
        if kernel is None:
            return await super().launch_kernel(cmd, **kwargs)
        self.process = kernel
        self.pid = self.pgid = kernel.pid
        self.cwd = kwargs.get("cwd") or Path.cwd()
        return self.connection_info


def start_forked(cmd: list[str], popen: dict[str, Any]) -> ForkedKernel | None:
    """Fork a kernel, or return None where the stock launcher has to do it.

    Parameters
    ----------
    cmd : list of str
        The kernel's command line.
    popen : dict
        Keyword arguments meant for :class:`subprocess.Popen`.
    """
    env = popen.get("env") or dict(os.environ)
    if not can_fork(cmd, env, popen):
        return None
    warm = warm_process()
    if warm is None or warm.python_env != python_env(env):
        return None
    try:
        reply = warm.ask(
            do="fork",
            argv=cmd[2:] + quiet(cmd),
            # What the stock launcher sets, for whoever looks at it inside the kernel.
            env={**env, "JPY_PARENT_PID": str(os.getpid())},
            cwd=str(popen.get("cwd") or Path.cwd()),
        )
    except OSError:
        give_up(warm)
        return None
    return ForkedKernel(warm, reply["pid"])


def can_fork(cmd: list[str], env: dict[str, str], popen: dict[str, Any]) -> bool:
    """Say whether a fork would be the same kernel that the stock launcher would start."""
    usual = {"env", "cwd"}
    return (
        FORKS
        and len(cmd) > 2
        and cmd[1:3] == ["-m", "ipykernel_launcher"]
        and same_interpreter(cmd[0], sys.executable)
        and all(value is None for name, value in popen.items() if name not in usual)
    )


def quiet(cmd: list[str]) -> list[str]:
    """Ask the kernel, unless somebody has, not to say that local sockets are not encrypted."""
    stated = any(part.startswith(("--log-level", "--IPKernelApp.log_level")) for part in cmd)
    return [] if stated else ["--log-level=40"]


def same_interpreter(one: str, other: str) -> bool:
    """Tell whether two paths start the same Python of the same virtual environment.

    The folder is compared as written, since every virtual environment links to one system Python.
    """
    one_path, other_path = Path(one).absolute(), Path(other).absolute()
    return one_path.parent == other_path.parent and one_path.resolve() == other_path.resolve()


def python_env(env: Any) -> dict[str, str]:
    """Return the variables that Python reads when it starts, which is too late for a fork."""
    return {name: value for name, value in env.items() if name.startswith("PYTHON")}


_warm: WarmProcess | None = None
_warm_owner: int | None = None
_warm_failed = False


def warm_process() -> WarmProcess | None:
    """Return the one warm process of this builder, started at the first call.

    Returns at once: the process may still be warming up, and is waited for when it is asked. A
    builder may therefore call this early.

    Returns
    -------
    WarmProcess or None
        None if it cannot be had here; the book then builds with stock kernels.
    """
    if not FORKS:
        return None
    global _warm, _warm_owner, _warm_failed
    if _warm_owner != os.getpid():
        # First call, or we are ourselves a fork of the builder: its warm process is not ours.
        _warm, _warm_owner, _warm_failed = None, os.getpid(), False
    if _warm is not None and _warm.process.poll() is not None:
        close_warm_process()
    if _warm is None and not _warm_failed:
        try:
            _warm = WarmProcess()
        except OSError:
            _warm_failed = True
    return _warm


def give_up(warm: WarmProcess) -> None:
    """End a warm process that does not answer; if it never did, do not try another."""
    global _warm_failed
    _warm_failed = not warm.ready
    close_warm_process()


def close_warm_process() -> None:
    """End the warm process of this builder and every kernel forked from it."""
    global _warm
    if _warm is not None and _warm_owner == os.getpid():
        _warm.close()
        _warm = None


atexit.register(close_warm_process)

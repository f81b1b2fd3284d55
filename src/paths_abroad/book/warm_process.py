"""The warm process: imports what every chapter imports, then forks a kernel per request.

Run as a script by :mod:`paths_abroad.book.forked_kernels`, with one end of a socket as its only
argument. Requests and replies are lines of JSON:

``{"do": "fork", "argv": [...], "env": {...}, "cwd": "..."}`` -> ``{"pid": 123}``
    Start a kernel.
``{"do": "poll", "pid": 123}`` -> ``{"returncode": null}``
    Ask whether it has ended, and how.

When the socket closes, because the builder ended in whatever way, all kernels are killed.

Only third-party libraries are imported before a fork, never ours: importing the charts enables
their theme, which a chapter must do for itself, and our own code and data are always read fresh.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import socket
import sys
import time
from contextlib import suppress
from importlib import import_module
from importlib.util import find_spec

LIBRARIES = (
    # what chapters import
    "pandas",
    "altair",
    "vl_convert",
    # what every kernel imports, at its start or at its first cell
    "ipykernel.kernelapp",
    "IPython.core.completerlib",
    "IPython.core.debugger",
    "IPython.core.oinspect",
    "IPython.extensions.storemagic",
    "psutil",
)


def warm_up() -> dict[str, str]:
    """Import everything slow. Nothing here may start a thread, because we fork afterwards.

    Returns
    -------
    dict
        The environment variables that the libraries have set while they were imported.
    """
    # A kernel ends when its parent is gone. ipykernel reads the parent from here, on import.
    os.environ["JPY_PARENT_PID"] = str(os.getpid())
    # pydevd, which every kernel loads for its debugger, otherwise warns on stderr.
    os.environ["PYDEVD_DISABLE_FILE_VALIDATION"] = "1"
    before = dict(os.environ)

    for name in LIBRARIES:
        import_module(name)
    with suppress(ImportError):  # optional in ipykernel
        import_module("ipykernel.debugger")

    # Objects made so far are shared with the kernels for good: keep the collector off them, or it
    # would write to their pages and copy them.
    gc.collect()
    gc.freeze()
    return {name: value for name, value in os.environ.items() if name not in before}


def serve(channel: socket.socket, set_by_imports: dict[str, str]) -> list[str] | None:
    """Answer requests until the builder closes the channel.

    Returns
    -------
    list of str or None
        In a forked child, the kernel's command line; in the warm process itself, at the end, None.
    """
    running: set[int] = set()
    requests = channel.makefile("r", encoding="utf-8")
    for line in requests:
        request = json.loads(line)
        if request["do"] == "fork":
            pid = os.fork()
            if pid == 0:
                requests.close()
                channel.close()
                become_kernel(set_by_imports | request["env"], request["cwd"])
                return request["argv"]
            # Parent and child both do this, so that whoever comes first, the group exists before
            # anybody signals it.
            with suppress(OSError):
                os.setpgid(pid, pid)
            running.add(pid)
            reply = {"pid": pid}
        else:
            reply = {"returncode": ended(request["pid"])}
            if reply["returncode"] is not None:
                running.discard(request["pid"])
        channel.sendall(json.dumps(reply).encode() + b"\n")

    for pid in running:
        with suppress(OSError):
            os.killpg(pid, signal.SIGKILL)
    for pid in running:
        with suppress(OSError):
            os.waitpid(pid, 0)
    return None


def ended(pid: int) -> int | None:
    """Return the exit code of a kernel (negative: the signal that ended it), None if it runs."""
    done, status = os.waitpid(pid, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if done else None


def become_kernel(env: dict[str, str], cwd: str) -> None:
    """Turn a fresh child into what the stock launcher would have started."""
    os.setpgid(0, 0)
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(env)
    time.tzset()
    # Python's own generator is reseeded after a fork, NumPy's is not: without this every kernel
    # would draw the same numbers.
    import_module("numpy").random.seed()


def main() -> None:
    """Warm up, say so, serve; in a child, run the kernel and end as any kernel ends."""
    sys.path.pop(0)  # this file's folder, which a stock kernel does not have
    channel = socket.socket(fileno=int(sys.argv[1]))
    channel.set_inheritable(False)
    set_by_imports = warm_up()
    channel.sendall(b'{"ready": true}\n')
    argv = serve(channel, set_by_imports)
    if argv is not None:
        sys.argv = [find_spec(argv[0]).origin, *argv[1:]]
        from ipykernel.kernelapp import launch_new_instance

        launch_new_instance()


if __name__ == "__main__":
    main()

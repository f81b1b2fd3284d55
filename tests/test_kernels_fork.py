"""Forked kernels do what stock kernels do, and leave nothing behind."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
import pytest
from jupyter_client.manager import AsyncKernelManager, KernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError

from paths_abroad.book import forked_kernels
from paths_abroad.book.forked_kernels import ForkedKernel, ForkProvisioner, can_fork

linux = sys.platform.startswith("linux")
only_linux = pytest.mark.skipif(not linux, reason="kernels are forked on Linux only")

STOCK_COMMAND = [sys.executable, "-m", "ipykernel_launcher", "-f", "kernel.json"]


class ForkingManager(AsyncKernelManager):
    """A kernel manager that uses our provisioner whatever the environment says."""

    async def _async_pre_start_kernel(self, **kw):
        if self.provisioner is None:
            self.provisioner = ForkProvisioner(
                kernel_id="test", kernel_spec=self.kernel_spec, parent=self
            )
        return await super()._async_pre_start_kernel(**kw)


def notebook(*cells: str):
    nb = nbformat.v4.new_notebook()
    nb.cells = [nbformat.v4.new_code_cell(textwrap.dedent(cell).strip()) for cell in cells]
    return nb


def client(nb, folder: Path, manager: type[KernelManager] = ForkingManager, **options):
    return NotebookClient(
        nb,
        kernel_manager_class=manager,
        kernel_name="python3",
        timeout=60,
        coalesce_streams=True,  # how a stream is cut into messages is a matter of timing
        resources={"metadata": {"path": str(folder)}},
        **options,
    )


def run(nb, folder: Path, manager: type[KernelManager] = ForkingManager):
    client(nb, folder, manager).execute()
    return [
        [{k: v for k, v in output.items() if k != "metadata"} for output in cell.outputs]
        for cell in nb.cells
    ]


def text(outputs) -> str:
    return outputs[0]["text"].strip()


def is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def wait_until_gone(pid: int, seconds: float = 10) -> bool:
    deadline = time.monotonic() + seconds
    while is_running(pid):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


CELLS = (
    "print('plain'); 6 * 7",
    "import pandas as pd\npd.DataFrame({'company': ['Xiaomi'], 'share': [0.3]})",
    """
    import altair as alt
    alt.Chart(pd.DataFrame({'x': [1, 2]})).mark_point().encode(x='x').to_dict()
    """,
    "import os, sys\nprint(os.getcwd(), sys.path, sorted(k for k in os.environ if k[:3] != 'JPY'))",
    "import sys\nprint(sys.argv[0], sys.flags, __name__, sys.executable)",
    "import paths_abroad.ledger, sys\nprint('paths_abroad.charts' in sys.modules)",
    "!echo from the shell",
    "%timeit -n1 -r1 -o -q pass\nprint(In[1])",
)


@only_linux
def test_same_outputs_as_a_stock_kernel(tmp_path):
    forked = run(notebook(*CELLS), tmp_path)
    stock = run(notebook(*CELLS), tmp_path, AsyncKernelManager)
    # Altair's theme, our modules, the working directory, the path, the flags: all as usual.
    assert forked == stock
    assert str(tmp_path) in text(forked[3])


@only_linux
def test_the_kernel_really_is_a_fork(tmp_path):
    (outputs,) = run(notebook("import os; print(os.getppid())"), tmp_path)
    assert int(text(outputs)) == forked_kernels.warm_process().process.pid


@only_linux
def test_arguments_of_the_caller_reach_the_kernel(tmp_path):
    nb = notebook("import sys; print([part for part in sys.argv if 'log-level' in part])")
    client(nb, tmp_path, extra_arguments=["--log-level=50"]).execute()
    assert text(nb.cells[0].outputs) == "['--log-level=50']"


@only_linux
def test_two_notebooks_do_not_see_each_other(tmp_path):
    run(
        notebook(
            "import pandas as pd, altair as alt, os\n"
            "pd.marker = secret = 1\n"
            "alt.data_transformers.disable_max_rows()\n"
            "os.environ['MARKER'] = '1'"
        ),
        tmp_path,
    )
    (outputs,) = run(
        notebook(
            "import pandas as pd, altair as alt, os\n"
            "print(hasattr(pd, 'marker'), 'secret' in dir(), 'MARKER' in os.environ,"
            " alt.data_transformers.options)"
        ),
        tmp_path,
    )
    assert text(outputs) == "False False False {}"


@only_linux
def test_kernels_do_not_share_random_numbers(tmp_path):
    cell = "import random, numpy, uuid\nprint(random.random(), numpy.random.rand(), uuid.uuid4())"
    (first,), (second,) = (run(notebook(cell), tmp_path) for _ in range(2))
    assert not set(text(first).split()) & set(text(second).split())


@only_linux
def test_our_own_modules_are_imported_by_the_kernel_itself(tmp_path):
    cell = "import sys\nprint([m for m in sys.modules if m.startswith('paths_abroad')])"
    (outputs,) = run(notebook(cell), tmp_path)
    assert text(outputs) == "[]"


@only_linux
def test_a_failing_cell_and_a_crashing_kernel_are_noticed(tmp_path):
    with pytest.raises(CellExecutionError, match="ZeroDivisionError"):
        run(notebook("1 / 0"), tmp_path)
    with pytest.raises(DeadKernelError):
        run(notebook("import os; os._exit(7)"), tmp_path)
    with pytest.raises(DeadKernelError):
        run(notebook("import os, signal; os.kill(os.getpid(), signal.SIGKILL)"), tmp_path)
    (outputs,) = run(notebook("print('the next one starts all the same')"), tmp_path)
    assert text(outputs).startswith("the next one")


@only_linux
def test_a_cell_over_time_is_interrupted_and_the_kernel_goes_on(tmp_path):
    nb = notebook("import time\ntime.sleep(60)", "print('after')")
    nb_client = client(nb, tmp_path, interrupt_on_timeout=True, allow_errors=True)
    nb_client.timeout = 2
    nb_client.execute()
    assert nb.cells[0].outputs[0]["ename"] == "KeyboardInterrupt"
    assert text(nb.cells[1].outputs) == "after"


def told(story):
    """Run a coroutine in a thread of its own: browser tests leave a loop running in this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, story).result()


@only_linux
def test_a_kernel_restarts_and_dies_on_request(tmp_path):
    async def story():
        manager = ForkingManager(kernel_name="python3")
        await manager.start_kernel(cwd=str(tmp_path))
        first = manager.provisioner.process
        assert isinstance(first, ForkedKernel)
        assert await manager.is_alive()
        await manager.restart_kernel(now=True)
        second = manager.provisioner.process
        assert isinstance(second, ForkedKernel)
        assert second.pid != first.pid
        assert first.returncode == -signal.SIGKILL
        await manager.shutdown_kernel(now=True)
        assert not await manager.is_alive()
        return first.pid, second.pid

    for pid in told(story()):
        assert not is_running(pid)


LEAVE_KERNELS_BEHIND = """
import os
from paths_abroad.book import forked_kernels
warm = forked_kernels.warm_process()
pids = [warm.ask(do="fork", argv=["x"], env=dict(os.environ), cwd="/")["pid"] for _ in range(2)]
print(warm.process.pid, *pids, flush=True)
{ending}
"""


@only_linux
@pytest.mark.parametrize(
    "ending",
    ["pass", "raise SystemExit(3)", "os._exit(1)", "os.kill(os.getpid(), 9)"],
    ids=["normally", "with an error", "without goodbye", "killed"],
)
def test_nothing_survives_the_builder(ending):
    builder = subprocess.run(
        [sys.executable, "-c", LEAVE_KERNELS_BEHIND.format(ending=ending)],
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    pids = [int(pid) for pid in builder.stdout.split()[:3]]
    assert len(pids) == 3
    assert all(wait_until_gone(pid) for pid in pids)


@only_linux
def test_kernels_end_when_the_warm_process_is_killed(tmp_path):
    async def story():
        manager = ForkingManager(kernel_name="python3")
        await manager.start_kernel(cwd=str(tmp_path))
        warm = forked_kernels.warm_process().process
        assert manager.provisioner.pid != warm.pid
        warm.kill()
        warm.wait()
        assert not await manager.is_alive()
        pid = manager.provisioner.pid
        await manager.shutdown_kernel(now=True)
        return pid

    assert wait_until_gone(told(story()))
    (outputs,) = run(notebook("print('a new warm process')"), tmp_path)
    assert text(outputs) == "a new warm process"


@pytest.mark.parametrize(
    ("cmd", "options"),
    [
        (["/usr/bin/other-python", *STOCK_COMMAND[1:]], {}),
        (["R", "--slave", "-e", "IRkernel::main()"], {}),
        ([sys.executable, "-m", "bash_kernel", "-f", "kernel.json"], {}),
        (STOCK_COMMAND, {"stderr": subprocess.PIPE}),
        (STOCK_COMMAND, {"independent": True}),
    ],
    ids=["other interpreter", "other language", "other kernel", "own stderr", "independent"],
)
def test_other_kernels_are_left_to_the_stock_launcher(cmd, options):
    assert not can_fork(cmd, dict(os.environ), options)


def test_our_own_kernel_is_forked_on_linux_only(monkeypatch):
    assert can_fork(STOCK_COMMAND, dict(os.environ), {"cwd": "/", "env": {}}) == linux
    monkeypatch.setattr(forked_kernels, "FORKS", False)
    assert not can_fork(STOCK_COMMAND, dict(os.environ), {})
    assert forked_kernels.warm_process() is None


@pytest.fixture
def no_warm_process_yet():
    """Forget the warm process of the other tests, and whatever this test finds out about it."""
    forked_kernels.close_warm_process()
    forked_kernels._warm_owner = None
    yield
    forked_kernels.close_warm_process()
    forked_kernels._warm_owner = None


@only_linux
@pytest.mark.parametrize("trouble", ["start", "warm-up", "python variables"])
def test_a_notebook_runs_all_the_same_without_a_fork(
    tmp_path, monkeypatch, no_warm_process_yet, trouble
):
    started = []
    if trouble == "start":

        def refuse(*args, **kwargs):
            started.append(args)
            raise OSError("no process today")

        monkeypatch.setattr(forked_kernels.WarmProcess, "__init__", refuse)
    elif trouble == "warm-up":
        real = subprocess.Popen

        def fail(command, **kwargs):
            started.append(command)
            return real([sys.executable, "-c", "raise SystemExit(1)"], **kwargs)

        monkeypatch.setattr(forked_kernels.subprocess, "Popen", fail)
    else:
        forked_kernels.warm_process()
        monkeypatch.setenv("PYTHONHASHSEED", "1")
    for _ in range(2):
        (outputs,) = run(notebook("import os; print(os.getppid())"), tmp_path)
        assert int(text(outputs)) == os.getpid()
    # What has failed once is not tried again for every chapter.
    assert len(started) == (0 if trouble == "python variables" else 1)


def test_jupyter_finds_the_provisioner_by_its_name(monkeypatch):
    from jupyter_client.provisioning import KernelProvisionerFactory

    assert (
        KernelProvisionerFactory().get_provisioner_entries()["paths-abroad-fork"]
        == "paths_abroad.book.forked_kernels:ForkProvisioner"
    )

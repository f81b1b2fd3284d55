"""The hostile set: what a submission does, and exactly which questions that costs.

Each case begins from a notebook in which everything is right, and changes it. What is not listed
as lost must earn its full points. ``CANARY`` stands for a text that only the instructor's side
knows; a case that could read it would put it into its fifth answer.
"""

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass

from hostile.class_room import Paper

ALL = tuple(range(1, 12))
THREAD = "import threading, time\nthreading.Thread(target=time.sleep, args=(99,)).start()\n"


@dataclass(frozen=True)
class Case:
    """One submission."""

    name: str
    edit: Callable[[Paper], None]
    lost: tuple[int, ...] = ()
    says: str = ""


CASES: list[Case] = []


def case(*lost: int, says: str = "") -> Callable:
    """Register a case that loses these questions."""

    def register(edit: Callable[[Paper], None]) -> Callable:
        CASES.append(Case(edit.__name__.replace("_", "-"), edit, lost, says))
        return edit

    return register


# --- stalling -----------------------------------------------------------------------------------


@case(says="left out")
def hangs(paper):
    paper.after(2, "while True: pass")


@case(says="left out")
def hangs_and_ignores_interrupts(paper):
    paper.first(
        "import signal\n"
        "for n in range(1, 65):\n"
        "    try: signal.signal(n, signal.SIG_IGN)\n"
        "    except (OSError, ValueError): pass\n"
        "while True:\n"
        "    try:\n"
        "        while True: pass\n"
        "    except BaseException: pass"
    )


@case(4)
def hangs_inside_an_answer(paper):
    paper.answer(4, "import time\ntime.sleep(10**6)\nq4 = []")


@case(3)
def function_that_never_returns(paper):
    paper.answer(3, "def bounds(shares):\n    while True: pass")


@case()
def deadlocks(paper):
    paper.last("import threading\nlock = threading.Lock()\nlock.acquire(); lock.acquire()")


@case()
def catastrophic_expression(paper):
    paper.after(1, "import re\nre.match(r'(a+)+$', 'a' * 60 + 'b')")


@case()
def stops_itself(paper):
    paper.after(5, "import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)")


# --- ending -------------------------------------------------------------------------------------


@case()
def exits(paper):
    paper.after(1, "exit()")
    paper.after(3, "import sys; sys.exit('enough')")
    paper.after(5, "raise SystemExit")
    paper.after(6, "raise KeyboardInterrupt")


@case()
def ends_the_process_at_once(paper):
    paper.after(3, "import os\nos._exit(0)")


@case()
def aborts(paper):
    paper.first("import os\nos.abort()")


@case()
def kills_itself(paper):
    paper.after(7, "import os\nos.kill(os.getpid(), 9)")


@case()
def kills_its_parent_and_everybody(paper):
    paper.after(2, "import os\nos.kill(os.getppid(), 9)")
    paper.after(4, "import os\nos.kill(-1, 9)")
    paper.after(6, "import os\nos.kill(1, 9)")
    paper.after(8, "import os\nos.killpg(0, 9)")


@case()
def reads_a_wild_pointer(paper):
    paper.after(2, "import ctypes\nctypes.string_at(0)")


@case()
def ends_many_times(paper):
    for number in (1, 2, 3, 4, 5, 6):
        paper.after(number, "import os; os._exit(1)")


@case(9)
def ends_when_it_is_read(paper):
    paper.answer(9, "import os\nclass T(tuple):\n    pass\nq9 = T(('a', 'b'))")
    paper.cells[paper.find("xiaomi-9-answer")]["source"] = (
        "import pandas as pd\n"
        "class D(pd.DataFrame):\n"
        "    @property\n"
        "    def shape(self):\n"
        "        import os; os._exit(0)\n"
        "q9 = D({'a': [1]})"
    )


@case()
def ends_later_from_a_thread(paper):
    paper.after(1, "import os, threading, time\nthreading.Timer(0.02, lambda: os._exit(1)).start()")


@case(3)
def leaves_an_idle_thread_and_ends_elsewhere(paper):
    paper.answer(1, THREAD + paper.cells[paper.find("xiaomi-1-answer")]["source"])
    paper.answer(3, "def bounds(shares):\n    import os; os._exit(0)")
    paper.after(4, "import os; os._exit(0)")


@case()
def leaves_an_alarm(paper):
    paper.first("import signal\nsignal.setitimer(signal.ITIMER_REAL, 0.05)")


@case(3)
def function_that_ends_the_process(paper):
    paper.answer(3, "def bounds(shares):\n    import os; os._exit(0)")


# --- using too much -----------------------------------------------------------------------------


@case()
def recurses(paper):
    paper.after(1, "def f(): return f()\nf()")


@case()
def recurses_without_limit(paper):
    paper.after(1, "import sys\nsys.setrecursionlimit(10**9)\ndef f(): return f() + 1\nf()")


@case()
def allocates_forty_gigabytes(paper):
    paper.after(2, "big = bytearray(40 << 30)")


@case()
def allocates_shared_memory(paper):
    paper.after(
        2,
        "import mmap\nheld = []\n"
        "for _ in range(40):\n"
        "    m = mmap.mmap(-1, 1 << 30)\n"
        "    for i in range(0, 1 << 30, 4096): m[i] = 1\n"
        "    held.append(m)",
    )


@case()
def fills_the_disk(paper):
    paper.after(
        3,
        "import os\nn = 0\n"
        "try:\n"
        "    while True:\n"
        "        open(f'f{n}', 'wb').write(b'x' * (1 << 24)); n += 1\n"
        "finally:\n"
        "    for k in range(n): os.unlink(f'f{k}')",
    )


@case()
def makes_a_million_files(paper):
    paper.after(3, "for n in range(10**6): open(f'g{n}', 'w').close()")


@case()
def prints_hundreds_of_megabytes(paper):
    paper.after(1, "for _ in range(300): print('x' * (1 << 20))")


@case(5)
def huge_answer(paper):
    paper.answer(5, "q5 = 'x' * (200 << 20)")


@case(4)
def deeply_nested_answer(paper):
    paper.answer(4, "q4 = []\nfor _ in range(10**5): q4 = [q4]")


@case(4)
def answer_that_holds_itself(paper):
    paper.answer(4, "q4 = []\nq4.append(q4)")


@case(1)
def number_of_a_million_digits(paper):
    paper.answer(1, "q1 = 10 ** (10**6)")


@case(7)
def table_of_millions(paper):
    paper.answer(7, "q7 = pd.DataFrame({'company': range(3_000_000), 'share': 1., 'rank': 1})")


@case()
def fork_bomb(paper):
    paper.after(2, "import os\nwhile True: os.fork()")


@case()
def thread_bomb(paper):
    paper.after(
        2,
        "import threading, time\n"
        "while True: threading.Thread(target=time.sleep, args=(1000,), daemon=True).start()",
    )


@case()
def forks_and_goes_on_twice(paper):
    paper.after(2, "import os\nos.fork()")


@case()
def opens_every_descriptor(paper):
    paper.after(2, "held = []\nwhile True: held.append(open('/dev/null'))")


# --- reaching out -------------------------------------------------------------------------------


@case()
def holds_on_to_memory(paper):
    paper.after(2, "held = []\nwhile True: held.append(bytearray(1 << 22))")


@case()
def holds_on_to_the_disk(paper):
    paper.after(2, "f = open('full', 'wb')\nwhile True: f.write(b'x' * (1 << 22)); f.flush()")


@case()
def opens_sockets(paper):
    paper.after(
        2,
        "import socket, os\n"
        "for address in (('127.0.0.1', int(PORT)), ('1.1.1.1', 53)):\n"
        "    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):\n"
        "        try:\n"
        "            s = socket.socket(socket.AF_INET, kind); s.settimeout(1)\n"
        "            s.connect(address); s.send(b'CAUGHT')\n"
        "        except OSError: pass",
    )


@case(5)
def reaches_the_machine_below(paper):
    paper.answer(
        5,
        "import socket\nq5 = 'nothing'\n"
        "for family in (40, 38, 16, 17, 29):\n"
        "    try: socket.socket(family, socket.SOCK_RAW if family == 17 else socket.SOCK_STREAM)\n"
        "    except OSError: continue\n"
        "    q5 = f'CANARY family {family}'",
    )


@case(5)
def reads_the_environment(paper):
    paper.answer(
        5,
        "import os, glob\nq5 = str(dict(os.environ))\n"
        "for name in glob.glob('/proc/*/environ') + ['/proc/1/environ', '/proc/self/environ']:\n"
        "    try: q5 += open(name, 'rb').read().decode('utf-8', 'replace')\n"
        "    except OSError: pass\n"
        "q5 = q5[:15000]",
    )


@case(5)
def searches_the_disk(paper):
    paper.answer(
        5,
        "import os\nfound = []\n"
        "for folder, names, files in os.walk('/'):\n"
        "    names[:] = [n for n in names if n not in ('usr', 'site-packages', 'lib', 'share')]\n"
        "    for name in files:\n"
        "        path = os.path.join(folder, name)\n"
        "        if os.path.isfile(path) and os.path.getsize(path) < 3_000_000:\n"
        "            try:\n"
        "                if WANTED in open(path, 'rb').read(): found.append(path)\n"
        "            except OSError: pass\n"
        "q5 = 'CANARY ' + repr(found) if found else 'nothing'",
    )


@case(5)
def reads_known_places(paper):
    paper.answer(
        5,
        "import os\nq5 = ''\n"
        "for path in PLACES:\n"
        "    for way in (path, '/proc/1/root' + path, '/space/../' + path, '..' + path):\n"
        "        try: q5 += f'CANARY {way}' + repr(os.listdir(way) if os.path.isdir(way)\n"
        "                                          else open(way, 'rb').read(200))\n"
        "        except OSError: pass\n"
        "q5 = q5 or 'nothing'",
    )


@case(5)
def looks_through_memory(paper):
    paper.answer(
        5,
        "import gc, sys\nq5 = 'nothing'\n"
        "frame = sys._getframe()\n"
        "while frame:\n"
        "    for name in ('reference', 'expected', 'secret', 'course'):\n"
        "        if name in frame.f_locals: q5 = 'CANARY ' + name\n"
        "    channel = frame.f_locals.get('channel')\n"
        "    if channel is not None and channel.fileno() >= 0: q5 = 'CANARY channel'\n"
        "    frame = frame.f_back\n"
        "kinds = ('Expected', 'Reference', 'ExerciseSet', 'Course', 'Submission', 'Record')\n"
        "for thing in gc.get_objects():\n"
        "    if type(thing).__name__ in kinds: q5 = 'CANARY ' + type(thing).__name__",
    )


@case(5)
def becomes_root(paper):
    paper.answer(
        5,
        "import ctypes, os\nq5 = 'nothing'\n"
        "libc = ctypes.CDLL(None, use_errno=True)\n"
        "def tried(what, result):\n"
        "    global q5\n"
        "    if result == 0: q5 = 'CANARY ' + what\n"
        "for flags in (0x10000000, 0x20000, 0x40000000): tried('unshare', libc.unshare(flags))\n"
        "tried('mount', libc.mount(b'tmpfs', b'/space', b'tmpfs', 0, None))\n"
        "tried('remount', libc.mount(None, b'/', None, 32 | 4096, None))\n"
        "tried('chroot', libc.chroot(b'/space'))\n"
        "tried('ptrace', libc.ptrace(16, 1, None, None))\n"
        "tried('setuid', libc.setuid(0))\n"
        "tried('sethostname', libc.sethostname(b'x', 1))\n"
        "tried('umount', libc.umount2(b'/usr', 2))\n"
        "for path in ('/etc/passwd', '/usr/evil', '/evil', os.__file__, pd.__file__):\n"
        "    try:\n"
        "        open(path, 'ab').close(); q5 = 'CANARY wrote ' + path\n"
        "    except OSError: pass",
    )


@case(5)
def keeps_memory_that_outlives_it(paper):
    paper.answer(
        5,
        "import ctypes, os\nq5 = 'nothing'\n"
        "libc = ctypes.CDLL(None, use_errno=True)\n"
        "if libc.shmget(4242, 1 << 20, 0o1666) >= 0: q5 = 'CANARY shm'\n"
        "intel = os.uname().machine == 'x86_64'\n"
        "if intel and libc.syscall(319, b'x', 0) >= 0: q5 = 'CANARY memfd'\n"
        "if intel and libc.syscall(248, b'user', b'k', b'v', 1, -3) > 0: q5 = 'CANARY key'",
    )


# --- staying behind -----------------------------------------------------------------------------


@case()
def writes_start_up_files(paper):
    paper.after(
        2,
        "import os, site, sys\n"
        "for folder in [*sys.path, site.getusersitepackages(), os.path.expanduser('~'),\n"
        "               '/tmp', '/var/tmp', '/dev/shm', '/etc', os.getcwd(), PLACES[0]]:\n"
        "    for name in ('sitecustomize.py', 'usercustomize.py', 'evil.pth', '.pythonrc',\n"
        "                 'pandas.py', 'PWNED-BY-STUDENT'):\n"
        "        try:\n"
        "            os.makedirs(folder, exist_ok=True)\n"
        "            open(os.path.join(folder, name), 'w').write('import os; os._exit(7)')\n"
        "        except OSError: pass",
    )


@case()
def leaves_a_daemon(paper):
    paper.last(
        "import os, time\n"
        "if os.fork() == 0:\n"
        "    os.setsid()\n"
        "    if os.fork() == 0:\n"
        "        while True: time.sleep(0.01)\n"
        "    os._exit(0)"
    )


@case()
def leaves_a_daemon_that_spoils_the_pipe(paper):
    paper.after(
        1,
        "import os, time\n"
        "if os.fork() == 0:\n"
        "    os.setsid()\n"
        "    if os.fork() == 0:\n"
        "        while True:\n"
        "            for fd in range(3, 12):\n"
        "                try: os.write(fd, b'rubbish' * 99)\n"
        "                except OSError: pass\n"
        "            time.sleep(0.005)\n"
        "    os._exit(0)",
    )


@case()
def runs_other_programs(paper):
    paper.last(
        "import subprocess\n"
        "subprocess.Popen(['sh', '-c', 'while true; do sleep 1; done'], start_new_session=True)"
    )


# --- patching -----------------------------------------------------------------------------------


@case()
def patches_builtins(paper):
    paper.first(
        "import builtins\n"
        "for name in ('isinstance', 'len', 'repr', 'str', 'list', 'sorted', 'type', 'hasattr'):\n"
        "    setattr(builtins, name, lambda *a, **k: True)"
    )


@case()
def patches_pandas_and_altair(paper):
    paper.first(
        "import pandas as pd, altair as alt\n"
        "pd.DataFrame.__eq__ = lambda *a: True\n"
        "pd.DataFrame.shape = property(lambda s: 1 / 0)\n"
        "pd.DataFrame.iloc = None\n"
        "pd.Series.__len__ = lambda s: 0\n"
        "alt.Chart.to_dict = lambda *a, **k: {'mark': 'bar'}\n"
        "alt.TopLevelMixin.to_dict = None\n"
        "pd.DataFrame = dict"
    )


@case()
def patches_json_and_everything_that_writes(paper):
    paper.after(
        1,
        "import json, os, struct, copy, math, re\n"
        "json.dumps = json.JSONEncoder.encode = lambda *a, **k: '{}'\n"
        "json.JSONEncoder.iterencode = lambda *a, **k: ['{}']\n"
        "json.encoder.c_make_encoder = None\n"
        "os.write = lambda *a: 0\nos.getpid = lambda: 1\nos._exit = lambda *a: None\n"
        "struct.pack = lambda *a: b''\ncopy.deepcopy = None\nmath.isnan = None\nre.sub = None",
    )


@case()
def patches_the_check(paper):
    paper.first(
        "import paths_abroad.exercises as e, paths_abroad.exercises.check as c, sys\n"
        "import paths_abroad.exercises.answers as a\n"
        "a.plain = lambda *x: 1\n"
        "e.check = lambda *x, **k: print('Right.')\n"
        "sys.modules['paths_abroad.exercises'].check = e.check\n"
        "def check(*a, **k): return 'all right'"
    )


@case()
def patches_the_display_hook(paper):
    paper.first(
        "import sys\nsys.displayhook = sys.excepthook = lambda *a: exit()\n"
        "sys.stdout = sys.stderr = None\nsys.settrace(lambda *a: exit())"
    )


@case()
def replaces_modules(paper):
    paper.first(
        "import sys, types\n"
        "for name in ('json', 'pandas', 'altair', 'numpy', 'os', 'paths_abroad.exercises'):\n"
        "    sys.modules[name] = types.ModuleType(name)"
    )


@case()
def empties_what_imports_go_through(paper):
    paper.after(
        2,
        "import sys\n"
        "sys.meta_path.insert(0, 5)\n"
        "sys.path_hooks.clear(); sys.path.clear(); sys.modules.clear()",
    )


@case()
def hooks_that_cannot_be_taken_away(paper):
    paper.after(
        2,
        "import ctypes, sys\n"
        "def hook(event, arguments):\n"
        "    if event in ('exec', 'compile'): raise RuntimeError('no more')\n"
        "sys.addaudithook(hook)\n"
        "types = ctypes.c_char_p, ctypes.py_object, ctypes.c_void_p\n"
        "kind = ctypes.CFUNCTYPE(ctypes.c_int, *types)\n"
        "def no(event, arguments, data): return -1 if event in (b'exec', b'compile') else 0\n"
        "keep = kind(no)\n"
        "ctypes.pythonapi.PySys_AddAuditHook(keep, None)",
    )


@case()
def lowers_every_limit(paper):
    paper.after(
        2,
        "import resource\n"
        "for n in range(16):\n"
        "    try: resource.setrlimit(n, (0, 0))\n"
        "    except (OSError, ValueError): pass",
    )


@case()
def rewrites_the_number_one(paper):
    paper.after(2, "import ctypes\nctypes.memset(id(1) + 24, 2, 1)")


@case()
def takes_the_questions_from_the_runner(paper):
    paper.after(
        2,
        "import sys\n"
        "frame = sys._getframe()\n"
        "while frame:\n"
        "    for thing in list(frame.f_locals.values()):\n"
        "        if type(thing).__name__ == 'Run': thing.job['questions'].clear()\n"
        "    frame = frame.f_back",
    )


@case()
def says_that_all_is_done(paper):
    paper.after(
        2,
        "import json, os, struct\n"
        "data = json.dumps({'done': True}).encode()\n"
        "for fd in range(3, 64):\n"
        "    try: os.write(fd, struct.pack('>I', len(data)) + data)\n"
        "    except OSError: pass",
    )


@case()
def sabotage_in_the_cell_of_an_answer(paper):
    paper.answer(
        2,
        paper.cells[paper.find("xiaomi-2-answer")]["source"]
        + "\nimport ctypes\nctypes.memset(id(1) + 24, 2, 1)",
    )


@case()
def clears_its_names(paper):
    paper.last("globals().clear()")


@case()
def clears_its_names_in_the_middle(paper):
    paper.after(6, "globals().clear()")
    paper.after(8, "__builtins__ = {}\ndel pd, alt, ledger")


@case()
def changes_the_environment(paper):
    paper.first(
        "import os, sys\nos.environ['PATHS_ABROAD_DATA'] = '/nowhere'\nos.environ.pop('HOME', 0)\n"
        "os.makedirs('deep'); os.chdir('deep')\nos.umask(0o777)"
    )


@case()
def spoils_the_tables_in_memory(paper):
    paper.first(
        "from paths_abroad import ledger\nfrom paths_abroad.ledger import tables\n"
        "ledger.facts()['value'] = 0\nledger.value = lambda *a: 0\nledger.series = None\n"
        "tables.table = lambda name: None"
    )


# --- lying answers ------------------------------------------------------------------------------


@case(*ALL)
def equal_to_everything(paper):
    lie = (
        "class Yes(str):\n"
        "    __eq__ = __contains__ = __ge__ = __le__ = lambda *a: True\n"
        "    __hash__ = lambda s: 0\n"
        "    __class__ = float\n"
        "    def __getattr__(self, name): return self\n"
        "    def __call__(self, *a, **k): return self\n"
        "    __float__ = lambda s: 0.5\n"
        "    __iter__ = lambda s: iter([s])\n"
        "    __reduce_ex__ = lambda s, n: (exec, ('import os; os._exit(0)',))\n"
    )
    for number in ALL:
        name = "bounds" if number == 3 else f"q{number}"
        paper.answer(number, f"{lie}{name} = Yes('x')")


@case(1, 2)
def acts_when_it_is_read(paper):
    paper.answer(
        1,
        "class N(float):\n"
        "    def __float__(self): globals()['q5'] = 'gone'; raise SystemExit\n"
        "    __repr__ = __str__ = __format__ = __float__\n"
        "q1 = N(123.0)",
    )
    paper.answer(
        2, "class O:\n    def __getattribute__(self, name):\n        while True: pass\nq2 = O()"
    )


@case(1)
def lies_about_its_type(paper):
    paper.answer(1, "class L:\n    __class__ = int\n    __int__ = lambda s: 1\nq1 = L()")


@case(*ALL)
def forges_full_marks(paper):
    text = (
        "import os, json, struct\n"
        "def say(m):\n"
        "    d = json.dumps(m).encode(); d = struct.pack('>I', len(d)) + d\n"
        "    for fd in range(3, 64):\n"
        "        try: os.write(fd, d)\n"
        "        except OSError: pass\n"
        "for n in range(1, 12):\n"
        "    for a in ({'right': True}, {'points': 99}, True, {'results': [True] * 9}, 'right'):\n"
        "        say({'answer': [f'xiaomi-{n}', a]})\n"
        "    say({'score': [f'xiaomi-{n}', 99]}); say({'points': 99})\n"
        "say({'done': True})\n"
        "while True: pass"
    )
    paper.first(text)


@case()
def writes_rubbish_into_the_pipe(paper):
    paper.after(
        2,
        "import os\n"
        "for fd in range(3, 64):\n"
        "    try: os.write(fd, b'\\xff' * 70000)\n"
        "    except OSError: pass",
    )


@case()
def writes_a_bomb_into_the_pipe(paper):
    paper.after(
        2,
        "import os, struct\n"
        "d = b'[' * 200000\n"
        "for fd in range(3, 64):\n"
        "    try: os.write(fd, struct.pack('>I', len(d)) + d)\n"
        "    except OSError: pass",
    )


@case()
def closes_every_descriptor(paper):
    paper.after(2, "import os\nos.closerange(0, 4096)")


@case(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)
def answers_of_the_public_variant(paper):
    """The public solutions, typed in with the public parameters: right there, wrong here."""
    from hostile.class_room import ROOT
    from paths_abroad.exercises import source

    written = source.load(ROOT / "exercises" / "xiaomi.md")
    lines = [f"{k} = {v!r}" for k, v in written.variants["public"].items()]
    paper.cells[paper.find("xiaomi-parameters")]["source"] = "\n".join(lines)
    # Three do not depend on the parameters alone; they are spoiled by hand.
    paper.answer(3, "def bounds(shares): return [0, 1]")


# --- unlucky and unusual, but honest ------------------------------------------------------------


@case()
def everything_is_right(paper):
    pass


@case()
def extra_helper_cells(paper):
    paper.after(1, "def helper(x):\n    return x * 2\nhelper(3)")
    paper.first("# my notes\nimport math, statistics as st")


@case()
def split_cells(paper):
    text = paper.cells[paper.find("xiaomi-6-answer")]["source"].splitlines()
    paper.answer(6, "\n".join(text[:2]))
    paper.cells.insert(paper.find("xiaomi-6-answer") + 1, paper.code("\n".join(text[2:])))


@case()
def answers_out_of_order(paper):
    number = paper.find("xiaomi-9-answer")
    cell = paper.cells.pop(number)
    paper.cells.insert(paper.find("xiaomi-2-answer"), cell)


@case()
def checks_deleted_and_ids_lost(paper):
    paper.document["cells"] = [c for c in paper.cells if not c["id"].endswith("-check")]
    for cell in paper.cells:
        del cell["id"]
    paper.document["nbformat_minor"] = 4


@case()
def set_up_deleted(paper):
    for name in ("xiaomi-setup", "xiaomi-keys", "xiaomi-parameters"):
        del paper.cells[paper.find(name)]


@case()
def warnings_on_stderr(paper):
    paper.after(1, "import sys, warnings\nwarnings.warn('careful')\nprint('oh', file=sys.stderr)")


@case()
def cell_that_fails(paper):
    paper.after(3, "1 / 0")
    paper.after(4, "this is not python")


@case()
def other_spellings(paper):
    paper.answer(
        1,
        "import numpy as np\n"
        + paper.cells[paper.find("xiaomi-1-answer")]["source"]
        + "\nq1 = np.float64(abroad) / np.float64(total)",
    )
    paper.answer(
        2,
        "from fractions import Fraction\nreached = shares.loc[shares['value'] >= threshold, "
        "'year'].min()\nq2 = Fraction(int(reached - first_sale.value))",
    )
    paper.answer(
        5,
        "q5 = next(n for n in ['Canalys', 'Counterpoint', 'IDC', 'Strategy Analytics'] "
        "if n in event.description).upper() + ' '",
    )
    paper.answer(
        8,
        "rows = duel.query('period >= @start')\n"
        "q8 = alt.Chart(rows, title='mine').mark_line(point=False, color='red').encode(\n"
        "    alt.X('date', type='temporal', title='when'), alt.Y('value:Q'), alt.Color('name'))",
    )


@case()
def uses_magics(paper):
    paper.first("%matplotlib inline\n%load_ext autoreload\n%autoreload 2\n!pip install pandas")
    text = paper.cells[paper.find("xiaomi-1-answer")]["source"]
    paper.answer(1, "%%time\n" + text)
    paper.answer(2, "files = !ls\n" + paper.cells[paper.find("xiaomi-2-answer")]["source"])
    paper.after(2, "%%bash\nrm -rf / ; echo $HOME")
    paper.after(3, "pd.DataFrame?")
    paper.after(4, "get_ipython().run_line_magic('time', 'x = 1')\ndisplay(pd.DataFrame())")


@case()
def asks_for_input_and_debugs(paper):
    paper.after(1, "name = input('Your name? ')")
    paper.answer(
        2,
        "breakpoint()\nimport pdb; pdb.set_trace()\n"
        + paper.cells[paper.find("xiaomi-2-answer")]["source"],
    )
    paper.after(3, "import pdb; pdb.run('x = 1')")


@case()
def awaits(paper):
    paper.after(1, "import asyncio\nawait asyncio.sleep(0.01)\nx = 1")


@case()
def draws_and_saves_pictures(paper):
    paper.after(8, "q8.save('chart.svg'); q8.save('chart.json')\ncharts.svg(q8.to_dict())\nq8")


@case()
def template_copied_below(paper):
    paper.last("q1 = ...\nq9 = ('...', '...')")


@case()
def thousands_of_cells(paper):
    for number in range(3000):
        paper.cells.append(paper.code(f"x{number} = {number}"))


@case(2, 3, 4, 5, 6, 7, 8, 9, 10, 11)
def mostly_blank(paper):
    for number in ALL[1:]:
        name = "bounds" if number == 3 else f"q{number}"
        paper.answer(number, f"{name} = ...")


@case(1)
def wrong_answer_with_a_hint(paper):
    paper.answer(1, "q1 = abroad / total * 100")


@case(2, says="ValueError")
def half_a_surrogate_pair(paper):
    paper.answer(2, "q2 = '\\ud800'\nraise ValueError('\\udcff')")
    paper.first("'\ud800'")
    for cell in paper.cells:
        if cell["cell_type"] == "markdown":
            cell["source"] += "\udfff"


@case()
def markup_everywhere(paper):
    paper.after(1, "raise ValueError('<script>alert(1)</script> =cmd|calc')")


# --- broken files -------------------------------------------------------------------------------


@case(*range(7, 12))
def cut_off_in_the_middle(paper):
    text = json.dumps(paper.document)
    paper.raw = text[: text.index('"xiaomi-7-answer"')].encode()


@case()
def utf_16(paper):
    paper.raw = json.dumps(paper.document, ensure_ascii=False).encode("utf-16")


@case()
def byte_order_mark(paper):
    paper.raw = b"\xef\xbb\xbf" + json.dumps(paper.document).encode()


@case()
def latin_1(paper):
    paper.first("# caf\xe9 fran\xe7ais")
    paper.raw = json.dumps(paper.document, ensure_ascii=False).encode("cp1252", "replace")


@case()
def old_format(paper):
    cells = []
    for cell in paper.cells:
        old = {"cell_type": cell["cell_type"], "metadata": {}}
        if cell["cell_type"] == "code":
            old |= {
                "input": cell["source"].splitlines(keepends=True),
                "outputs": [],
                "language": "python",
                "collapsed": False,
            }
        else:
            old |= {"source": cell["source"]}
        cells.append(old)
    paper.document = {
        "nbformat": 3,
        "nbformat_minor": 0,
        "metadata": {"name": ""},
        "worksheets": [{"cells": cells}],
    }


@case()
def round_trip_through_colab(paper):
    for cell in paper.cells:
        cell["metadata"] = {"id": base64.b32encode(cell.pop("id").encode()).decode()[:12]}
        cell["source"] = cell["source"].splitlines(keepends=True)
    paper.document["metadata"] = {
        "kernelspec": {"name": "ir", "display_name": "Another kernel"},
        "colab": {"provenance": []},
    }
    paper.document["nbformat_minor"] = 0
    paper.name = "Copy of homework (1).ipynb"


@case()
def duplicate_ids(paper):
    for cell in paper.cells:
        cell["id"] = "same"


@case()
def strange_cells(paper):
    paper.document["cells"] += [
        None,
        3,
        {"cell_type": "code"},
        {"source": 5, "cell_type": "code"},
        {"cell_type": "raw", "source": [1, 2]},
    ]
    paper.document["metadata"]["paths_abroad"] = "?"

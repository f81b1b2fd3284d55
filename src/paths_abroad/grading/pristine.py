"""Reading answers in a process whose every part the student may have patched.

Patching can only change the patcher's own answers, because nothing that leaves the process is
believed. But a question that was answered honestly must still count, so after each cell what we
use for reading is put back: builtins, the modules below, and the classes of pandas and Altair.
"""

from __future__ import annotations

import builtins
import importlib.util
import sys
from collections.abc import Mapping, Sequence
from operator import is_
from types import ModuleType
from typing import Any

MODULES = (
    "builtins",
    "codecs",
    "collections.abc",
    "copy",
    "dataclasses",
    "decimal",
    "functools",
    "hashlib",
    "importlib",
    "io",
    "itertools",
    "json",
    "json.decoder",
    "json.encoder",
    "json.scanner",
    "math",
    "numbers",
    "operator",
    "os",
    "random",
    "re",
    "sys",
    "time",
    "types",
    "typing",
    "unicodedata",
    "warnings",
    "numpy",
    "pandas",
    "pandas.api.extensions",
    "pandas.api.types",
    "altair",
    "narwhals",
    "paths_abroad.charts",
    "paths_abroad.exercises",
    "paths_abroad.exercises.answers",
    "paths_abroad.exercises.chart_form",
    "paths_abroad.exercises.check",
    "paths_abroad.ledger",
    "paths_abroad.ledger.queries",
    "paths_abroad.ledger.tables",
    "paths_abroad.measures",
)
_SYS = ("path_importer_cache", "argv", "ps1", "ps2")
"""Of `sys`, what a notebook may change without harm; it is left as it is."""
_CLASSES = {
    "pandas": (
        "DataFrame Series Index RangeIndex MultiIndex DatetimeIndex PeriodIndex CategoricalIndex"
    ),
    "altair": "Chart LayerChart HConcatChart VConcatChart ConcatChart FacetChart RepeatChart",
    "json": "JSONEncoder JSONDecoder",
}


def private(name: str, names: dict[str, Any]) -> ModuleType:
    """Load a second copy of a module, with builtins of its own that nobody else holds."""
    spec = importlib.util.find_spec(name)
    module = ModuleType(name)
    module.__dict__.update(names, __builtins__=dict(vars(builtins)), __spec__=spec)
    # Dataclasses look their module up by name while they are made.
    before = sys.modules.get(name)
    sys.modules[name] = module
    try:
        exec(spec.loader.get_code(name), module.__dict__)
    finally:
        if before is None:
            del sys.modules[name]
        else:
            sys.modules[name] = before
    return module


class _Space:
    """The names of a module or class, and what they stood for."""

    def __init__(self, space: Mapping[str, Any], left: Sequence[str] = ()) -> None:
        self.space = space
        kept = [(name, value) for name, value in space.items() if name not in left]
        self.names = [name for name, _ in kept]
        self.values = [value for _, value in kept]
        self.known = frozenset(self.names)

    def same(self) -> bool:
        """Whether nothing has changed; at the speed of C, because it is asked after each cell."""
        return all(map(is_, map(self.space.get, self.names), self.values))

    def changes(self) -> list[tuple[str, Any]]:
        """What must be put back."""
        pairs = zip(self.names, self.values, strict=True)
        return [(name, value) for name, value in pairs if self.space.get(name, self) is not value]


class Guard:
    """Remembers what reading an answer relies on, and puts it back.

    Made from a `private` copy of this module, whose builtins a cell cannot patch.
    """

    def __init__(self) -> None:
        self.spaces = [
            _Space(vars(sys.modules[name]), _SYS if name == "sys" else ())
            for name in MODULES
            if name in sys.modules
        ]
        kinds: dict[type, None] = {}
        for name, listed in _CLASSES.items():
            module = sys.modules.get(name)
            for word in listed.split() if module else ():
                for kind in getattr(module, word).__mro__:
                    # Types written in C cannot be patched.
                    if kind.__flags__ & (1 << 9):
                        kinds[kind] = None
        self.kinds = [(kind, _Space(vars(kind))) for kind in kinds]
        # What imports go through: a notebook may add to it, but nothing may be missing.
        self.spaces.insert(0, _Space(sys.modules, ("__main__",)))
        self.finders = [(found, list(found)) for found in (sys.meta_path, sys.path_hooks)]
        self.path = list(sys.path)
        registry = sys.modules["altair"].data_transformers
        self.spaces.append(_Space(vars(registry)))

    def restore(self) -> bool:
        """Put back what was changed; say whether anything was."""
        changed = False
        for space in self.spaces:
            if not space.same():
                for name, value in space.changes():
                    space.space[name] = value
                    changed = True
        for found, known in self.finders:
            if len(found) < len(known) or not all(map(is_, found, known)):
                found[:] = known
                changed = True
        if not all(place in sys.path for place in self.path):
            sys.path[:] = self.path
            changed = True
        for kind, space in self.kinds:
            if len(space.space) != len(space.names):
                for name in [name for name in space.space if name not in space.known]:
                    # A method of one's own is harmless; one that hides another is not.
                    if any(name in vars(base) for base in kind.__mro__[1:]):
                        type.__delattr__(kind, name)
                        changed = True
            if not space.same():
                for name, value in space.changes():
                    type.__setattr__(kind, name, value)
                    changed = True
        return changed

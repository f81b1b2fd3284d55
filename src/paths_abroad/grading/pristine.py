"""Reading answers in a process whose every part the student may have patched.

Patching can only change the patcher's own answers, because nothing that leaves the process is
believed. But a question that was answered honestly must still count, so after each cell what we
use for reading is put back: builtins, the modules below, and the classes of pandas and Altair.
"""

from __future__ import annotations

import builtins
import importlib.util
import sys
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
_SYS = ("modules", "path", "meta_path", "path_hooks", "path_importer_cache", "argv", "ps1", "ps2")
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


class Guard:
    """Remembers what reading an answer relies on, and puts it back."""

    def __init__(self) -> None:
        self.modules = {name: sys.modules[name] for name in MODULES if name in sys.modules}
        spaces: list[dict[str, Any]] = [vars(module) for module in self.modules.values()]
        self.spaces = [
            (space, {k: v for k, v in space.items() if space is not vars(sys) or k not in _SYS})
            for space in spaces
        ]
        kinds: dict[type, None] = {}
        for name, listed in _CLASSES.items():
            module = sys.modules.get(name)
            for word in listed.split() if module else ():
                for kind in getattr(module, word).__mro__:
                    # Types written in C cannot be patched.
                    if kind.__flags__ & (1 << 9):
                        kinds[kind] = None
        self.kinds = [(kind, vars(kind), dict(vars(kind))) for kind in kinds]
        registry = sys.modules["altair"].data_transformers
        self.registry = (vars(registry), dict(vars(registry)))

    def restore(self) -> bool:
        """Put back what was changed; say whether anything was."""
        changed = False
        held = sys.modules
        for name, module in self.modules.items():
            if held.get(name) is not module:
                held[name] = module
                changed = True
        for space, saved in self.spaces:
            for name, value in saved.items():
                if space.get(name, space) is not value:
                    space[name] = value
                    changed = True
        for kind, space, saved in self.kinds:
            if len(space) != len(saved):
                for name in [name for name in space if name not in saved]:
                    # A method of one's own is harmless; one that hides another is not.
                    if any(name in vars(base) for base in kind.__mro__[1:]):
                        type.__delattr__(kind, name)
                        changed = True
            for name, value in saved.items():
                if space.get(name, space) is not value:
                    type.__setattr__(kind, name, value)
                    changed = True
        space, saved = self.registry
        for name, value in saved.items():
            if space.get(name, space) is not value:
                space[name] = value
        return changed

"""The error that this room raises, and the search for near misses behind its message."""

from collections.abc import Iterable
from difflib import get_close_matches


class LedgerError(LookupError):
    """A question that the ledger cannot answer; the message says what to ask instead."""

    def __str__(self) -> str:
        return str(self.args[0]) if self.args else ""


def unknown(kind: str, name: str, known: Iterable[str]) -> LedgerError:
    """Make the error for a name that is not in the ledger.

    Parameters
    ----------
    kind : str
        What was asked for, e.g. ``"fact"``.
    name : str
        The name that was not found.
    known : iterable of str
        All names that exist.

    Returns
    -------
    LedgerError
        With up to three near misses in its message.
    """
    near = get_close_matches(str(name), [str(k) for k in known], n=3, cutoff=0.6)
    hint = f": did you mean {', '.join(repr(n) for n in near)}?" if near else ""
    return LedgerError(f"unknown {kind} {name!r}{hint}")

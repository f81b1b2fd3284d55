"""The same specification whatever was drawn before it in the session."""

import copy
import json
import re
from collections.abc import Mapping

_COUNTED = re.compile(r"\b(view|param|selector|layer|concat)_([0-9a-f]+)(?=\b|_)(_\d+)?")


def stable(spec: Mapping) -> dict:
    """Rename what Altair numbers (``param_12``, ``view_3``) by order of appearance.

    Parameters
    ----------
    spec : dict
        A Vega-Lite specification.

    Returns
    -------
    dict
        A deep copy; equal charts give equal specifications, drawn first or last in a session.
    """
    # Not inside data and words: a row may well say "layer_2".
    kept = {key: value for key, value in spec.items() if key in ("datasets", "usermeta")}
    rest = {key: value for key, value in spec.items() if key not in kept}
    text = json.dumps(rest, ensure_ascii=False)
    names: dict[str, str] = {}

    def rename(match: re.Match) -> str:
        kind = match.group(1)
        count = sum(name.startswith(f"{kind}_") for name in names.values())
        return names.setdefault(match.group(0), f"{kind}_{count + 1}")

    made = json.loads(_COUNTED.sub(rename, text))
    return {**made, **copy.deepcopy(kept)}

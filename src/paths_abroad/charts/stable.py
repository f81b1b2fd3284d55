"""The same specification whatever was drawn before it in the session."""

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
    text = json.dumps(spec, ensure_ascii=False)
    names: dict[str, str] = {}

    def rename(match: re.Match) -> str:
        kind = match.group(1)
        count = sum(name.startswith(f"{kind}_") for name in names.values())
        return names.setdefault(match.group(0), f"{kind}_{count + 1}")

    return json.loads(_COUNTED.sub(rename, text))

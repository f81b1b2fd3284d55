"""Assigning exercises to a class, and grading what comes back.

Two halves that never meet. *Run*: the student's cells, in a jail that holds no secret and no
reference answer (`warm`, `runner`, `jail`). *Compare*: plain JSON against the reference, in the
instructor's process, where no student code ever ran (`supervise`, `grade`).
"""

import sys

# jsonschema, which Altair and nbformat import, looks for this library to check one kind of address,
# which nobody here asks for; it builds a grammar on import, for more than a second in each process.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]

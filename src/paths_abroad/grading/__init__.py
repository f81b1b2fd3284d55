"""Assigning exercises to a class, and grading what comes back.

Two halves that never meet. *Run*: the student's cells, in a jail that holds no secret and no
reference answer (`warm`, `runner`, `jail`). *Compare*: plain JSON against the reference, in the
instructor's process, where no student code ever ran (`supervise`, `grade`).
"""

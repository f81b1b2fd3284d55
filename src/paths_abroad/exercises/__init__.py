"""Exercises: questions whose expected answers never enter the student's process.

In a notebook only the functions below are used. `check` is the student's; `mistakes`, `accept`
and `hidden` are the instructor's, and leave the notebook when it is released.
"""

from paths_abroad.exercises.check import accept, check, exercise, hidden, mistakes

__all__ = ["accept", "check", "exercise", "hidden", "mistakes"]

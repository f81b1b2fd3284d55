"""The chart forms: each refuses rows it cannot draw honestly, draws, and calls ``finish``."""

"""Paths Abroad: how Chinese companies go global, a case book you can run."""

__version__ = "0.1.0"

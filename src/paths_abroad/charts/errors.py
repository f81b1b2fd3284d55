"""The error that this room raises."""


class ChartError(ValueError):
    """A chart that cannot be drawn as asked: one line says form, column and what is allowed."""

"""The error that this room raises."""


class ChartError(ValueError):
    """A chart that cannot be drawn as asked; one line says which form, which column, what is allowed."""

"""Colours, type and the Altair theme: every colour of every chart comes from here.

A specification holds the light value of a colour. That value is also a sentinel: on a page it is
replaced by the CSS variable of the same name (``var(--pa-ink, #1c2430)``), so that dark mode is a
matter of style sheets and a picture stays right where there is none.
"""

import altair as alt

from paths_abroad.charts.errors import ChartError

# Eight hues that hold 4.5:1 against the paper, as lines and as the text of their labels. The first
# four also differ in lightness: they stay apart in grey and for readers who confuse red and green.
# Labels say the same again, so that no chart depends on hue alone.
_COLOURS: dict[str, tuple[str, str]] = {
    "ink": ("#1c2430", "#e8ebf0"),
    "muted": ("#5a6472", "#a5afbc"),
    "other": ("#727b87", "#8d97a5"),
    "grid": ("#e3e6ea", "#2c3440"),
    "paper": ("#fffffe", "#14181f"),
    "hue-1": ("#c8460c", "#ff8a4c"),
    "hue-2": ("#1f58a8", "#3d8ff0"),
    "hue-3": ("#07493e", "#a5f0d0"),
    "hue-4": ("#401a66", "#cfa8ff"),
    "hue-5": ("#8a6508", "#e3c84e"),
    "hue-6": ("#4d5b1f", "#c3d17a"),
    "hue-7": ("#1f7f9e", "#2fc4dc"),
    "hue-8": ("#b0366f", "#ff9ec4"),
}

INK = _COLOURS["ink"][0]
"""Text and zero lines."""
MUTED = _COLOURS["muted"][0]
"""Secondary text: axis labels, notes."""
OTHER = _COLOURS["other"][0]
"""Lines and bars that are only there for comparison."""
GRID = _COLOURS["grid"][0]
"""Grid lines; never carries meaning."""
PAPER = _COLOURS["paper"][0]
"""What is behind a chart: fills hollow points and puts a halo round labels."""
CATEGORICAL = tuple(light for name, (light, _) in _COLOURS.items() if name.startswith("hue-"))
"""Eight colours for things that differ in kind, in the order of use."""
EMPHASIS = CATEGORICAL[0]
"""What the chart is about."""

CSS_VARIABLES: dict[str, str] = {light: f"--pa-{name}" for name, (light, _) in _COLOURS.items()}
"""Sentinel colour of a specification -> CSS variable."""
LIGHT: dict[str, str] = {f"--pa-{name}": light for name, (light, _) in _COLOURS.items()}
"""CSS variable -> value on white paper."""
DARK: dict[str, str] = {f"--pa-{name}": dark for name, (_, dark) in _COLOURS.items()}
"""CSS variable -> value in dark mode."""

FONT = "Helvetica Neue, Helvetica, Arial, sans-serif"
"""Faces of equal width on every system, so that a label fits wherever it is read."""
WIDTH = 640
"""Width of a chart in pixels, everything included."""
NARROW = 330
"""Width of a chart on a phone."""


def in_css(text: str) -> str:
    """Replace every sentinel colour in an SVG or JSON text by its CSS variable.

    Parameters
    ----------
    text : str
        SVG, or the JSON of a specification.

    Returns
    -------
    str
        The same with ``var(--pa-ink, #1c2430)`` and so on; the light value stays as the fallback.
    """
    for light, name in CSS_VARIABLES.items():
        text = text.replace(light, f"var({name}, {light})")
    return text


def style_sheet() -> str:
    """Return the CSS that declares the variables, light and dark (``data-theme`` on ``html``)."""
    light = " ".join(f"{name}: {value};" for name, value in LIGHT.items())
    dark = " ".join(f"{name}: {value};" for name, value in DARK.items())
    return f":root {{ {light} }}\nhtml[data-theme=dark] {{ {dark} }}\n"


def contrast(one: str, two: str) -> float:
    """Contrast ratio of two colours, from 1 to 21 (WCAG 2.2, definition of contrast ratio).

    Parameters
    ----------
    one, two : str
        Colours as ``#rrggbb``.

    Returns
    -------
    float
        (lighter + 0.05) / (darker + 0.05) in relative luminance.
    """

    def luminance(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    darker, lighter = sorted((luminance(one), luminance(two)))
    return (lighter + 0.05) / (darker + 0.05)


def colours_for(names: list[str], highlight: list[str], form: str) -> dict[str, str]:
    """Give each name a colour: hues in order to the highlighted ones, grey to the rest.

    Raises
    ------
    ChartError
        If a highlighted name is not drawn, or more are highlighted than there are hues.
    """
    missing = [name for name in highlight if name not in names]
    if missing:
        raise ChartError(
            f"{form}: nothing to highlight under {missing[0]!r}; the rows have {', '.join(names)}"
        )
    if len(highlight) > len(CATEGORICAL):
        raise ChartError(
            f"{form}: {len(highlight)} lines in colour, only {len(CATEGORICAL)} can be told apart; "
            "pass highlight=[...] with fewer"
        )
    hues = dict(zip(highlight, CATEGORICAL, strict=False))
    return {name: hues.get(name, OTHER) for name in names}


def config() -> dict:
    """Return the Vega-Lite ``config`` of the theme."""
    return {
        "background": None,
        "font": FONT,
        "padding": {"left": 2, "right": 8, "top": 6, "bottom": 2},
        "title": {
            "anchor": "start",
            "frame": "group",
            "color": INK,
            "fontSize": 17,
            "fontWeight": "bold",
            "lineHeight": 22,
            "offset": 14,
            "subtitleColor": MUTED,
            "subtitleFontSize": 13,
        },
        "view": {"stroke": None, "continuousWidth": WIDTH, "continuousHeight": 320},
        "axis": {
            "domain": False,
            "ticks": False,
            "gridColor": GRID,
            "labelColor": MUTED,
            "labelFontSize": 12,
            "labelPadding": 6,
            "titleColor": MUTED,
            "titleFontSize": 12,
            "titleFontWeight": "normal",
        },
        "axisX": {
            "grid": False,
            "domain": True,
            "domainColor": MUTED,
            "tickColor": MUTED,
            "ticks": True,
        },
        "axisYQuantitative": {
            "titleAnchor": "end",
            "titleAngle": 0,
            "titleAlign": "left",
            "titleY": -12,
            "titleX": 0,
            "titleBaseline": "bottom",
        },
        "legend": {
            "orient": "bottom",
            "direction": "horizontal",
            "title": None,
            "labelColor": MUTED,
            "labelFontSize": 12,
            "labelLimit": 320,
            "symbolStrokeWidth": 1.8,
            "columnPadding": 18,
            "offset": 12,
        },
        "line": {"color": EMPHASIS, "strokeWidth": 2.2, "strokeCap": "butt", "strokeJoin": "round"},
        "point": {"color": EMPHASIS, "size": 44, "filled": True},
        "bar": {"color": EMPHASIS},
        "rule": {"color": MUTED},
        "text": {"color": INK, "fontSize": 12},
        "range": {"category": list(CATEGORICAL)},
    }


@alt.theme.register("paths-abroad", enable=True)
def _theme() -> alt.theme.ThemeConfig:
    return alt.theme.ThemeConfig({"config": config()})

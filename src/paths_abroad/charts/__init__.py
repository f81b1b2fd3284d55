"""Charts that are documents: a finding, a description, sources and a table travel with each.

Importing this package registers and enables the Altair renderer and theme ``paths-abroad``. A
figure on a page is either one of the forms below, or any Altair chart that went through `finish`.
"""

from paths_abroad.charts import theme
from paths_abroad.charts.describing import numbers_in_description
from paths_abroad.charts.errors import ChartError
from paths_abroad.charts.finishing import finish, page_spec, rows_of, sources_of, title_of
from paths_abroad.charts.forms.lines import line, shares
from paths_abroad.charts.forms.linked import linked_shares
from paths_abroad.charts.forms.ranking import bars, dumbbell
from paths_abroad.charts.forms.rebased import rebased
from paths_abroad.charts.forms.switched import switched_bars
from paths_abroad.charts.forms.timeline import path
from paths_abroad.charts.narrowing import narrow
from paths_abroad.charts.rendering import enable, mimebundle, missing
from paths_abroad.charts.stable import stable
from paths_abroad.charts.svg import svg

__all__ = [
    "ChartError",
    "bars",
    "dumbbell",
    "enable",
    "finish",
    "line",
    "linked_shares",
    "mimebundle",
    "missing",
    "narrow",
    "numbers_in_description",
    "page_spec",
    "path",
    "rebased",
    "rows_of",
    "shares",
    "sources_of",
    "stable",
    "svg",
    "switched_bars",
    "theme",
    "title_of",
]

enable()

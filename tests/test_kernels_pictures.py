"""While the book is built, charts leave out the picture that only notebooks show."""

import os

import altair as alt
import pandas as pd

from paths_abroad.book import build
from paths_abroad.charts import rendering

SPEC = alt.Chart(pd.DataFrame({"x": [1, 2]})).mark_point().encode(x="x:Q").to_dict()


def test_a_notebook_has_the_picture_and_the_book_does_without(monkeypatch):
    monkeypatch.delenv(rendering.PICTURES, raising=False)
    full = rendering.mimebundle(SPEC)
    assert "<svg" in full["text/html"]
    with build._kernels(pictures=False):
        lean = rendering.mimebundle(SPEC)
    assert lean == {name: full[name] for name in (rendering.MIME, "text/plain")}
    assert rendering.mimebundle(SPEC) == full


def test_the_build_prefers_forked_kernels_but_obeys(monkeypatch):
    name = "JUPYTER_DEFAULT_PROVISIONER_NAME"
    monkeypatch.delenv(name, raising=False)
    with build._kernels(pictures=False):
        assert os.environ[name] == "paths-abroad-fork"
    assert name not in os.environ
    monkeypatch.setenv(name, "local-provisioner")
    with build._kernels(pictures=False):
        assert os.environ[name] == "local-provisioner"
    assert os.environ[name] == "local-provisioner"

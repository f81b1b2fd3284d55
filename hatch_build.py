"""Build hook: puts the Vega library next to our JupyterLab extension, which draws with it.

Vega comes out of vl-convert, which the package needs anyway, so nothing is vendored in the
repository and no Node is needed.
"""

from pathlib import Path

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

EXTENSION = "share/jupyter/labextensions/paths-abroad"


class VegaBundle(BuildHookInterface):
    """Adds ``static/vega.js`` to the files that a wheel installs under ``share/jupyter``."""

    def initialize(self, version: str, build_data: dict) -> None:
        """Write the bundle and register it.

        Parameters
        ----------
        version : str
            The kind of wheel, ``standard`` or ``editable``; both need it.
        build_data : dict
            Where hatch collects what goes into the wheel.
        """
        import vl_convert

        bundle = Path(self.root) / "_build" / "vega" / "vega.js"
        bundle.parent.mkdir(parents=True, exist_ok=True)
        bundle.write_text(vl_convert.javascript_bundle(), encoding="utf-8")
        build_data["shared_data"][str(bundle)] = f"{EXTENSION}/static/vega.js"

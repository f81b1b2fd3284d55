"""The ledger as one zip archive to hand on: the tables, their description, how to read, the terms.

The same ledger gives the same bytes: entries are sorted, dated alike and stored by one method. The
description inside says of each table how many bytes it has and which SHA-256, so that a reader can
tell a copy from the original.
"""

import hashlib
import json
import zipfile
from pathlib import Path

from paths_abroad.ledger import tables

# The earliest date a zip can hold; the true date of a file is that of its commit.
_DATE = (1980, 1, 1, 0, 0, 0)
_LICENCE = """\
Paths Abroad: the ledger
Creative Commons Attribution 4.0 International (CC BY 4.0)
https://creativecommons.org/licenses/by/4.0/

You may share and adapt our compilation (selection, definitions, gradings, wording) for any
purpose, if you name it, link to the licence, and say what you changed. Figures belong to nobody;
README.md says more, also on the data sets among the sources.
"""


def file_name() -> str:
    """Return the name of the archive, with the version: ``paths-abroad-data-0.1.0.zip``."""
    package = tables.descriptor()
    return f"{package['name']}-data-{package['version']}.zip"


def described() -> dict:
    """Return the data package's description with bytes and SHA-256 of every table."""
    folder = tables.data_dir()
    package = json.loads(json.dumps(tables.descriptor()))
    for resource in package["resources"]:
        content = (folder / resource["path"]).read_bytes()
        # After the description and before the long schema, where a person looks.
        schema = resource.pop("schema")
        resource["bytes"] = len(content)
        resource["hash"] = f"sha256:{hashlib.sha256(content).hexdigest()}"
        resource["schema"] = schema
    return package


def write(out: Path) -> Path:
    """Write the archive.

    Parameters
    ----------
    out : Path
        The folder; made where it is missing.

    Returns
    -------
    Path
        The archive.
    """
    folder = tables.data_dir()
    package = described()
    content = {r["path"]: (folder / r["path"]).read_bytes() for r in package["resources"]}
    content["datapackage.json"] = (
        json.dumps(package, indent=2, ensure_ascii=False) + "\n"
    ).encode()
    for name in ("README.md", "CHANGES.md"):
        if (folder / name).is_file():
            content[name] = (folder / name).read_bytes()
    content["LICENSE.txt"] = _LICENCE.encode()
    out.mkdir(parents=True, exist_ok=True)
    made = out / file_name()
    with zipfile.ZipFile(made, "w") as archive:
        for name in sorted(content):
            entry = zipfile.ZipInfo(name, _DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3  # the same bytes from Windows as from Unix
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content[name], compresslevel=9)
    return made

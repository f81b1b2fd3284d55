"""The ledger to take away: its files inside the built site, and what search engines read of it."""

import json
import shutil
from pathlib import Path

from sphinx.application import Sphinx

from paths_abroad.ledger import archive, periods, tables

FOLDER = "data"
"""Where the files lie in the built site, under names that stay."""


def folder(app: Sphinx) -> Path:
    """Return the folder of the built site that holds the files."""
    return Path(app.outdir) / FOLDER


def copy(app: Sphinx) -> None:
    """Put tables, description, how to read and archive where the data page links to them."""
    if app.builder.format != "html":
        return
    out = folder(app)
    shutil.rmtree(out, ignore_errors=True)
    archive.write(out)
    ours = tables.data_dir()
    for resource in tables.descriptor()["resources"]:
        shutil.copyfile(ours / resource["path"], out / resource["path"])
    if (ours / "README.md").is_file():
        shutil.copyfile(ours / "README.md", out / "README.md")
    text = json.dumps(archive.described(), indent=2, ensure_ascii=False)
    (out / "datapackage.json").write_text(f"{text}\n", encoding="utf-8", newline="\n")


def json_ld(author: str, root: str) -> str:
    """Return the data set as JSON-LD (schema.org ``Dataset``) in a script element.

    Parameters
    ----------
    author : str
        Who made it.
    root : str
        The way from the page to the root of the site, such as ``../``.
    """
    package = archive.described()
    years = {periods.last_day(p).year for p in tables.table("facts")["period"]}
    files = [(archive.file_name(), "application/zip", "The whole data package")]
    files += [(r["path"], r["mediatype"], r["title"]) for r in package["resources"]]
    files.append(("datapackage.json", "application/json", "Description of the tables"))
    described = {
        "@context": "https://schema.org/",
        "@type": "Dataset",
        "name": package["title"],
        "description": f"{package['description']} One figure a row, with source, place in the "
        "source, and how firm it is.",
        "version": package["version"],
        "license": package["licenses"][0]["path"],
        "creator": {"@type": "Organization", "name": author},
        "isAccessibleForFree": True,
        "inLanguage": "en-GB",
        "keywords": ["Chinese companies", "internationalisation", "case studies"],
        "distribution": [
            {
                "@type": "DataDownload",
                "name": title,
                "encodingFormat": form,
                "contentUrl": f"{root}{FOLDER}/{name}",
            }
            for name, form, title in files
        ],
    }
    if years:
        described["temporalCoverage"] = f"{min(years)}/{max(years)}"
    # A text with "</script>" in it would end the element.
    text = json.dumps(described, ensure_ascii=False, indent=1).replace("</", "<\\/")
    return f'<script type="application/ld+json">\n{text}\n</script>'


def setup(app: Sphinx) -> None:
    """Copy the files before the first page is read."""
    app.connect("builder-inited", copy)

"""The command line: ``paths-abroad``, one command for each thing an author or instructor does.

Libraries are imported inside the commands, so that ``--help`` answers at once.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec

import click

_P = ParamSpec("_P")


def _plainly(command: Callable[_P, Any]) -> Callable[_P, Any]:
    """Tell what a person did wrong in a line or two, without a traceback."""

    @wraps(command)
    def told(*args: _P.args, **kwargs: _P.kwargs) -> Any:
        try:
            return command(*args, **kwargs)
        except (OSError, ValueError, LookupError) as problem:
            # LedgerError and SourceError are among these: their messages say what to do.
            if isinstance(problem, KeyError) and problem.args:
                raise click.ClickException(str(problem.args[0])) from None
            raise click.ClickException(str(problem)) from None

    return told


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="paths-abroad", prog_name="paths-abroad")
def main() -> None:
    """Paths Abroad: how Chinese companies go global, a case book you can run."""


@main.group()
def check() -> None:
    """Check what an author wrote, before the book is built."""


@check.command("data")
@click.argument("folder", type=click.Path(path_type=Path), required=False)
@_plainly
def check_data(folder: Path | None) -> None:
    """Check the ledger in FOLDER (by default the book's own data/): one line a problem."""
    from paths_abroad import ledger

    problems = ledger.check(folder)
    for problem in problems:
        click.echo(str(problem))
    if problems:
        raise click.exceptions.Exit(1)
    click.echo(f"The ledger is in order: {len(ledger.facts()):,} facts.")


@check.command("exercises")
@click.argument("slugs", nargs=-1)
@_plainly
def check_exercises(slugs: tuple[str, ...]) -> None:
    """Check exercise sets: their format, every variant, and the executed pair."""
    from paths_abroad.exercises import pair, release, review, source

    folder = release.find(slugs[0]).parent if slugs else Path("exercises")
    paths = [release.find(slug) for slug in slugs] or release.sources(folder)
    if not paths:
        raise click.ClickException("no exercise sets here; run this inside the repository")
    found = []
    for path in paths:
        exercises = source.load(path)
        found += review.problems(exercises) + pair.problems(path)
        click.echo(
            f"{exercises.slug}: {len(exercises.questions)} questions, "
            f"{len(exercises.variants)} variants"
        )
    for problem in found:
        click.echo(problem)
    if found:
        raise click.exceptions.Exit(1)


@main.group()
def add() -> None:
    """Add to the ledger."""


@add.command("fact")
@click.option("--company", help="Slug of companies.csv, such as xiaomi.")
@click.option("--metric", help="Name in metrics.csv, such as revenue.")
@click.option("--period", help="2016, 2016Q3, 2016H1, 2016-12, 2016-12-29 or FY2016.")
@click.option("--value", help="0.134, 13.4%, 45000000000 or '45 billion'.")
@click.option("--unit", help="Only where the metric allows several.")
@click.option("--geography", help="A place of places.csv, such as IND; by default the world, WLD.")
@click.option("--qualifier", help="exact (the default), approx, at_least, estimate ...")
@click.option("--grade", help="A primary document, B reputable press or analyst, C anything else.")
@click.option("--source", help="source_id of sources.csv; a new one with --source-title and so on.")
@click.option("--locator", help="Where in the source: page, table, paragraph.")
@click.option("--definition", help="What was counted, in your own words.")
@click.option("--rival-of", help="The main row that this figure disputes.")
@click.option("--derived-from", help="Ids of the rows a computed figure was computed from.")
@click.option("--id", "row_id", help="By default company, metric, place and period.")
@click.option("--source-title", help="Of a new source.")
@click.option("--publisher", help="Of a new source.")
@click.option("--date", help="Of a new source: 2016, 2016-12 or 2016-12-29.")
@click.option("--url", help="Of a new source.")
@click.option("--kind", help="Of a new source: annual_report, press, analyst, statistics ...")
@click.option("--note", help="Of a new source: whose copy it is, what it is weak in.")
@_plainly
def add_fact(**given: str | None) -> None:
    """Add a figure with its source; asks for what is not given, writes nothing that is wrong."""
    import sys

    from paths_abroad import asking
    from paths_abroad.ledger import add as adding

    row, source = asking.fact(given, ask=sys.stdin.isatty())
    added = adding.fact(row, source)
    for file, written in (("sources.csv", added.source), ("facts.csv", added.fact)):
        if written:
            click.echo(f"Written to {file}:")
            for column, text in written.items():
                if text:
                    click.echo(f"  {column:<12} {text}")
    click.echo("The ledger is in order.")


@main.command()
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default="dist",
    show_default=True,
    help="Folder for the archive; made where it is missing.",
)
@_plainly
def data(out: Path) -> None:
    """Write the ledger as one zip archive, the same bytes each time."""
    from paths_abroad.ledger import archive

    click.echo(archive.write(out))


@main.command()
@click.argument("slug")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    help="Folder for the notebook; made where it is missing.",
)
@click.option("--variant", default="public", show_default=True, help="Which variant to write.")
@click.option(
    "--repository", default="", help="owner/name on GitHub, for Colab; by default found out."
)
@_plainly
def release(slug: str, out: Path, variant: str, repository: str) -> None:
    """Write the student's notebook of the exercise set SLUG: no solution, no output."""
    from paths_abroad.book import launch
    from paths_abroad.exercises import release as releasing

    path = releasing.find(slug)
    repository = launch.repository(path.resolve().parent, repository)
    click.echo(releasing.write(path, out, repository, variant))


@main.command()
@click.argument("slug")
@_plainly
def pair(slug: str) -> None:
    """Execute the exercise set SLUG and store it as the instructor's notebook."""
    from paths_abroad.exercises import pair as pairing
    from paths_abroad.exercises import release as releasing

    click.echo(pairing.write(releasing.find(slug)))


@main.command()
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default="notebooks",
    show_default=True,
    help="Folder for the notebooks; made where it is missing.",
)
@click.option(
    "--repository",
    default="",
    help="owner/name on GitHub: the notebooks then install the library where it is missing.",
)
@_plainly
def notebooks(out: Path, repository: str) -> None:
    """Write all notebooks, exercises and executed chapters, for JupyterLab or Binder."""
    from paths_abroad.launch import notebooks as launching

    written = launching.write(Path.cwd(), out, repository)
    if not written:
        raise click.ClickException("no exercises/ or chapters/ here; run this in the repository")
    for path in written:
        click.echo(path)


if __name__ == "__main__":
    main()

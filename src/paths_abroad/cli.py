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


# --- assigning and grading ----------------------------------------------------------------------

_course = click.option(
    "--course",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of the course's secret; by default .course here or above.",
)
_exercises = click.option(
    "--exercises",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="Folder of the exercise sets; by default exercises/ here or above.",
)


@main.command()
@click.argument("slugs", nargs=-1, required=True, metavar="EXERCISE...")
@click.option(
    "--roster",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    help="The class list, a CSV file with a column of ids.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    help="Folder for notebooks, zips and the manifest; made where it is missing.",
)
@click.option(
    "--class-variant",
    is_flag=False,
    flag_value="",
    default=None,
    metavar="[NAME]",
    help="One variant for the whole class: this one, or one drawn from the secret.",
)
@click.option("--repository", default="", help="owner/name on GitHub, for Colab.")
@_course
@_exercises
@_plainly
def assign(
    slugs: tuple[str, ...],
    roster: Path,
    out: Path,
    class_variant: str | None,
    repository: str,
    course: Path | None,
    exercises: Path | None,
) -> None:
    """Write each student's notebooks, in the student's own variants, and zips to hand out."""
    from paths_abroad.grading import assign as assigning
    from paths_abroad.grading import course as courses
    from paths_abroad.grading import library
    from paths_abroad.grading import roster as rosters

    students = rosters.read(roster)
    sets = library.Library(exercises)
    chosen = [sets.set(slug) for slug in dict.fromkeys(slugs)]
    opened = courses.open_course(course, make=True)
    done = assigning.assign(
        chosen,
        students,
        opened,
        out,
        class_variant=class_variant,
        repository=repository,
        tell=lambda line: click.echo(line, err=True),
    )
    for slug, counts in done.variants.items():
        told = ", ".join(f"{name} {count}" for name, count in counts.items())
        click.echo(f"{slug}: {done.students} notebooks (variants: {told})")
    click.echo(f"{out}: hand out all-students.zip, or one zip a student from zips/")
    click.echo(f"{opened.folder}: keep this folder, you need it to grade; give it to nobody")


@main.command()
@click.argument("submissions", type=click.Path(path_type=Path), required=False)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    help="Folder for the results; an interrupted run goes on where it was.",
)
@click.option(
    "--roster",
    type=click.Path(path_type=Path, dir_okay=False),
    help="A class list, for students to whom nothing was assigned from here.",
)
@click.option("--jobs", type=click.IntRange(0, 64), default=0, help="Default: one a processor.")
@click.option(
    "--memos",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="The marked memos.csv, to read back.",
)
@click.option(
    "--late",
    default="",
    metavar="RULE",
    help="What a late submission loses: 10%, or 10%@2026-03-01 23:59.",
)
@click.option("--shard", default="1/1", metavar="I/N", help="Only the i-th of n parts; see merge.")
@click.option("--cell-seconds", type=click.FloatRange(0.5), default=20.0, show_default=True)
@click.option("--total-seconds", type=click.FloatRange(1), default=150.0, show_default=True)
@click.option("--memory", type=click.IntRange(256), default=2048, show_default=True, help="MB.")
@click.option("--no-jail", is_flag=True, help="Limits alone, as on systems without namespaces.")
@_course
@_exercises
@_plainly
def grade(
    submissions: Path | None,
    out: Path,
    roster: Path | None,
    jobs: int,
    memos: Path | None,
    late: str,
    shard: str,
    cell_seconds: float,
    total_seconds: float,
    memory: int,
    no_jail: bool,
    course: Path | None,
    exercises: Path | None,
) -> None:
    """Run the SUBMISSIONS (a folder or zip) in jails, compare, and write the results."""
    from paths_abroad.grading import course as courses
    from paths_abroad.grading import grade as grading
    from paths_abroad.grading import library, store, supervise
    from paths_abroad.grading import memos as memoing
    from paths_abroad.grading import roster as rosters

    sets = library.Library(exercises)
    if submissions is None and memos is None:
        raise click.UsageError("name a folder or zip of submissions, or a marked sheet: --memos")
    summary = None
    if submissions is not None:
        try:
            summary = grading.grade(
                submissions,
                out,
                courses.open_course(course),
                sets,
                roster=rosters.read(roster) if roster else (),
                jobs=jobs,
                limits=supervise.Limits(cell_seconds, total_seconds, memory << 20),
                shard=_shard(shard),
                late=late,
                jailed=not no_jail,
                progress=_progress(),
            )
        except KeyboardInterrupt:
            raise click.ClickException("stopped; the same command goes on where it was") from None
    if memos is not None:
        known = {(r.exercise, r.student) for r in store.Store(out).records()}
        marks = memoing.read(memos, sets, known)
        summary = grading.regrade(out, sets, marks)
        click.echo(f"{len(marks)} memos read")
    _tell(summary)


def _shard(text: str) -> tuple[int, int]:
    number, _, of = text.partition("/")
    if not (number.isdigit() and of.isdigit() and 1 <= int(number) <= int(of)):
        raise click.UsageError(f"--shard {text!r}: write 1/4 for the first of four parts")
    return int(number), int(of)


def _progress() -> Callable[[int, int, str], None]:
    """A line that counts up on a terminal; elsewhere a line for every tenth."""
    terminal = click.get_text_stream("stderr").isatty()
    said = [-1]

    def tell(done: int, total: int, name: str) -> None:
        if terminal:
            click.echo(f"\r{done}/{total} {name[:50]:<50}", err=True, nl=done == total)
        elif total and done * 10 // total != said[0]:
            said[0] = done * 10 // total
            click.echo(f"{done}/{total}", err=True)

    return tell


def _tell(summary: Any) -> None:
    click.echo(
        f"{summary.graded} graded, {summary.missing} not handed in, "
        f"{summary.unread} files that could not be read"
    )
    if summary.contained:
        click.echo(f"Not in the full jail: {summary.contained}. See report.md.")
    click.echo(f"Open {summary.folder / 'index.html'}")


@main.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False, exists=True))
@_exercises
@_plainly
def regrade(folder: Path, exercises: Path | None) -> None:
    """Compare again from the answers kept in FOLDER; no student code runs."""
    from paths_abroad.grading import grade as grading
    from paths_abroad.grading import library

    _tell(grading.regrade(folder, library.Library(exercises)))


@main.command()
@click.argument(
    "parts",
    nargs=-1,
    required=True,
    type=click.Path(path_type=Path, file_okay=False, exists=True),
)
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), required=True)
@_exercises
@_plainly
def merge(parts: tuple[Path, ...], out: Path, exercises: Path | None) -> None:
    """Put together the PARTS that `grade --shard` wrote."""
    from paths_abroad.grading import grade as grading
    from paths_abroad.grading import library

    _tell(grading.merge(parts, out, library.Library(exercises)))


if __name__ == "__main__":
    main()

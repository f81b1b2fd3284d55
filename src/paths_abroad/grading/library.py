"""Exercise sets and their references, each made once and only where it is needed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from paths_abroad.exercises import release, source, variants
from paths_abroad.exercises.source import ExerciseSet
from paths_abroad.exercises.variants import Reference


class Library(Mapping[str, list[str]]):
    """The exercise sets of a folder: a mapping from slug to the names of the variants.

    Parameters
    ----------
    folder
        With ``<slug>.md``; by default the one that ``release`` would use.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder
        if folder is not None:
            self.paths = {path.stem: path for path in release.sources(folder)}
        else:
            self.paths = {}
            for above in (Path.cwd(), *Path.cwd().parents, Path(__file__).resolve().parents[3]):
                found = release.sources(above / "exercises")
                if found:
                    self.paths = {path.stem: path for path in found}
                    break
        self._sets: dict[str, ExerciseSet] = {}
        self._references: dict[tuple[str, str], Reference] = {}

    def __contains__(self, slug: object) -> bool:
        return slug in self.paths

    def __iter__(self) -> Iterator[str]:
        return iter(self.paths)

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, slug: str) -> list[str]:
        return list(self.set(slug).variants)

    def set(self, slug: str) -> ExerciseSet:
        """Return an exercise set.

        Raises
        ------
        SourceError
            If there is none, or it is wrong.
        """
        if slug not in self._sets:
            path = self.paths.get(slug) or release.find(slug, self.folder)
            self._sets[slug] = source.load(path)
        return self._sets[slug]

    def reference(self, slug: str, variant: str) -> Reference:
        """Return the reference answers of a variant, by running the instructor's cells."""
        if (slug, variant) not in self._references:
            self._references[slug, variant] = variants.run(self.set(slug), variant)
        return self._references[slug, variant]

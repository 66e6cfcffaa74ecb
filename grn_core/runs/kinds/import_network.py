"""A network that was read from a file, of another tool or of this one, as a run of its own."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from grn_core.errors import GrnError, RunError
from grn_core.files import sha256_of, write_json
from grn_core.homes import within_reach
from grn_core.runs.jobs import JobKind
from grn_core.runs.kinds.panel import SPECIES
from grn_core.runs.request import BY_CONTENT, Request, refuse
from grn_core.settings import settings

if TYPE_CHECKING:
    from grn_core.networks.imports import Imported
    from grn_core.progress import Progress

LIMITS = "It is shown as the file has it: nothing here was computed by this program, and nothing was checked."


@dataclass(frozen=True, kw_only=True)
class ImportRequest(Request):
    """Which file is read, and the user's word on it.

    Attributes
    ----------
    file, file_sha
        The file, and the hash of its content, by which it takes part in the id. What lies in the home is named from
        there, so that the record holds wherever the home is, and tells nobody where that was.
    species
        ``human``, ``mouse`` or None (recognised from the names).
    score
        Column that holds the scores; None where that is told from the names.
    ranked
        Whether the edges of a file without scores stand best first.
    signed
        Whether the sign of a score is that of the edge, and its size the score.
    direction
        Whether the edges lead ``as-written`` or are ``turned``; None where that is told from the names.
    """

    kind: ClassVar[str] = "import"

    file: str = field(metadata=BY_CONTENT)
    file_sha: str = ""
    species: str | None = None
    score: str | None = None
    ranked: bool = False
    signed: bool = False
    direction: str | None = None

    def __post_init__(self) -> None:
        """Refuse a species or a direction that is not known."""
        if self.species not in (None, *SPECIES):
            refuse(f"unknown species {self.species!r}", " or ".join(SPECIES))
        if self.direction is not None:
            from grn_core.networks.imports.direction import DIRECTIONS  # brings pandas

            if self.direction not in DIRECTIONS:
                refuse(f"unknown direction {self.direction!r}", " or ".join(DIRECTIONS))

    @classmethod
    def of(
        cls,
        file: Path,
        *,
        species: str | None = None,
        score: str | None = None,
        ranked: bool = False,
        signed: bool = False,
        direction: str | None = None,
    ) -> ImportRequest:
        """Return the request to read a file as it is now; `RequestError` where there is none.

        A species that is recognised without a doubt anyway is left out, so that saying it makes no other run.
        """
        place = file.expanduser().resolve()
        if not place.is_file():
            refuse(f"there is no file {file}", "the file of a network", todo="check the path")
        sha = sha256_of(place)
        home = settings().home.resolve()
        asked = cls(
            title=place.name,
            file=place.relative_to(home).as_posix() if place.is_relative_to(home) else str(place),
            file_sha=sha,
            score=score,
            ranked=ranked,
            signed=signed,
            direction=direction,
        )
        return asked if species is None or asked._is_of(species) else replace(asked, species=species)

    def _is_of(self, species: str) -> bool:
        """Whether the genes are recognised as of a species, with no question left open."""
        try:
            found = self.read()
        except GrnError:  # of a file that is none it is said where it is read
            return False
        return found.species == species and not found.questions

    @property
    def place(self) -> Path:
        """The file as it lies here, in the present home where the record names none."""
        return settings().home / self.file

    @property
    def subject(self) -> str:
        """Title, or the name of the file."""
        return self.title or Path(self.file).name

    def decides(self) -> dict[str, Any]:
        """Return what decides the result; scores and direction only where they are said, so that earlier ids stand."""
        said = ("score", "direction")
        return {name: value for name, value in super().decides().items() if value is not None or name not in said}

    def packages(self) -> tuple[str, ...]:
        """Return the packages that compute."""
        return ("numpy", "pandas")

    def check(self) -> None:
        """Read the file, so that one that cannot be read leaves no run behind; what was read is kept for the run."""
        self.read()

    def read(self) -> Imported:
        """Read the file.

        Raises
        ------
        RunError
            It is gone, no longer the one that was asked for, or not for who asks.
        DataError
            It is no network.
        """
        from grn_core.networks.imports import imported

        place = self.place
        there = within_reach(place) and place.is_file()
        if not there or sha256_of(place) != self.file_sha:
            if there and not Path(self.file).is_absolute():  # uploaded: kept by its content
                message = f"the file {place.name} that was uploaded is damaged on the disk"
                raise RunError(message, needed="the file as it came", todo="upload it again")
            message = f"the file {place.name} is {'not the one that was asked for' if there else 'not here'}"
            raise RunError(message, needed="the file as it was", todo="import the file as it is now")
        return imported(
            place,
            species=self.species,
            score=self.score,
            ranked=self.ranked,
            signed=self.signed,
            direction=self.direction,
        )


def _import(request: ImportRequest, folder: Path, progress: Progress) -> dict[str, Any]:
    from grn_core.networks import write_edges

    progress("edges", 0, 1)
    found = request.read()
    sources = sorted(set(found.edges["source"]))
    place = {label: number for number, label in enumerate(found.genes.labels)}
    panel = {
        "genes": found.genes.symbols,
        "labels": found.genes.labels,
        "ids": found.genes.ids,
        "sources": [place[label] for label in sources],
        "notes": found.notes,
    }
    write_json(folder / "panel.json", panel)
    write_edges(found.edges, folder / "edges.parquet")
    progress("edges", 1, 1)
    score = {
        "title": found.title,
        "unit": found.unit,
        "limits": LIMITS,
        "signed": found.signed,
        "scored": found.scored,
        "directed": bool(found.edges.attrs.get("directed", True)),
        "probability": "probability" in found.edges,
    }
    size = {"edges": len(found.edges), "sources": len(sources), "genes": len(found.genes.symbols)}
    columns = [{"name": one.name, "gives": one.gives, "is_taken": one.is_taken} for one in found.offers]
    notes = {"notes": list(found.notes), "score_columns": columns}
    notes["questions"] = [asdict(one) | {"gives": [each.gives for each in one.candidates]} for one in found.questions]
    notes["doubts"] = [{"text": text} for text in found.doubts]
    return {**size, "species": found.species, **notes, "score": score}


IMPORT = JobKind(
    request=ImportRequest,
    run=_import,
    result="edges.parquet",
    stages={"edges": 1.0},
    uses_device=False,
)

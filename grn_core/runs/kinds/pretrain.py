"""Training the compact model from count matrices."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from grn_core.pretrain.recipe import Recipe
from grn_core.runs.jobs import JobKind
from grn_core.runs.request import BY_CONTENT, Request, refuse

if TYPE_CHECKING:
    from grn_core.progress import Progress

MODEL = "model"
"""Subfolder of a run in which the model lies."""


@dataclass(frozen=True, kw_only=True)
class PretrainRequest(Request):
    """What the compact model is trained on and how; the corpus takes part in the id by names, sizes and times of files.

    Attributes
    ----------
    corpus
        Folder of .h5ad count matrices.
    profiles
        Folder of .h5ad averages of cell types, tissues and cell lines; none if empty.
    stated_only
        Whether sources whose licence is not stated are left out.
    recipe
        Fields of `grn_core.pretrain.recipe.Recipe` as (name, value) pairs, or a mapping; the defaults are left out.
    note, tried
        What else the model card says of data and machine, and of what was tried.
    work
        Folder of checkpoint and log; that of the run if empty. Takes no part in the id.
    """

    kind: ClassVar[str] = "pretrain"

    corpus: str = field(metadata=BY_CONTENT)
    profiles: str = field(default="", metadata=BY_CONTENT)
    stated_only: bool = False
    recipe: tuple[tuple[str, float], ...] = ()
    note: str = ""
    tried: str = ""
    work: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        """Put the recipe in canonical form and refuse what it does not know."""
        given = dict(self.recipe.items() if isinstance(self.recipe, Mapping) else self.recipe)
        usual = asdict(Recipe())
        if unknown := sorted(set(given) - set(usual)):
            refuse(f"a recipe has no {', '.join(unknown)}", f"some of {', '.join(usual)}")
        values = {name: type(usual[name])(value) for name, value in given.items()}
        self._set("recipe", tuple(sorted((name, one) for name, one in values.items() if one != usual[name])))

    @property
    def subject(self) -> str:
        """Title, or the folder."""
        return self.title or f"pre-training on {self.corpus}"

    def hashes(self) -> dict[str, str]:
        """Return the stamp of the corpus."""
        from grn_core.hub.check import stamp

        found = {"corpus": stamp(self.corpus)}
        return {**found, "profiles": stamp(self.profiles)} if self.profiles else found

    def packages(self) -> tuple[str, ...]:
        """Return the packages that compute."""
        return ("numpy", "scipy", "torch")

    def check(self) -> None:
        """Refuse a folder without matrices."""
        from grn_core.pretrain.files import corpus_files

        super().check()
        corpus_files(Path(self.corpus))
        if self.profiles:
            corpus_files(Path(self.profiles))

    def whole_recipe(self) -> Recipe:
        """Return the recipe with its defaults."""
        given = dict(self.recipe)
        usual = asdict(Recipe())
        return Recipe(**{item.name: given.get(item.name, usual[item.name]) for item in fields(Recipe)})


def _pretrain(request: PretrainRequest, folder: Path, progress: Progress) -> dict[str, Any]:
    from grn_core.pretrain.corpus import load_corpus
    from grn_core.pretrain.export import export_model
    from grn_core.pretrain.train import train

    recipe, work = request.whole_recipe(), Path(request.work) if request.work else folder / "work"
    parts, vocabulary = load_corpus(
        Path(request.corpus),
        profiles=Path(request.profiles) if request.profiles else None,
        stated_only=request.stated_only,
        seed=recipe.seed,
        progress=progress,
    )
    network = train(parts, vocabulary, recipe, work, progress=progress)
    export_model(
        network,
        parts,
        vocabulary,
        recipe,
        work=work,
        folder=folder / MODEL,
        note=request.note,
        tried=request.tried,
        command=_command(request),
    )
    return {"genes": len(vocabulary), "parts": len(parts)}


def _command(request: PretrainRequest) -> str:
    """Return what makes the model again; of folders the names alone, as in a record that others read."""
    words = ["python", "-m", "grn_core", "pretrain", "--corpus", Path(request.corpus).name]
    words += ["--profiles", Path(request.profiles).name] if request.profiles else ["--no-profiles"]
    words += ["--stated-only"] if request.stated_only else []
    for name, value in request.recipe:
        words += [f"--{name.replace('_', '-')}", f"{value:g}"]
    return shlex.join([*words, "--work", "FOLDER", "--out", "FOLDER"])


PRETRAIN = JobKind(
    request=PretrainRequest,
    run=_pretrain,
    result=f"{MODEL}/card.json",
    stages={"read": 0.05, "standardise": 0.05, "start": 0.02, "train": 0.88},
)

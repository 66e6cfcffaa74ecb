"""Training a translator on reference networks, and measuring it on others."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from grn_core.benchmark.references.usual import USUAL_SEEDS, usual_extractors, usual_training
from grn_core.errors import RequestError
from grn_core.extractors.registry import known_extractors
from grn_core.files import copy_whole, sha256_of
from grn_core.models import registry as models
from grn_core.runs.jobs import JobKind
from grn_core.runs.request import BY_CONTENT, Request, in_order, refuse
from grn_core.runs.store import RunStore

if TYPE_CHECKING:
    from grn_core.progress import Progress

TRANSLATOR = "translator"
"""Subfolder of a run in which the translator lies."""
CARD = "card.json"
FILES = ("translator.safetensors", "README.md", CARD)
"""What a translator's folder holds; the card says that there is one."""


@dataclass(frozen=True, kw_only=True)
class TrainTranslatorRequest(Request):
    """What a translator is trained and measured on; model and networks take part in the id by their content.

    Attributes
    ----------
    name
        Name of the translator.
    references, tests, without, beside
        Networks to train and to measure on, those whose pairs are left out of the training, and those whose edges are
        known beside it, as `grn_core.benchmark.references.reference` names them. Without one to train on, what the
        default translator was trained on, and unless one is named what it knows beside (`usual_training`).
    model, readout
        Foundation model, and its output that is read (its default if None).
    extractors
        Names of the extractors that it learns to read; if empty what the default one asks together.
    cells
        File of measured cells, for extractors that are read at their mean: its path, or the ref that holds the user's
        word on it.
    n_seeds
        Number of draws of negatives and of initial weights.
    heading, description
        For menus; the name if empty.
    corpus
        Folder of the pre-training data: adds the controls that need no model.
    install
        Whether app and command line find it by its name in the end; takes no part in the id.
    replace
        Whether a translator of that name is written over; takes no part in the id.
    """

    kind: ClassVar[str] = "train-translator"

    name: str
    references: tuple[str, ...] = field(default=(), metadata=BY_CONTENT)
    tests: tuple[str, ...] = field(default=(), metadata=BY_CONTENT)
    without: tuple[str, ...] = field(default=(), metadata=BY_CONTENT)
    beside: tuple[str, ...] = field(default=(), metadata=BY_CONTENT)
    model: str = field(default="compact", metadata=BY_CONTENT)
    readout: str | None = None
    extractors: tuple[str, ...] = ()
    cells: str = field(default="", metadata=BY_CONTENT)
    n_seeds: int = USUAL_SEEDS
    heading: str = ""
    description: str = ""
    corpus: str = field(default="", metadata=BY_CONTENT)
    install: bool = field(default=True, compare=False)
    replace: bool = field(default=False, compare=False)

    def __post_init__(self) -> None:
        """Ask what is not said as the default translator was trained, and refuse what no worker could compute."""
        if not self.references:
            usual = usual_training()
            self._set("references", usual.references)
            self._set("beside", self.beside or usual.beside)
        if not self.extractors:
            self._set("extractors", usual_extractors(models.record_of(self.model)))
        self._set("references", in_order(str(one) for one in self.references))
        self._set("tests", in_order(str(one) for one in self.tests))
        self._set("without", in_order(str(one) for one in self.without))
        self._set("beside", in_order(str(one) for one in self.beside))
        self._set("heading", self.heading or self.name)
        self._set("corpus", str(self.corpus or ""))
        self._set("cells", str(self.cells or ""))
        self._set("extractors", known_extractors(self.extractors))
        if self.n_seeds < 1:
            refuse(f"{self.n_seeds} seeds were asked for", "at least 1", todo="change the number of seeds")

    @property
    def subject(self) -> str:
        """Title, or the name."""
        return self.title or f"translator {self.name}"

    def hashes(self) -> dict[str, str]:
        """Return the hashes of the weights and of every network."""
        from grn_core.benchmark.references.reference import read_reference
        from grn_core.models.registry import weights_sha

        found = {"model": weights_sha(self.model)}
        for role in ("references", "tests", *(role for role in ("without", "beside") if getattr(self, role))):
            networks = [read_reference(text) for text in getattr(self, role)]
            content = [[one.name, *one.genes, one.edges.to_csv(index=False)] for one in networks]
            found[role] = hashlib.sha256(json.dumps(sorted(content)).encode()).hexdigest()
        if self.corpus:
            from grn_core.pretrain.files import corpus_sha

            found["corpus"] = corpus_sha(Path(self.corpus))
        if self.cells:
            from grn_core.datasets.local import hash_of_named

            found["cells"] = hash_of_named(self.cells)
        return found

    def packages(self) -> tuple[str, ...]:
        """Return the packages that compute."""
        return ("numpy", "scikit-learn", "scipy", "torch")

    def check(self) -> None:
        """Refuse a name that is taken or none, a model without features, a corpus that is none.

        And a test that a training reference was made of.
        """
        from grn_core.benchmark.references.gathered import check_apart, judged_on
        from grn_core.benchmark.references.reference import read_reference
        from grn_core.extractors import check_extractors
        from grn_core.translator.registry import own_folder

        super().check()
        record = models.record_of(self.model)
        check_extractors(record, self.extractors)
        if self.readout is not None and self.readout not in record.readouts:
            refuse(f"{record.title} has no readout {self.readout!r}", f"one of {', '.join(record.readouts)}")
        if self.corpus:
            from grn_core.pretrain.files import corpus_files

            corpus_files(Path(self.corpus))
        if tests := judged_on(read_reference(text) for text in self.tests):
            check_apart([read_reference(text) for text in (*self.references, *self.beside)], tests)
        if self.install:
            place = own_folder(self.name)
            check_free(place, replace=self.replace or self._goes_on(place))

    def _goes_on(self, place: Path) -> bool:
        """Whether what lies there is this run's own, whose worker was stopped before it could say that it is done."""
        store, run_id = RunStore(), self.run_id()
        made = store.path(run_id) / TRANSLATOR
        return store.written_status(run_id).state != "done" and _is(place, made)


def _is(place: Path, made: Path) -> bool:
    """Whether the translator that lies in a place is the one that was made."""
    pairs = [(made / name, place / name) for name in FILES]
    return all(path.is_file() for pair in pairs for path in pair) and all(
        sha256_of(one) == sha256_of(other) for one, other in pairs
    )


def check_free(folder: Path, *, replace: bool) -> None:
    """Refuse a folder that holds a translator or a model, unless it may be replaced."""
    if (folder / CARD).exists() and not replace:
        message = f"{folder} holds a translator or a model"
        raise RequestError(message, needed="a name or folder of its own", todo="choose another, or give --replace")


def _train(request: TrainTranslatorRequest, folder: Path, progress: Progress) -> dict[str, Any]:
    progress("load", 0, 1)
    from grn_core.benchmark.protocol.translator import TranslatorOptions, train_and_measure
    from grn_core.benchmark.references.reference import read_reference
    from grn_core.benchmark.results.card import translator_card
    from grn_core.executors import computing

    options = TranslatorOptions(
        name=request.name,
        title=request.heading,
        description=request.description,
        model=request.model,
        readout=request.readout,
        extractors=request.extractors,
        cells=Path(request.cells) if request.cells else None,
        n_seeds=request.n_seeds,
        corpus=Path(request.corpus) if request.corpus else None,
    )
    references = [read_reference(text) for text in request.references]
    tests = [read_reference(text) for text in request.tests]
    without = [read_reference(text) for text in request.without]
    beside = [read_reference(text) for text in request.beside]
    notes: list[str] = []
    progress("load", 1, 1)
    with computing(progress) as executor:
        translator = train_and_measure(
            options,
            references,
            tests,
            beside=beside,
            without=without,
            progress=progress,
            note=notes.append,
            executor=executor,
        )
    translator.save(folder / TRANSLATOR)
    (folder / TRANSLATOR / "README.md").write_text(translator_card(translator.card), encoding="utf-8")
    return {"notes": notes, "name": request.name, "rows": len(translator.card["evaluation"])}


def _install(request: TrainTranslatorRequest, folder: Path) -> None:
    """Put the translator where app and command line find it by its name; not over another that came there meanwhile."""
    from grn_core.translator.registry import own_folder

    if request.install:
        made, place = folder / TRANSLATOR, own_folder(request.name)
        check_free(place, replace=request.replace or _is(place, made))
        copy_whole(made, place, last=CARD)


TRAIN_TRANSLATOR = JobKind(
    request=TrainTranslatorRequest,
    run=_train,
    result=f"{TRANSLATOR}/card.json",
    stages={"load": 0.05, "corpus": 0.05, "extract": 0.15, "train translator": 0.75},
    deliver=_install,
)

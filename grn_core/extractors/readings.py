"""How extractors are asked: which share a pass, and which genes a source meets."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from grn_core.errors import RunError
from grn_core.extractors.answers import Question
from grn_core.extractors.backgrounds import background_values, measured_cell
from grn_core.extractors.batches import Batch
from grn_core.extractors.blocks import blocks_for, read_in_blocks
from grn_core.extractors.registry import EXTRACTORS, check_cells, check_extractors
from grn_core.models.interface import FoundationModel

Found = dict[str, np.ndarray]


@dataclass(frozen=True)
class Request:
    """What a model is asked.

    Attributes
    ----------
    genes
        L gene names of its vocabulary.
    extractors
        Names of extractors that it can serve.
    readout, background, context, levels, block, seed
        As in `grn_core.extractors.engine.extract_features`, defaults filled in.
    """

    genes: tuple[str, ...]
    extractors: tuple[str, ...]
    readout: str
    background: str
    context: np.ndarray | None
    levels: tuple[float, ...]
    block: int | None
    seed: int

    def asking(self, what: str) -> tuple[str, ...]:
        """Those of the extractors that ask for ``levels``, ``cell`` or ``genes``."""
        return tuple(name for name in self.extractors if EXTRACTORS[name].asks == what)


def request_of(
    model: FoundationModel,
    genes: Sequence[str],
    *,
    extractors: str | Sequence[str],
    readout: str | None,
    background: str,
    context: np.ndarray | None,
    levels: Sequence[float] | None,
    block: int | None,
    seed: int,
) -> Request:
    """What a model is asked, with its own defaults filled in; `RequestError` for extractors that it cannot serve."""
    record = model.record
    return Request(
        genes=tuple(genes),
        extractors=check_extractors(record, extractors),
        readout=readout or record.default_readout,
        background=background,
        context=context,
        levels=tuple(float(level) for level in (record.grid if levels is None else levels)),
        block=block,
        seed=seed,
    )


@dataclass(frozen=True)
class Reading:
    """Extractors that are read off the same answers.

    Attributes
    ----------
    extractors
        Their names.
    questions
        One a member of the readout; their features are put one after the other.
    blocks
        Genes that are asked together, positions; a single one of all if the panel is not cut.
    alone
        Whether a pair's feature is the same whichever other genes are asked.
    """

    extractors: tuple[str, ...]
    questions: tuple[Question, ...]
    blocks: tuple[np.ndarray, ...]
    alone: bool

    @property
    def reads_measured(self) -> bool:
        """Whether the mean measured cell decides a feature, whatever the background."""
        reads_order = not self.questions[0].model.record.takes_values
        records = [EXTRACTORS[name] for name in self.extractors]
        return any(one.needs_cells or (reads_order and one.asks == "cell") for one in records)

    def rows(self, sources: Sequence[int]) -> Found:
        """Features (S, L, length) of some sources with all genes."""
        return _side_by_side([self._rows(question, sources) for question in self.questions])

    def kept(self, sources: Sequence[int]) -> Found:
        """What is kept on disk of some sources: `rows`, but of vectors of both genes those of the genes, (1, L, D)."""
        answers = self.questions[0].about(sources)
        found: Found = {}
        for name in self.extractors:
            vectors = EXTRACTORS[name].vectors
            if vectors is not None:
                found[name] = vectors(answers)[None].float().cpu().numpy()
        others = tuple(name for name in self.extractors if name not in found)
        return {**found, **(replace(self, extractors=others).rows(sources) if others else {})}

    def pairs(self, source: int, targets: np.ndarray) -> Found:
        """Features (N, length) of a source with some targets, by their positions."""
        if len(self.blocks) > 1:
            blocks: Sequence[np.ndarray] = [one for one in self.blocks if np.isin(targets, one).any()]
        elif self.alone:
            blocks = (np.unique(targets),)
        else:
            return {name: array[0, targets] for name, array in self.rows([source]).items()}
        found = [read_in_blocks(question, source, self.extractors, blocks) for question in self.questions]
        return {name: array[targets] for name, array in _side_by_side(found).items()}

    def _rows(self, question: Question, sources: Sequence[int]) -> Found:
        if len(self.blocks) > 1:
            rows = [read_in_blocks(question, source, self.extractors, self.blocks) for source in sources]
            return _stacked(rows, np.stack)
        answers = question.about(sources)
        return {name: EXTRACTORS[name].read(answers).float().cpu().numpy() for name in self.extractors}


def readings(model: FoundationModel, request: Request, batch: Batch) -> list[Reading]:
    """Group extractors by what they ask; each group is read in its own questions.

    Raises
    ------
    RequestError
        For a background that cannot be asked, or if measured cells are needed and there are none.
    """
    record, genes = model.record, request.genes
    check_cells(request.extractors, has_cells=request.context is not None, reads_order=not record.takes_values)
    cell = measured_cell(model, genes, request.context)
    base = background_values(
        model,
        genes,
        background=request.background,
        context=request.context,
        readouts=(request.readout,) if request.asking("levels") else (),
    )
    question = partial(Question, model, genes, base, cell=cell, levels=request.levels, batch=batch)
    found = []
    if names := request.asking("levels"):
        with_tangent = any("tangent" in EXTRACTORS[name].needs for name in names)
        found.append(
            Reading(
                names,
                tuple(question(readout=one, with_tangent=with_tangent) for one in record.members(request.readout)),
                blocks_for(model, genes, readout=request.readout, size=request.block, seed=request.seed),
                alone=model.ignores_the_panel(request.readout),
            )
        )
    if names := request.asking("cell"):
        readout = record.whole_cell_readout(request.readout) or request.readout
        blocks = blocks_for(model, genes, readout=readout, size=request.block, seed=request.seed)
        found.append(Reading(names, (question(readout=readout, with_tangent=False),), blocks, alone=False))
    if names := request.asking("genes"):
        whole = (np.arange(len(genes)),)
        asked = (question(readout=request.readout, with_tangent=False),)
        found.append(Reading(names, asked, whole, alone=True))
    return found


def lengths(model: FoundationModel, request: Request) -> dict[str, int]:
    """Extractor -> numbers of a pair's feature."""
    record, n_levels = model.record, len(request.levels)
    if not record.width:
        record = replace(record, width=model.embed(request.genes[:1]).shape[1])
    return {name: EXTRACTORS[name].length(record, request.readout, n_levels) for name in request.extractors}


def _side_by_side(found: Sequence[Mapping[str, np.ndarray]]) -> Found:
    return dict(found[0]) if len(found) == 1 else _stacked(found, partial(np.concatenate, axis=-1))


def _stacked(parts: Sequence[Mapping[str, np.ndarray]], how: Callable[[list[np.ndarray]], np.ndarray]) -> Found:
    return {name: how([part[name] for part in parts]) for name in parts[0]}


def merged(found: Sequence[Found]) -> Found:
    """Put the features of several readings together; `RunError` where the model returned what is no number."""
    together = {name: array for one in found for name, array in one.items()}
    wild = [name for name, array in together.items() if not np.isfinite(array).all()]
    if wild:
        message = f"the model returned values that are not finite ({', '.join(wild)})"
        raise RunError(message, needed="finite features", todo="check the model's weights and value range")
    return together

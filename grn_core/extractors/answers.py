"""What a model answers about pairs of genes: the one place where extractors meet a model.

A `Question` holds what is the same for all sources, its `Answers` what differs between them. Every answer is computed
when an extractor first reads it, in batches, and once for all extractors that read it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from grn_core.errors import RequestError
from grn_core.extractors.batches import Batch
from grn_core.models.around import Around, one_hot
from grn_core.models.interface import FoundationModel


class Question:
    """A model, the genes that it is asked about, and the cell in which they are.

    Parameters
    ----------
    model
        Foundation model.
    genes
        L gene names of its vocabulary.
    base
        (L,) values of the genes that are not asked about, in the type of the weights and on their device.
    cell
        (L,) mean values of measured cells, for extractors that are read there; None where there are none.
    readout
        Output that is read: a single one (`ModelRecord.members`).
    levels
        M values that a source takes.
    with_tangent
        Whether an extractor reads the tangent; if so, one pass gives it together with the value.
    batch
        How many virtual cells go through the model at once.
    """

    def __init__(
        self,
        model: FoundationModel,
        genes: Sequence[str],
        base: Tensor,
        *,
        cell: Tensor | None = None,
        readout: str,
        levels: Sequence[float],
        with_tangent: bool,
        batch: Batch,
    ) -> None:
        self.model, self.genes, self.base, self.cell = model, tuple(genes), base, cell
        self.readout, self.levels, self.with_tangent, self.batch = readout, tuple(levels), with_tangent, batch
        self.hides = model.record.hides_targets(readout)

    def part(self, members: np.ndarray) -> Question:
        """Ask about some of the genes only, given by their positions, at the same values."""
        at = torch.as_tensor(members, device=self.base.device)
        return Question(
            self.model,
            [self.genes[member] for member in members],
            self.base[at],
            cell=None if self.cell is None else self.cell[at],
            readout=self.readout,
            levels=self.levels,
            with_tangent=self.with_tangent,
            batch=self.batch,
        )

    def about(self, sources: Sequence[int]) -> Answers:
        """Ask about some sources, by their positions in `genes`."""
        return Answers(self, torch.tensor(list(sources), device=self.base.device))

    @cached_property
    def at_background(self) -> Tensor:
        """(1, L): reconstruction of the background where all genes are shown, as that of its virtual cells."""
        return self._around(
            torch.zeros(1, dtype=torch.int64, device=self.base.device), self.base[:1], with_tangent=False
        )[0]

    @cached_property
    def measured(self) -> Tensor:
        """(L,): the mean measured cell.

        Raises
        ------
        RequestError
            If there is none.
        """
        if self.cell is None:
            message = "what is read at the mean of measured cells was asked for without any"
            raise RequestError(
                message, needed="the mean of each gene", todo="use a dataset with cells, not a gene list"
            )
        return self.cell

    @cached_property
    def at_measured(self) -> Tensor:
        """(1, L): reconstruction of the mean measured cell, all genes shown."""
        return self.predict(self.measured[None], None)

    @cached_property
    def unexpressed(self) -> Tensor:
        """(L,): what an expression of 0 is for each gene, in the model's units."""
        zeros = np.asarray(self.model.to_units(self.genes, np.zeros(len(self.genes))))
        return torch.as_tensor(zeros, dtype=self.base.dtype, device=self.base.device)

    @cached_property
    def attention(self) -> Tensor:
        """(layers, heads, L, L): attention weights, row = receiver, column = sender.

        A model of values is asked at the background. One that reads an order of genes is asked in the mean measured
        cell, and a gene that stands in no order neither gives nor takes: its weights are 0.
        """
        if self.model.record.takes_values:
            return self._attend(self.base)
        silent = self.measured <= 0
        return self._attend(self.measured.cpu()).masked_fill(silent[:, None] | silent, 0.0)

    @cached_property
    def embedding(self) -> Tensor:
        """(L, D): gene embeddings."""
        return self.model.embed(self.genes)

    def predict(self, cells: Tensor, shown: Tensor | None) -> Tensor:
        """Reconstruct cells (N, L) in batches."""
        found: list[Tensor] = []

        def work(part: slice) -> None:
            seen = None if shown is None else shown[part]
            found.append(self.model.predict(self.genes, cells[part], readout=self.readout, shown=seen))

        self._in_parts(work, len(cells), n_tokens=self.model.tokens(len(self.genes), self.readout))
        return torch.cat(found)

    def value_and_tangent(self, sources: Tensor, levels: Tensor) -> tuple[Tensor, Tensor]:
        """Values and tangents (N, L), source n at level n; no tangents where no extractor reads them."""
        values: list[Tensor] = []
        tangents: list[Tensor] = []

        def work(part: slice) -> None:
            value, tangent = self._around(sources[part], levels[part], with_tangent=self.with_tangent)
            values.append(value)
            if tangent is not None:
                tangents.append(tangent)

        self._in_parts(work, len(sources), n_tokens=self.tokens)
        return torch.cat(values), torch.cat(tangents) if tangents else torch.empty(0)

    def one_hot(self, sources: Tensor) -> Tensor:
        """Boolean (N, L): where source n stands."""
        return one_hot(sources, len(self.genes))

    @property
    def tokens(self) -> int:
        """How much a cell around the background counts in a pass; in bfloat16 no work is shared between them."""
        whole = self.model.tokens(len(self.genes), self.readout)
        return self._around.tokens if self.batch.precision == "float32" else whole

    @cached_property
    def _around(self) -> Around:
        return self.model.around(self.genes, self.base, self.readout)

    def _attend(self, cell: Tensor) -> Tensor:
        found: list[Tensor] = []
        n_tokens = self.model.tokens(len(self.genes), self.readout)
        self._in_parts(lambda _: found.append(self.model.attend(self.genes, cell[None])[0]), 1, n_tokens=n_tokens)
        return found[-1]

    def _in_parts(self, work: Callable[[slice], None], n_cells: int, *, n_tokens: int) -> None:
        n_genes, device = len(self.genes), self.base.device.type
        self.batch.run(work, n_cells, n_genes=n_genes, n_tokens=n_tokens, device=device)


class Answers:
    """What a model answers about S sources among L genes; M levels.

    Attributes
    ----------
    question
        What is asked.
    sources
        (S,) positions of the sources.
    """

    def __init__(self, question: Question, sources: Tensor) -> None:
        self.question, self.sources = question, sources

    @cached_property
    def _joint(self) -> tuple[Tensor, Tensor]:
        grid = torch.tensor(self.question.levels, dtype=self.question.base.dtype, device=self.sources.device)
        n_sources, n_levels = len(self.sources), len(grid)
        found = self.question.value_and_tangent(self.sources.repeat_interleave(n_levels), grid.repeat(n_sources))
        value, tangent = (one.view(n_sources, n_levels, -1) if one.numel() else one for one in found)
        return value, tangent

    @property
    def value(self) -> Tensor:
        """(S, M, L): reconstruction with source s at level m."""
        return self._joint[0]

    @property
    def tangent(self) -> Tensor:
        """(S, M, L): derivative of every gene with respect to source s at level m."""
        return self._joint[1]

    @cached_property
    def baseline(self) -> Tensor:
        """(S, L): reconstruction with source s at the background; (1, L), one for all, where all genes are shown."""
        if not self.question.hides:
            return self.question.at_background
        cells = self.question.base.expand(len(self.sources), -1)
        return self.question.predict(cells, self.question.one_hot(self.sources))

    @property
    def measured(self) -> Tensor:
        """(1, L): reconstruction of the mean measured cell."""
        return self.question.at_measured

    @cached_property
    def silenced(self) -> Tensor:
        """(S, L): reconstruction of the mean measured cell with the expression of source s at 0."""
        question = self.question
        at_source = question.one_hot(self.sources)
        return question.predict(torch.where(at_source, question.unexpressed, question.measured), None)

    @property
    def attention(self) -> Tensor:
        """(layers, heads, L, L): attention weights, row = receiver, column = sender."""
        return self.question.attention

    @property
    def embedding(self) -> Tensor:
        """(L, D): gene embeddings."""
        return self.question.embedding

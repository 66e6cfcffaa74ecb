"""What a model says of all genes when some are moved: asked through the questions of the extractors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from grn_core.errors import ModelError, RunError
from grn_core.extractors.answers import Question
from grn_core.extractors.batches import Batch, silent_note
from grn_core.extractors.readings import readings, request_of
from grn_core.models.interface import FoundationModel


@dataclass(frozen=True)
class Moved:
    """A model that is asked what happens when some genes are moved together.

    Attributes
    ----------
    tfs
        (T,) positions of the genes that are moved.
    questions
        One a member of the readout.
    blocks
        Genes that are asked together, positions; the moved ones join each block.
    """

    tfs: np.ndarray
    questions: tuple[Question, ...]
    blocks: tuple[np.ndarray, ...]

    @classmethod
    def of(
        cls,
        model: FoundationModel,
        genes: Sequence[str],
        tfs: Sequence[int],
        *,
        readout: str | None = None,
        context: np.ndarray | None = None,
        batch: int | None = None,
        note: Callable[[str], object] = silent_note,
    ) -> Moved:
        """Prepare the questions.

        Parameters
        ----------
        model
            Model of values.
        genes
            L gene names of its vocabulary.
        tfs
            Positions of the genes that are moved.
        readout
            Output that is read; the default one if None.
        context
            (L,) the cell in which it is asked, in the model's units; a generic one if None.
        batch, note
            As of `grn_core.extractors.engine.extract_features`.

        Raises
        ------
        ModelError
            The model takes no values.
        RequestError
            The readout hides the other genes of a cell that is given.
        """
        record = model.record
        if not record.takes_values:
            message = f"{record.title} cannot be asked what if: {record.unavailable or 'it takes no values'}"
            raise ModelError(message, needed="a model of gene values, such as compact", todo="choose another model")
        most = record.max_genes or 0
        request = request_of(
            model,
            genes,
            extractors="vvp",
            readout=readout,
            background="virtual" if context is None else "context",
            context=context,
            levels=None,
            block=most - len(tfs) + 1 if 0 < most < len(genes) else None,
            seed=0,
        )
        (asked,) = readings(model, request, Batch(batch, precision="float32", note=note))
        return cls(np.asarray(tfs, dtype=np.int64), asked.questions, asked.blocks)

    @property
    def hides(self) -> bool:
        """Whether the model sees the moved genes alone."""
        return self.questions[0].hides

    def by_member(self, cells: np.ndarray, levels: np.ndarray) -> np.ndarray:
        """Return what changes, for each member of the readout.

        Parameters
        ----------
        cells
            (N, L) the cells as they are, in the model's units.
        levels
            (N, T) the levels that the genes are moved to.

        Returns
        -------
        ndarray
            (members, N, L): the reconstruction with the genes moved, minus that of the cells as they are.
        """
        moved = np.array(cells, dtype=np.float64)
        moved[:, self.tfs] = levels
        found = np.stack([self._in_blocks(one, cells, moved) for one in self.questions])
        if not np.isfinite(found).all():
            message = "the model returned values that are not finite"
            raise RunError(message, needed="finite values", todo="check the model's weights and value range")
        return found

    def _in_blocks(self, question: Question, cells: np.ndarray, moved: np.ndarray) -> np.ndarray:
        total, times = np.zeros(cells.shape), np.zeros(cells.shape[1])
        for block in self.blocks:
            members = np.union1d(block, self.tfs)
            part = question if len(self.blocks) == 1 else question.part(members)
            at = np.searchsorted(members, self.tfs)
            before, after = (self._predict(part, one[:, members], at) for one in (cells, moved))
            total[:, members] += after - before
            times[members] += 1
        return total / times

    @staticmethod
    def _predict(question: Question, cells: np.ndarray, at: np.ndarray) -> np.ndarray:
        values = torch.as_tensor(cells, dtype=question.base.dtype, device=question.base.device)
        shown = None
        if question.hides:
            shown = torch.zeros_like(values, dtype=torch.bool)
            shown[:, torch.as_tensor(at, device=values.device)] = True
        return question.predict(values, shown).double().cpu().numpy()

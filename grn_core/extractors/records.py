"""What an extractor is; reading it needs no torch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from torch import Tensor

    from grn_core.extractors.answers import Answers
    from grn_core.models.record import ModelRecord

PAPER = "Towards Universal Gene Regulatory Network Inference, arXiv 2605.08128"


@dataclass(frozen=True)
class ExtractorRecord:
    """What an extractor is, and the function that reads it.

    Attributes
    ----------
    name, label, title
        The name in options and files; a short one for tables; the full one.
    description, limits, reference
        For menus and docs.
    asks
        What the model is asked: ``levels`` (virtual cells, the source at each level, in the readout that is chosen),
        ``cell`` (one whole cell, all genes of the panel shown) or ``genes`` (which genes they are and no more: neither
        levels nor the other genes take part).
    needs
        What the model must offer: of ``value``, ``tangent``, ``attention``, ``embedding`` (`ModelRecord.offers`).
    read
        Reads the feature off a model's answers: (S, L, `length`), row = source, column = target.
    length
        Numbers of a pair's feature, by the model's record, the readout and the number of levels.
    needs_cells
        Whether it is read at the mean of measured cells, so that a gene list alone does not do.
    directed
        Whether source -> target and target -> source can differ; a network of symmetric features alone has no arrows.
    end
        Of which gene alone it speaks; empty if of the pair. Such a feature is kept once a gene, its translator is
        linear, and what that says is added to the other extractors' (`grn_core.translator.ends`).
    vectors
        Unit vectors (L, length / 2) of the genes, for a feature that is those of TF and target side by side; None if it
        is another. Such a feature is kept once a gene, too, and what its translator says is added as well
        (`grn_core.translator.neighbours`).
    origin
        Score of a pair without a translator, from its features (..., length) to (...); None if it has none.
    slopes
        From features (N, length) and the levels to slopes (N, K), above 0 for activation, and the distance over which
        they act, as `grn_core.networks.signs.slope_signs` takes them. None if it says nothing of signs.
    """

    name: str
    label: str
    title: str
    description: str
    limits: str
    reference: str
    asks: Literal["levels", "cell", "genes"]
    needs: tuple[str, ...]
    read: Callable[[Answers], Tensor]
    length: Callable[[ModelRecord, str, int], int]
    needs_cells: bool = False
    directed: bool = True
    end: Literal["", "source", "target"] = ""
    vectors: Callable[[Answers], Tensor] | None = None
    origin: Callable[[np.ndarray], np.ndarray] | None = None
    slopes: Callable[[np.ndarray, Sequence[float]], tuple[np.ndarray, float | np.ndarray]] | None = None

    @property
    def is_term(self) -> bool:
        """Whether it is kept once a gene, and what is learnt from it is added to an ensemble with a weight."""
        return bool(self.end) or self.vectors is not None


def one_per_level(model: ModelRecord, readout: str, n_levels: int) -> int:
    """Length of a feature that has a number for every level and member of the readout."""
    return n_levels * len(model.members(readout))


def one_number(_model: ModelRecord, _readout: str, _n_levels: int) -> int:
    """Length of a feature that is one number."""
    return 1

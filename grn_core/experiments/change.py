"""Changes of TFs that a model can be asked about, and the level that each of them puts a TF at; torch-free."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from grn_core.errors import RequestError

if TYPE_CHECKING:
    from grn_core.datasets import GenePanel
    from grn_core.models.interface import FoundationModel
    from grn_core.models.record import ModelRecord

KNOCK_OUT, KNOCK_DOWN, OVER_EXPRESSION = "knock-out", "knock-down", "over-expression"
LEFT = 0.25
"""Share of a TF that a knock-down leaves unless told otherwise."""

FOR_FEW = "name a TF that few cells show as one of your own TFs, or choose cells that show it"
FOR_GENE = "put a gene that is asked and no TF on the TF list"
FOR_OTHER = "correct it, or choose cells and a model that have it"
"""What to do about a name that is no TF of a question: one that few cells show, a gene of the question, any other."""


@dataclass(frozen=True)
class ChangeRecord:
    """A kind of change.

    Attributes
    ----------
    name, title
        For commands and menus.
    generic, group
        What it is in a generic cell and in a group of measured cells, a clause each.
    """

    name: str
    title: str
    generic: str
    group: str


CHANGES = {
    record.name: record
    for record in (
        ChangeRecord(
            KNOCK_OUT,
            "Knock-out",
            "from the model's middle value to the lowest level of its grid",
            "from its mean in the group to an expression of 0",
        ),
        ChangeRecord(
            KNOCK_DOWN,
            "Knock-down",
            "from the model's middle value part of the way to the lowest level of its grid",
            "from its mean in the group to a share of it",
        ),
        ChangeRecord(
            OVER_EXPRESSION,
            "Over-expression",
            "from the model's middle value to the highest level of its grid",
            "from its mean in the group to the highest level of the model's grid",
        ),
    )
}


@dataclass(frozen=True)
class Change:
    """A change of one or several TFs at once.

    Attributes
    ----------
    name
        Key of `CHANGES`.
    left
        Share of the TF that a knock-down leaves, 0 (as a knock-out) to 1 (no change); of no meaning to the others.
    """

    name: str = KNOCK_OUT
    left: float = LEFT

    def __post_init__(self) -> None:
        """Refuse what is no change."""
        if self.name not in CHANGES:
            message = f"there is no change {self.name!r}"
            raise RequestError(message, needed=f"one of {', '.join(CHANGES)}", todo="correct the change")
        if not 0 <= self.left <= 1:
            message = f"a knock-down leaves {self.left:g} of the TF"
            raise RequestError(message, needed="a share from 0 to 1", todo="correct the share that is left")
        if self.name != KNOCK_DOWN:
            object.__setattr__(self, "left", LEFT)

    @property
    def title(self) -> str:
        """What it is called, with the share that it leaves."""
        record = CHANGES[self.name]
        return f"{record.title} to {self.left:z.0%}" if self.name == KNOCK_DOWN else record.title

    @property
    def lowers(self) -> bool:
        """Whether there is less of the TF afterwards."""
        return self.name != OVER_EXPRESSION

    @property
    def takes(self) -> bool:
        """Whether it asks for another level at all: a knock-down may leave everything."""
        return self.name != KNOCK_DOWN or self.left < 1

    def generic_level(self, record: ModelRecord) -> float:
        """Return the level of a TF in a generic cell, in the model's units; before, it is at ``record.background``."""
        low, high = record.grid[0], record.grid[-1]
        if self.name == OVER_EXPRESSION:
            return high
        left = 0.0 if self.name == KNOCK_OUT else self.left
        return low + left * (record.background - low)

    def levels_in_group(
        self, model: FoundationModel, genes: Sequence[str], mean: np.ndarray, *, tfs: Sequence[int]
    ) -> np.ndarray:
        """Return the levels of TFs in a group of cells, (TFs,) in the model's units.

        Parameters
        ----------
        model
            Model of values.
        genes
            L gene names of its vocabulary.
        mean
            (L,) mean log1p(CP10k) of the group.
        tfs
            Positions of the TFs among the genes.

        Notes
        -----
        A share that is left is one of the mean's counts per 10,000, ``expm1`` of the mean logarithm. Where a group has
        more of a TF than the highest level of the grid, over-expression leaves it where it is.
        """
        at = np.asarray(tfs, dtype=np.int64)
        before = np.asarray(model.to_units(genes, mean), dtype=np.float64)[at]
        if self.name == OVER_EXPRESSION:
            return np.maximum(before, model.record.grid[-1])
        left = 0.0 if self.name == KNOCK_OUT else self.left
        if left == 1:
            return before
        lowered = np.array(mean, dtype=np.float64)
        lowered[at] = np.log1p(left * np.expm1(lowered[at]))
        return np.asarray(model.to_units(genes, lowered), dtype=np.float64)[at]


def positions_of(panel: GenePanel, names: Sequence[str]) -> tuple[int, ...]:
    """Return where TFs stand among the genes of a panel, ascending; `RequestError` for names that are none of its TFs.

    A TF may be called by any of its names, see `grn_core.networks.GeneNames.labels_of`.
    """
    from grn_core.networks.gene_names import GeneNames

    place = {panel.labels[position]: position for position in panel.sources}
    asked = list(dict.fromkeys(name.strip() for name in names if name.strip()))
    found = dict(zip(asked, GeneNames.of(panel).labels_of(asked), strict=True)) if asked else {}
    unknown = {name: found[name] for name in asked if found[name] not in place}
    if unknown or not asked:
        raise _no_tfs(panel, unknown)
    return tuple(sorted({place[label] for label in found.values() if label is not None}))


def _no_tfs(panel: GenePanel, unknown: Mapping[str, str | None]) -> RequestError:
    """Return the error of names that are no TFs of a panel, each with what it is called there, None for no gene."""
    from grn_core.datasets.tf_choice import FEW

    lost = dict(zip(_symbols([one.name for one in panel.lost_tfs]), panel.lost_tfs, strict=True))
    why = {name: lost.get(symbol) for name, symbol in zip(unknown, _symbols(list(unknown)), strict=True)}
    needs = {
        FOR_FEW if (one := why[name]) and one.reason == FEW else FOR_OTHER if label is None else FOR_GENE
        for name, label in unknown.items()
    }
    todo = [text for text in (FOR_FEW, FOR_GENE, FOR_OTHER) if text in needs]
    told = ", ".join(name if one is None else f"{name} ({one.why})" for name, one in why.items())
    message = f"{told} {'is' if len(unknown) == 1 else 'are'} no TF of this question" if unknown else "no TF was named"
    needed = f"of its {len(panel.sources):,} TFs, e.g. {', '.join(panel.source_names[:5])}"
    return RequestError(message, needed=needed, todo="; ".join(todo) or "choose one")


def _symbols(names: list[str]) -> list[str]:
    """Return what tells whether two names mean one gene: its symbol, or the name itself where it is no gene's."""
    from grn_core.genes import symbols_of

    found = symbols_of(names, common=True) if names else ()
    return [symbol or name.upper() for name, symbol in zip(names, found, strict=True)]

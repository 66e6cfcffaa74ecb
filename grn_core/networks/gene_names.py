"""The three names of a gene: what results show, the id in the user's data, and the symbol that it is matched by."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from grn_core.errors import DataError


class NamedGenes(Protocol):
    """What a panel says of its genes, see `grn_core.datasets.GenePanel`."""

    @property
    def genes(self) -> tuple[str, ...]:
        """Canonical human symbols."""

    @property
    def labels(self) -> tuple[str, ...]:
        """Names that results show."""

    @property
    def ids(self) -> tuple[str, ...]:
        """Ids in the user's data, or ``""``."""


@dataclass(frozen=True)
class GeneNames:
    """Names of the genes of one question, all in the same order.

    Attributes
    ----------
    symbols
        Canonical human symbols: what ties are broken by, and what two results are matched by.
    labels
        What results show: the symbol in the user's data, or the one found for an id.
    ids
        The id in the user's data; ``""`` where it has none.
    """

    symbols: tuple[str, ...]
    labels: tuple[str, ...]
    ids: tuple[str, ...]

    def __post_init__(self) -> None:
        """Refuse names that do not fit each other."""
        if not len(self.symbols) == len(self.labels) == len(self.ids):
            message = f"{len(self.symbols)} symbols, {len(self.labels)} labels and {len(self.ids)} ids were given"
            raise DataError(message, needed="one of each for every gene", todo="name every gene in all three ways")

    @classmethod
    def plain(cls, names: Sequence[str]) -> GeneNames:
        """Return genes that have one name only."""
        return cls(tuple(names), tuple(names), ("",) * len(names))

    @classmethod
    def of(cls, panel: NamedGenes) -> GeneNames:
        """Return the names of a panel."""
        return cls(tuple(panel.genes), tuple(panel.labels), tuple(panel.ids))

    @classmethod
    def of_record(cls, panel: Mapping[str, Any]) -> GeneNames:
        """Return the names in a run's ``panel.json``; earlier versions wrote no ids, and the first ones no symbols."""
        labels = tuple(panel.get("labels", ()))
        return cls(tuple(panel.get("genes") or labels), labels, tuple(panel.get("ids") or ("",) * len(labels)))


def shared_labels(networks: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """Choose one label for every gene of several networks, whatever the order in which they are given.

    The label that most networks use; in a draw the canonical symbol if it is among those, else the first in the
    alphabet. Two genes never share a label: where that would happen, both are called by their canonical symbols.

    Parameters
    ----------
    networks
        Canonical symbol -> label, one mapping a network.

    Returns
    -------
    dict
        Canonical symbol -> the label that is shown.
    """
    votes: dict[str, Counter[str]] = {}
    for labels in networks:
        for symbol, label in labels.items():
            votes.setdefault(symbol, Counter())[label] += 1
    chosen = {
        symbol: min(counted, key=lambda label: (-counted[label], label != symbol, label))
        for symbol, counted in sorted(votes.items())
    }
    while True:
        used = Counter(chosen.values())
        doubled = [symbol for symbol, label in chosen.items() if used[label] > 1 and label != symbol]
        if not doubled:
            return chosen
        chosen |= {symbol: symbol for symbol in doubled}

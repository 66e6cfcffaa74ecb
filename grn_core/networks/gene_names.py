"""The three names of a gene: what results show, the id in the user's data, and the symbol that it is matched by."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from grn_core.errors import DataError
from grn_core.genes import is_ensembl, symbols_of


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

    def labels_of(self, asked: Sequence[str]) -> tuple[str | None, ...]:
        """Return what results call genes that are named in any way; None for those that are not among these.

        Parameters
        ----------
        asked
            The label; else the id in the data, with or without its version, or the symbol, whatever their capitals;
            else any name of the same gene: an id or a symbol of human or mouse, an older or a common name.
        """
        labels = dict(zip(self.labels, self.labels, strict=True))
        if all(name in labels for name in asked):
            return tuple(asked)
        others: dict[str, str] = {}
        for names in (self.ids, self.symbols, self.labels):
            for name, label in zip(reversed(names), reversed(self.labels), strict=True):
                if name:
                    others[_bare(name)] = label
        by_symbol = dict(zip(self.symbols, self.labels, strict=True))
        named = [labels.get(name) or others.get(_bare(name)) for name in asked]
        rest = [place for place, label in enumerate(named) if label is None]
        if rest:
            for place, symbol in zip(rest, symbols_of([asked[place] for place in rest], common=True), strict=True):
                named[place] = by_symbol.get(symbol) if symbol else None
        return tuple(named)


def _bare(name: str) -> str:
    """Return a name in capitals, and an Ensembl id without its version."""
    upper = name.strip().upper()
    return upper.partition(".")[0] if is_ensembl(upper) else upper


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

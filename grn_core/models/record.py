"""What a foundation model is and how it is asked; reading it needs no torch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch.nn import Module

CONDITIONS = "conditions"
"""The readout that asks once under each of a model's conditions."""
OFFERS = ("value", "tangent", "attention", "embedding")
"""What a model can be asked for: gene values, their derivatives, attention weights, gene embeddings."""
WITHOUT_VALUES = ("attention", "embedding")


@dataclass(frozen=True)
class ModelRecord:
    """What a foundation model is and how it is asked.

    Attributes
    ----------
    name, title, family, description, licence, limits
        For menus and cards.
    n_parameters, n_genes
        Size of the network and of its vocabulary.
    units
        Units of values in words; `value_range` are the smallest and largest legal value.
    background
        Value of every gene that is not asked about (``v_b``).
    grid
        The levels of VVP and GDT, ascending.
    readouts, hiding_readouts, default_readout
        Outputs that can be read; those that hide the targets' values; the one used unless told otherwise.
    max_genes
        Most genes that the model was trained to read at once; None for any number.
    conditions
        What the model can be told about a cell beside its values: for compact the data set of pre-training. The readout
        `CONDITIONS` asks under each of them, and a pair's feature is as many times as long.
    offers
        What the model can be asked for, of `OFFERS`: that decides which extractors it can serve.
    unavailable
        Why it does not offer the others; empty if it offers all.
    width
        Length of a gene embedding; 0 where that is not known before the model is loaded.
    """

    name: str
    title: str
    family: str
    description: str
    licence: str
    limits: str
    n_parameters: int
    n_genes: int
    units: str
    value_range: tuple[float, float]
    background: float
    grid: tuple[float, ...]
    readouts: tuple[str, ...]
    hiding_readouts: tuple[str, ...]
    default_readout: str
    max_genes: int | None = None
    unavailable: str = ""
    conditions: tuple[str, ...] = ()
    offers: tuple[str, ...] = OFFERS
    width: int = 0

    @property
    def takes_values(self) -> bool:
        """Whether gene values go in and come out; a model that reads an order of genes takes none."""
        return "value" in self.offers

    def whole_cell_readout(self, readout: str = "") -> str | None:
        """The readout in which the model sees a whole cell: `readout` or the first that hides nothing; None without."""
        shown = [name for name in self.readouts if not self.hides_targets(name)]
        return readout if readout in shown else next(iter(shown), None)

    def hides_targets(self, readout: str) -> bool:
        """Whether the readout shows the model the source's value only."""
        return readout.split("/", maxsplit=1)[0] in self.hiding_readouts

    def members(self, readout: str) -> tuple[str, ...]:
        """What a readout reads, one after the other: itself, or ``conditions/0``, ``conditions/1``, ..."""
        if readout != CONDITIONS:
            return (readout,)
        return tuple(f"{CONDITIONS}/{number}" for number in range(len(self.conditions)))

    @classmethod
    def from_card(cls, card: Mapping[str, Any]) -> ModelRecord:
        """Take the record out of a model card.

        What the model offers is `offers_of` the card.
        """
        given = {field.name: card[field.name] for field in fields(cls) if field.name in card}
        given["offers"] = offers_of(card)
        plain: dict[str, Any] = {
            key: tuple(value) if isinstance(value, list) else value for key, value in given.items()
        }
        return cls(**plain)


@dataclass(frozen=True)
class ValueUnits:
    """What a model's values are: the fields of these names in a `ModelRecord`."""

    units: str
    value_range: tuple[float, float]
    background: float
    grid: tuple[float, ...]


def checkpoint_record(
    folder: Path,
    sha: str,
    network: Module,
    *,
    family: str,
    description: str,
    licence: str,
    limits: str,
    n_genes: int,
    values: ValueUnits,
    readouts: Iterable[str],
    default_readout: str,
    width: int,
    hiding_readouts: tuple[str, ...] = (),
    max_genes: int | None = None,
    part: str = "",
    offers: tuple[str, ...] = OFFERS,
    unavailable: str = "",
) -> ModelRecord:
    """Describe a checkpoint in a folder; its name carries the checksum of its weights, its title is the folder's name.

    Parameters
    ----------
    folder, sha, network
        Where it lies, the SHA-256 of its weights, and the network that holds them.
    part
        Which of several parts was read, for the name; empty for the usual one.
    family, description, licence, limits, n_genes, values, readouts, default_readout, width, hiding_readouts
        As of `ModelRecord`; `values` are its four fields on values.
    max_genes, offers, unavailable
        As of `ModelRecord`.
    """
    return ModelRecord(
        name=f"{family}:{sha[:12]}" + (f"-{part}" if part else ""),
        title=folder.resolve().name,
        family=family,
        description=description,
        licence=licence,
        limits=limits,
        n_parameters=sum(parameter.numel() for parameter in network.parameters()),
        n_genes=n_genes,
        units=values.units,
        value_range=values.value_range,
        background=values.background,
        grid=values.grid,
        readouts=tuple(readouts),
        hiding_readouts=hiding_readouts,
        default_readout=default_readout,
        max_genes=max_genes,
        unavailable=unavailable,
        offers=offers,
        width=width,
    )


def offers_of(card: Mapping[str, Any]) -> tuple[str, ...]:
    """What a model offers by its card; a card of before this was said names the extractors, none without values."""
    return tuple(card.get("offers") or (OFFERS if card.get("extractors", True) else WITHOUT_VALUES))

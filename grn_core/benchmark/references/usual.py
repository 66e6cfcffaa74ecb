"""What a translator is trained on, and reads, unless something else is named: what the default one was trained on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from grn_core.benchmark.references.called import beeline_parts, text_of
from grn_core.downloads.beeline import references_folder
from grn_core.extractors.registry import DEFAULT as READ
from grn_core.extractors.registry import extractors_of
from grn_core.translator.registry import DEFAULT, record_of

if TYPE_CHECKING:
    from grn_core.models.record import ModelRecord
    from grn_core.translator.record import TranslatorRecord

BUNDLED = "omnipath"
"""The network of known edges that is always here."""
USUAL_SEEDS = 5
"""Draws of negatives and of initial weights of a translator."""


@dataclass(frozen=True)
class Usual:
    """Networks that a translator is trained on by default.

    Attributes
    ----------
    references, beside
        Those that it learns from, and those that it knows beside, as `read_reference` names them.
    missing
        Names of the networks of the default translator that are not here: then the bundled one takes their place.
    """

    references: tuple[str, ...]
    beside: tuple[str, ...]
    missing: tuple[str, ...] = ()

    @property
    def in_words(self) -> str:
        """What is missing and what to do, a sentence; empty where nothing is."""
        if not self.missing:
            return ""
        return (
            f"OmniPath takes the place of {' and '.join(self.missing)}, not here: get it on Dataset (BEELINE) or by "
            "`data pull`."
        )

    @property
    def told(self) -> str:
        """What it learns from, and what it knows beside, in words."""
        beside = f", and knows {' and '.join(map(title_of, self.beside))} beside" if self.beside else ""
        return f"learns from {' and '.join(map(title_of, self.references))}{beside}"


def title_of(network: str) -> str:
    """Return what a network is called that the default translator was trained on, as `read_reference` names it."""
    if network == BUNDLED:
        return "OmniPath (bundled)"
    _, dataset, name, size = beeline_parts(network)
    return f"{name}, {dataset}, TFs+{size} (BEELINE)"


def usual_training() -> Usual:
    """Return the networks that the default translator was trained on, as far as they are here."""
    folder, own = references_folder(), _default().card["training"]
    texts = {str(one["reference"]): text_of(str(one["reference"]), folder) for one in own}
    missing = tuple(name for name, text in texts.items() if text is None)
    if missing:
        return Usual((BUNDLED,), (), missing)
    known = {name: text for name, text in texts.items() if text is not None}
    beside = [str(one["reference"]) for one in own if one.get("beside")]
    return Usual(
        tuple(text for name, text in known.items() if name not in beside), tuple(known[name] for name in beside)
    )


def usual_extractors(model: ModelRecord) -> tuple[str, ...]:
    """Return what the default translator asks together, of it what a model can serve; of none VVP and GDT."""
    return tuple(name for name in extractors_of(model) if name in _default().ensemble) or READ


def _default() -> TranslatorRecord:
    found = record_of(DEFAULT)
    if found is None:
        raise LookupError(DEFAULT)
    return found

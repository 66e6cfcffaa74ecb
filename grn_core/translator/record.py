"""What a translator is, by the card in its folder; reading it needs no torch."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from grn_core.errors import TranslatorError
from grn_core.extractors.registry import DEFAULT as PAPER
from grn_core.translator.card import NAME, learnt, read_card
from grn_core.translator.whole import check_whole

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class TranslatorRecord:
    """What a translator is.

    Attributes
    ----------
    name, title, description
        For menus.
    model, model_sha
        The foundation model whose features it reads: what it was called, and the SHA-256 of its network's tensors, by
        which it is known (`grn_core.models.registry.network_sha`).
    readout, extractors, seeds
        The readout whose features it reads, the extractors that it has learnt, the seeds it holds.
    card
        Everything else: training provenance, feature statistics, calibration, measured scores, limits.
    """

    name: str
    title: str
    description: str
    model: str
    model_sha: str
    readout: str
    extractors: tuple[str, ...]
    seeds: tuple[int, ...]
    card: dict[str, Any]

    @property
    def ensemble(self) -> tuple[str, ...]:
        """Extractors that are asked together unless others are named.

        What the card says; on one that says nothing the ensemble of the paper, or all it has learnt if it has not
        learnt that.
        """
        usual = tuple(sorted(PAPER if set(PAPER) <= set(self.extractors) else self.extractors))
        return tuple(self.card.get("ensemble") or usual)

    @property
    def tests_left_out(self) -> int:
        """Number of the reference networks it is tested on whose edges were left out of all that it knows."""
        return len(self.card.get("without", ()))


def record_in(folder: Path, name: str) -> TranslatorRecord:
    """Return the record of the translator in a folder; `TranslatorError` where it is damaged."""
    check_whole(folder)
    try:
        card = _card(folder, (folder / NAME).stat().st_mtime_ns)
        return TranslatorRecord(
            name=name,
            title=card["title"],
            description=card["description"],
            model=card["model"],
            model_sha=card["model_sha"],
            readout=card["readout"],
            extractors=tuple(learnt(card)),
            seeds=tuple(card["seeds"]),
            card=card,
        )
    except (OSError, ValueError, KeyError) as error:
        message = f"the card of the translator {name!r} cannot be read ({type(error).__name__}: {error})"
        raise TranslatorError(message, needed="the card.json of a translator", todo="restore its folder") from error


@lru_cache(maxsize=32)
def _card(folder: Path, _time: int) -> dict[str, Any]:
    return read_card(folder)

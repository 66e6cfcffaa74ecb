"""Which translators there are; reading it needs no torch."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from grn_core.errors import TranslatorError
from grn_core.settings import ASSETS

if TYPE_CHECKING:
    from grn_core.translator.apply import Translator


@dataclass(frozen=True)
class TranslatorRecord:
    """What a translator is.

    Attributes
    ----------
    name, title, description
        For menus.
    model, readout, kinds, seeds
        The foundation model and readout whose features it reads, the feature kinds, the seeds it holds.
    card
        Everything else: training provenance, feature statistics, calibration, measured scores, limits.
    """

    name: str
    title: str
    description: str
    model: str
    readout: str
    kinds: tuple[str, ...]
    seeds: tuple[int, ...]
    card: dict


@lru_cache(maxsize=1)
def _folders() -> dict[str, Path]:
    return {path.parent.name: path.parent for path in sorted((ASSETS / "translators").glob("*/card.json"))}


def folder_of(name: str) -> Path:
    """Folder of a bundled translator; `TranslatorError` if there is none of that name."""
    if name not in _folders():
        message = f"there is no translator {name!r}"
        raise TranslatorError(message, needed=f"one of {', '.join(_folders())}", todo="train one: train-translator")
    return _folders()[name]


@lru_cache(maxsize=8)
def _record(folder: Path) -> TranslatorRecord:
    card = json.loads((folder / "card.json").read_text(encoding="utf-8"))
    return TranslatorRecord(
        name=card["name"],
        title=card["title"],
        description=card["description"],
        model=card["model"],
        readout=card["readout"],
        kinds=tuple(card["kinds"]),
        seeds=tuple(card["seeds"]),
        card=card,
    )


def records() -> tuple[TranslatorRecord, ...]:
    """Records of all translators here."""
    return tuple(_record(folder) for folder in _folders().values())


@lru_cache(maxsize=8)
def translator_sha(name: str) -> str:
    """SHA-256 of a translator's weights."""
    return hashlib.sha256((folder_of(name) / "translator.safetensors").read_bytes()).hexdigest()


def load_translator(name: str) -> Translator:
    """Load a bundled translator by name, or the one in a folder."""
    from grn_core.translator.apply import Translator

    return Translator.load(Path(name) if Path(name).is_dir() else folder_of(name))

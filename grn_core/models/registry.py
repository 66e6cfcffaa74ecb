"""Which foundation models there are; nothing here loads one, and reading it needs no torch."""

from __future__ import annotations

import json
from dataclasses import MISSING, fields, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from grn_core.assets import asset
from grn_core.errors import ModelError
from grn_core.files import sha256_of
from grn_core.homes import within_reach
from grn_core.models.described import content_sha, description
from grn_core.models.digest import compact_digest
from grn_core.models.folders import registered
from grn_core.models.record import ModelRecord

_FIELDS = frozenset(field.name for field in fields(ModelRecord) if field.default is MISSING)


@lru_cache(maxsize=8)
def _card(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "card.json").read_text(encoding="utf-8"))
    return found


@lru_cache(maxsize=1)
def _folders() -> dict[str, Path]:
    return {path.parent.name: path.parent for path in sorted(asset("models").glob("*/card.json"))}


def folder_of(name: str | Path) -> Path:
    """Folder of a model.

    Parameters
    ----------
    name
        A bundled model, a name that was given to a checkpoint folder (`grn_core.models.folders`), or a folder.

    Raises
    ------
    ModelError
        If it is none of these.
    """
    if name in _folders():
        return _folders()[name]
    given = {record.name: record.folder for record in registered()}
    folder = given.get(str(name), Path(name).expanduser())
    if str(name).strip() and folder.is_dir() and (str(name) in given or within_reach(folder)):
        return folder.resolve()
    if str(name) in given:
        message = f"the folder of the model {str(name)!r} is gone: {folder}"
        raise ModelError(message, needed="the checkpoint where it was", todo="put it back, or add it from where it is")
    message = f"there is no foundation model {str(name)!r}"
    needed = f"one of {', '.join((*_folders(), *given))}, or the folder of a checkpoint"
    raise ModelError(message, needed=needed, todo="see `python -m grn_core models list`")


def is_bundled(name: str | Path) -> bool:
    """Whether a name is that of a bundled model."""
    return name in _folders()


def located(name: str) -> str:
    """Name of a model that means the same in every working folder: a path becomes absolute, another name stays."""
    known = name in _folders() or name in {record.name for record in registered()}
    return name if known or not name.strip() or not Path(name).expanduser().is_dir() else str(folder_of(name))


def records() -> tuple[ModelRecord, ...]:
    """Records of all models that can be loaded here, under the names that menus and requests use."""
    bundled = tuple(ModelRecord.from_card(_card(folder)) for folder in _folders().values())
    given = tuple(record_of(one.name) for one in registered() if one.folder.is_dir() and one.name not in _folders())
    return bundled + given


def record_of(name: str) -> ModelRecord:
    """Record of one model; a registered one has the name, title and licence that it was registered with."""
    given = next((one for one in registered() if one.name == name and name not in _folders()), None)
    if given is None:
        return ModelRecord.from_card(card(name))
    record = ModelRecord.from_card(given.card if set(given.card) >= _FIELDS else card(name))
    return replace(record, name=given.name, title=given.title, licence=given.licence or record.licence)


def card(name: str) -> dict[str, Any]:
    """The model card: the record; of a bundled model also training data, recipe, measured figures and limits.

    Of a checkpoint folder it is what the first load has found (`grn_core.models.described`).
    """
    folder = folder_of(name)
    if name in _folders():
        return _card(folder)
    left_out = ("vocabulary", "network_sha")
    return {key: value for key, value in description(folder).items() if key not in left_out} | {"title": folder.name}


def network_sha(name: str) -> str:
    """SHA-256 of the tensors of a model's network, by which translators know it, whatever it is called.

    As ``model_sha`` on a translator's card; of a model that was adapted to some cells it is that of its base.
    """
    known = _folders()
    return compact_digest(known[name]) if name in known else str(description(folder_of(name))["network_sha"])


def vocabulary(name: str) -> tuple[str, ...]:
    """Gene names of a model in the order of its ids."""
    return _bundled_vocabulary(name) if name in _folders() else tuple(description(folder_of(name))["vocabulary"])


@lru_cache(maxsize=8)
def _bundled_vocabulary(name: str) -> tuple[str, ...]:
    return tuple((folder_of(name) / "vocabulary.txt").read_text(encoding="utf-8").split())


def weights_sha(name: str) -> str:
    """SHA-256 of a bundled model's weights, or of all files of a checkpoint folder that decide what it answers."""
    return _bundled_sha(name) if name in _folders() else content_sha(folder_of(name))


@lru_cache(maxsize=8)
def _bundled_sha(name: str) -> str:
    return sha256_of(folder_of(name) / "model.safetensors")

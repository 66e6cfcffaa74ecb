"""What a checkpoint folder holds, known without torch: a hash of its content, and the card and the genes of its model.

Card and genes are those that the model has when it is loaded. They are kept under the home folder by the hash of
the content and of the code that reads it; who asks before the first load has it done in a process of its own.
"""

from __future__ import annotations

import hashlib
import sys
import time
from contextlib import suppress
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from grn_core.caches import made, used
from grn_core.files import sha256_of
from grn_core.models.families import family_of
from grn_core.models.reading.subprocess_query import answer, ask
from grn_core.settings import settings
from grn_core.sums import read_summed, write_summed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from grn_core.models.interface import FoundationModel

SUFFIXES = (".json", ".txt", ".tsv", ".pt", ".ckpt", ".bin", ".safetensors", ".pkl")
DICTIONARIES = "geneformer"
"""Folder of Geneformer's dictionaries, inside of the checkpoint's folder or beside it."""
FRESH_S = 2.0
"""A file that was written so short a time ago could change again without a new time: its hash is not kept."""


def content_sha(folder: Path) -> str:
    """SHA-256 of the names and the content of the files that decide what a checkpoint folder answers.

    The hash of a file is computed again when its size or time has changed.
    """
    folder = folder.resolve()
    memory = settings().home / "described" / f"{hashlib.sha256(str(folder).encode()).hexdigest()[:16]}.files.json"
    known, found, whole = read_summed(memory) or {}, {}, hashlib.sha256()
    if known:
        used(memory)
    for name, path in _files(folder):
        state = path.stat()
        entry = known.get(name)
        if entry is None or entry[:2] != [state.st_size, state.st_mtime_ns]:
            entry = [state.st_size, state.st_mtime_ns, sha256_of(path)]
        found[name] = entry
        whole.update(f"{name} {entry[2]}\n".encode())
    settled = {name: entry for name, entry in found.items() if time.time() - entry[1] / 1e9 > FRESH_S}
    if settled != known:
        write_summed(memory, settled)
    return whole.hexdigest()


def description(folder: Path) -> dict[str, Any]:
    """Card of the model in a folder: the fields of its `ModelRecord`, ``vocabulary``, its genes, and ``network_sha``.

    Raises
    ------
    ModelError
        If the folder holds no checkpoint that can be loaded; in the words of the loader.
    """
    path = _kept(folder)
    with suppress(ValueError):
        found = _described(path)
        used(path)
        return found
    if "torch" in sys.modules:
        _load(str(folder))
    else:
        ask("grn_core.models.described", str(folder))
    return _described(path)


def keep(folder: Path, model: FoundationModel) -> None:
    """Write down what a model that was just loaded from a folder is."""
    path = _kept(folder)
    if read_summed(path) is None:
        from grn_core.models.weights import base_digest

        write_summed(
            path, asdict(model.record) | {"network_sha": base_digest(model), "vocabulary": list(model.vocabulary)}
        )
        made(path)


@lru_cache(maxsize=8)
def _described(path: Path) -> dict[str, Any]:
    found = read_summed(path)
    if found is None:
        message = f"{path.name} is damaged or not there"
        raise ValueError(message)
    return found


def _kept(folder: Path) -> Path:
    return settings().home / "described" / f"{content_sha(folder)[:32]}-{_code()[:8]}.card.json"


@lru_cache(maxsize=1)
def _code() -> str:
    """Hash of the modules that make a record out of a folder, those of the families included."""
    sources = sorted(Path(__file__).parent.rglob("*.py"))
    return hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()


def _files(folder: Path) -> Iterator[tuple[str, Path]]:
    """The files and their names relative to the folder, in a fixed order."""
    found = [path for path in folder.iterdir() if path.is_file() and path.suffix in SUFFIXES]
    if (folder / "config.json").is_file():
        for place in (folder, folder.parent):
            found += [path for path in (place / DICTIONARIES).rglob("*.pkl") if path.is_file()]
    for path in sorted(found):
        inside = path.is_relative_to(folder)
        yield str(path.relative_to(folder if inside else folder.parent)), path


def _load(folder: str) -> dict[str, Any]:
    """Load a folder and keep its description; imports torch."""
    path = Path(folder)
    model = family_of(path).load(path, device="cpu", weights="pretrained", seed=0)
    keep(path, model)
    return {"name": model.record.name}


if __name__ == "__main__":
    sys.exit(answer(_load, *sys.argv[1:]))

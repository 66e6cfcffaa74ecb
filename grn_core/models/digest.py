"""What a network's tensors are known by, and that of a compact model's file; torch-free."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

STATISTICS = ("reference_mean", "reference_sd")
"""Tensors in a compact model's file that are none of its network."""


def digest_of(tensors: Iterable[tuple[str, bytes]]) -> str:
    """SHA-256 of the names and bytes of tensors, in the order of the names."""
    digest = hashlib.sha256()
    for name, content in sorted(tensors):
        digest.update(name.encode())
        digest.update(content)
    return digest.hexdigest()


@lru_cache(maxsize=8)
def compact_digest(folder: Path) -> str:
    """Return what `grn_core.models.weights.network_digest` says of the compact model in a folder that stays as it is.

    Raises
    ------
    OSError, safetensors.SafetensorError
        The file is missing or damaged.
    """
    from safetensors.numpy import load_file  # brings numpy; a digest of bytes does without

    found = load_file(folder / "model.safetensors")
    return digest_of((name, array.tobytes()) for name, array in found.items() if name not in STATISTICS)

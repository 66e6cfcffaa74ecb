"""What a training saves on its way, so that it goes on from there; taken only where it is whole."""

from __future__ import annotations

import pickle
import zipfile
from typing import TYPE_CHECKING, Any

import torch

from grn_core.files import write_atomic

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

DAMAGED = (OSError, ValueError, EOFError, KeyError, RuntimeError)
"""What readers raise on a damaged file; what zipfile raises on an unknown packing is a RuntimeError."""


def write_state(path: Path, content: Mapping[str, Any]) -> None:
    """Save tensors and JSON types by name, atomically."""
    write_atomic(path, lambda draft: torch.save(dict(content), draft))


def read_state(path: Path, names: Collection[str]) -> dict[str, Any] | None:
    """Return what `write_state` saved; None where there is nothing, it is damaged, or one of `names` is not there.

    torch does not look at the sums that the archive holds of its members: they are compared first.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            if archive.testzip() is not None:
                return None
        found = torch.load(path, weights_only=True)
    except (*DAMAGED, zipfile.BadZipFile, pickle.UnpicklingError):
        return None
    return found if isinstance(found, dict) and found.keys() >= set(names) else None

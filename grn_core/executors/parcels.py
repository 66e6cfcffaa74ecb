"""What goes to a worker and comes back: JSON and plain arrays, as bytes that are read without pickle."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

TOLD, NAMED = "arr_0", "array."
"""What numpy calls the JSON, which is given without a name, and what the names of arrays begin with."""


@dataclass(frozen=True, eq=False)
class Parcel:
    """Words and numbers.

    Attributes
    ----------
    told
        JSON types.
    arrays
        Arrays of numbers by name.
    """

    told: Mapping[str, Any] = field(default_factory=dict)
    arrays: Mapping[str, np.ndarray] = field(default_factory=dict)


def packed(parcel: Parcel) -> bytes:
    """Return a parcel as bytes: an ``.npz`` archive, in which the JSON is an array of bytes."""
    told = np.frombuffer(json.dumps(parcel.told, sort_keys=True).encode(), dtype=np.uint8)
    whole = io.BytesIO()
    arrays = {f"{NAMED}{name}": array for name, array in parcel.arrays.items()}
    np.savez(whole, told, allow_pickle=False, **arrays)
    return whole.getvalue()


def unpacked(content: bytes) -> Parcel:
    """Return what `packed` packed."""
    with np.load(io.BytesIO(content), allow_pickle=False) as found:
        told = json.loads(found[TOLD].tobytes())
        return Parcel(told, {name.removeprefix(NAMED): found[name] for name in found.files if name != TOLD})

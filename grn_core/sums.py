"""Sums by which damage is noticed: of a JSON file in the file itself, of other files in an index that names them.

They are xxh3, which is made to notice damage at ten times the speed of SHA-256, and no defence against whoever wants to
deceive: a record can be written by whoever can write its files.
"""

from __future__ import annotations

import json
import time
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import xxhash

from grn_core.files import LEFT, PIECE, read_json, state_of, write_atomic, write_json

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    import numpy as np

AGAIN_S = 600.0
LENGTH = 32
"""Characters of a sum."""
SUM = "sum"
"""Key under which a JSON file holds the sum of its other keys."""


def sum_of(content: Any) -> str:
    """Return the sum of JSON types, whatever the order of keys."""
    return xxhash.xxh3_128(json.dumps(content, sort_keys=True).encode()).hexdigest()


def sum_of_arrays(arrays: Iterable[np.ndarray]) -> str:
    """Return the sum of the values of some arrays, in their order."""
    import numpy as np

    whole = xxhash.xxh3_128()
    for array in arrays:
        whole.update(np.ascontiguousarray(array).data)
    return whole.hexdigest()


def write_summed(path: Path, content: Mapping[str, Any]) -> None:
    """Write a JSON object and its sum, atomically."""
    kept = {name: value for name, value in content.items() if name != SUM}
    write_json(path, {**kept, SUM: sum_of(kept)})


def read_summed(path: Path, *, unsummed: bool = False) -> dict[str, Any] | None:
    """Read what `write_summed` wrote, without the sum.

    Parameters
    ----------
    path
        The file.
    unsummed
        Whether an object without a sum is taken as it is: earlier versions wrote none. One whose sum stands under
        another name has one, the name of which is damaged.

    Returns
    -------
    dict or None
        None where there is no such file, or it is damaged.
    """
    found = read_json(path)
    if not isinstance(found, dict):
        return None
    told = found.pop(SUM, None)
    try:
        if told is None:
            return found if unsummed and not _sum_is_misnamed(found) else None
        return found if told == sum_of(found) else None
    except (ValueError, RecursionError):  # text that no file can hold
        return None


def _sum_is_misnamed(found: Mapping[str, Any]) -> bool:
    """Whether one of the keys holds the sum of the others."""
    likely = [name for name, value in found.items() if isinstance(value, str) and len(value) == LENGTH]
    return any(found[odd] == sum_of({name: found[name] for name in found if name != odd}) for odd in likely)


def keep_array(path: Path, array: np.ndarray) -> None:
    """Write an array as ``.npy`` with its sum behind it, atomically: a part of long work, for `kept_array`."""
    import numpy as np

    def save(draft: Path) -> None:
        with draft.open("wb") as file:
            np.save(file, array, allow_pickle=False)
        told = _sum_of_file(draft)
        with draft.open("ab") as file:
            file.write(told.encode())

    write_atomic(path, save)


def kept_array(
    path: Path, *, shape: tuple[int, ...] | None = None, dtype: type[np.generic] | None = None, mapped: bool = False
) -> np.ndarray | None:
    """Return what `keep_array` wrote; None where there is none, it is damaged, or another array.

    Parameters
    ----------
    path
        The file.
    shape, dtype
        Of the array that is wanted; None for any.
    mapped
        Whether it stays on the disk, read-only.
    """
    import numpy as np

    try:
        with path.open("rb") as file:
            file.seek(-LENGTH, 2)
            told = file.read()
        if told != _sum_of_file(path, without=LENGTH).encode():
            return None
        found: np.ndarray = np.load(path, mmap_mode="r" if mapped else None, allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None
    return found if shape in (None, found.shape) and (dtype is None or found.dtype == dtype) else None


def file_sum(path: Path, *, again: bool = True) -> str:
    """Return the sum of a file, which is read again where its `state_of` has changed.

    Parameters
    ----------
    path
        The file.
    again
        Whether it is also read again after `AGAIN_S` seconds: a disk that decays changes no state. Without, this
        process reads it once, and the next one again.
    """
    return _as_of(path, state_of(path), int(time.monotonic() // AGAIN_S) if again else 0)


def forget() -> None:
    """Read every file again at the next question, as a new process does."""
    _as_of.cache_clear()


def sums_below(folder: Path, *, leave: Collection[str] = ()) -> dict[str, str]:
    """Return the sums of the regular files of a folder and the folders in it, by name from the folder.

    Parameters
    ----------
    folder
        A folder.
    leave
        Files of the folder itself that are passed over. What is not whole yet always is.
    """
    found = {}
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        if path.is_file() and not path.is_symlink() and parts[0] not in leave and not any(map(LEFT.match, parts)):
            found["/".join(parts)] = file_sum(path)
    return found


def differing(folder: Path, sums: Mapping[str, str]) -> list[str]:
    """Return the names of `sums_below` whose files are absent, cannot be read or are not what they were."""
    return [name for name, told in sums.items() if _differs(folder / name, told)]


def _differs(path: Path, told: str) -> bool:
    try:
        return file_sum(path) != told
    except FileNotFoundError:
        return True


@lru_cache(maxsize=4096)
def _as_of(path: Path, _state: tuple[int, ...], _turn: int) -> str:
    return _sum_of_file(path)


def _sum_of_file(path: Path, *, without: int = 0) -> str:
    """Return the sum of a file, but for so many bytes at its end."""
    whole, left = xxhash.xxh3_128(), path.stat().st_size - without
    with path.open("rb") as file:
        while left > 0 and (piece := file.read(min(PIECE, left))):
            whole.update(piece)
            left -= len(piece)
    return whole.hexdigest()

"""Files of a checkpoint's folder, looked at before anything opens them. Torch-free."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NoReturn

from grn_core.errors import ModelError

POINTER = b"version https://git-lfs"
MOST_TEXT_MB = 64
MB = 1024**2


def plain_file(path: Path, *, most_mb: int | None = None) -> Path:
    """Return the path of a file that can be opened without harm.

    Parameters
    ----------
    path
        The file.
    most_mb
        The largest that it may be.

    Raises
    ------
    ModelError
        If there is none, it is no regular file (a pipe or a device never ends), a link leads out of its folder, it is a
        pointer of Git LFS, or it is larger.
    """
    if not path.is_file():
        found = "it is a folder, a pipe or a device" if path.exists() else "there is no such file"
        _refuse(path, f"cannot be read: {found}", "copy the original file")
    whole = path.resolve()
    if not whole.is_relative_to(_home_of(path)):
        _refuse(path, f"is a link to {whole}, out of its folder", "copy the file itself into the folder")
    try:
        with whole.open("rb") as file:
            start = file.read(len(POINTER))
    except OSError as error:
        _refuse(path, f"cannot be opened ({error.strerror})", "give this program the right to read it")
    if start == POINTER:
        _refuse(path, "is a pointer of Git LFS, not the file itself", "in the clone: git lfs pull")
    if most_mb is not None and (size := whole.stat().st_size) > most_mb * MB:
        _refuse(path, f"is {size / MB:,.0f} MB large, where {most_mb} MB are the most", "copy the original file")
    return path


def read_text(path: Path) -> str:
    """Read a file of text; `ModelError` if it is none."""
    try:
        return plain_file(path, most_mb=MOST_TEXT_MB).read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        message = f"{path} cannot be read as text"
        raise ModelError(message, needed="a checkpoint folder as published", todo="copy the original file") from error


def read_json(path: Path) -> dict[str, Any]:
    """Read a file that holds one JSON object; `ModelError` if it does not."""
    text = read_text(path)
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        reason = f"{error.msg} in line {error.lineno}" if isinstance(error, json.JSONDecodeError) else "nested too deep"
        message = f"{path} cannot be read as JSON ({reason})"
        raise ModelError(message, needed="a checkpoint folder as published", todo="copy the original file") from error
    if not isinstance(found, dict):
        message = f"{path} holds a {type(found).__name__}"
        raise ModelError(message, needed="a JSON object", todo="copy the original file")
    return found


def _home_of(path: Path) -> Path:
    """The folder that a link may lead to: that of the file, or the repository of the Hugging Face cache."""
    folder = path.parent.resolve()
    snapshots = next((one for one in (folder, *folder.parents) if one.name == "snapshots"), None)
    return folder if snapshots is None else snapshots.parent


def _refuse(path: Path, found: str, todo: str) -> NoReturn:
    message = f"{path} {found}"
    raise ModelError(message, needed="the files of a checkpoint as published", todo=todo)

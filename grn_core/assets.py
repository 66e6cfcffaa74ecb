"""Where the files lie that come with the software: model, translators, gene tables, measured results, icon, styles.

Every one of them is found through `asset`, so that only this module knows whether we run from a checkout, where they
lie in the folder ``assets`` beside the package, or from an installed wheel, which carries them as data of the package.
So it is with the dashboard, `app_script`.
"""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from grn_core.errors import RequestError
from grn_core.sums import differing, read_summed

if TYPE_CHECKING:
    from collections.abc import Sequence

SUMS = "sums.json"
"""Sums of the files that decide results or draw them, made by ``python -m scripts.make_docs``."""
SUMMED = ("benchmarks", "downloads", "genes", "hub", "measured", "models", "network", "networks", "translators")
"""Folders of these files."""
BESIDE = (".json", ".html")
"""Endings of those that lie beside the folders: measured figures, and the pages that a network is handed out in."""
PACKAGED = "_assets"
"""Folder of the assets inside the installed package (see ``pyproject.toml``)."""
APP = "_app"
"""Folder of the dashboard there: ``app.py``, ``pages`` and Streamlit's settings."""


@lru_cache(maxsize=8)
def _folder(package: Path) -> Path:
    installed, checkout = package / PACKAGED, package.parent / "assets"
    for folder in (installed, checkout):
        if folder.is_dir():
            return folder
    message = f"the files that come with the software lie neither in {installed} nor in {checkout}"
    raise RequestError(message, needed="a whole checkout, or the wheel", todo="install it again, or clone it again")


def asset(*parts: str) -> Path:
    """Return the path of a file or folder that comes with the software.

    Parameters
    ----------
    *parts
        Its place among the assets, a folder at a time: ``asset("models", "compact")``. Without any, the folder of all.

    Returns
    -------
    Path
        Absolute. What is asked for need not exist; the reader of it says so in its own words.

    Raises
    ------
    RequestError
        If there is no folder of assets at all, or what is asked for decides results, or draws them, and is not as it
        was released.
    """
    folder = _folder(Path(str(files("grn_core"))).resolve())
    if parts and (parts[0] in SUMMED or (parts[0].endswith(BESIDE) and parts[0] != SUMS)):
        _check(folder, parts)
    return folder.joinpath(*parts)


def app_script() -> Path:
    """Return the script of the dashboard, for Streamlit to run; ``pages`` lies beside it.

    Raises
    ------
    RequestError
        There is none.
    """
    package = Path(str(files("grn_core"))).resolve()
    installed, checkout = package / APP / "app.py", package.parent / "app.py"
    for script in (installed, checkout):
        if script.is_file():
            return script
    message = f"the dashboard lies neither in {installed} nor in {checkout}"
    raise RequestError(message, needed="a whole checkout, or the wheel", todo="install it again, or clone it again")


def damaged(folder: Path | None = None, parts: Sequence[str] = ()) -> list[str]:
    """Return the names of the files, all or those in `parts`, that are not as they were released."""
    folder = asset() if folder is None else folder
    place = "".join(f"{part}/" for part in parts)
    told = read_summed(folder / SUMS)
    if told is None:
        return [SUMS]
    return differing(folder, {name: sha for name, sha in told.items() if f"{name}/".startswith(place)})


@lru_cache(maxsize=512)
def _check(folder: Path, parts: tuple[str, ...]) -> None:
    """Hold what is asked for to its sums, once in a process."""
    if wrong := damaged(folder, parts):
        raise damaged_error(wrong)


def damaged_error(names: Sequence[str]) -> RequestError:
    """Return the error of files that came with the software and are not as they were."""
    message = f"{', '.join(names[:3])}{' and more' if len(names) > 3 else ''} of the software is damaged"
    todo = "install it again, or restore it by git; who changed it on purpose runs `python -m scripts.make_docs`"
    return RequestError(message, needed="the file as it was released", todo=todo)

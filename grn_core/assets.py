"""Where the files lie that come with the software: model, translators, gene tables, measured results, icon, styles.

Every one of them is found through `asset`, so that only this module knows whether we run from a checkout, where they
lie in the folder ``assets`` beside the package, or from an installed wheel, which carries them as data of the package.
"""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files
from pathlib import Path

from grn_core.errors import RequestError

PACKAGED = "_assets"
"""Folder of the assets inside the installed package (see ``pyproject.toml``)."""


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
        If there is no folder of assets at all.
    """
    return _folder(Path(str(files("grn_core"))).resolve()).joinpath(*parts)

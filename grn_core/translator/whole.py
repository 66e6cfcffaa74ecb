"""Whether the files of a translator that was trained here are as they were written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grn_core.assets import asset
from grn_core.errors import TranslatorError
from grn_core.sums import differing, read_summed, sums_below, write_summed

if TYPE_CHECKING:
    from pathlib import Path

SUMS = "sums.json"
"""Sums of the files of a translator."""
DESCRIBED = "README.md"


def write_sums(folder: Path) -> None:
    """Write the sums of what lies in the folder of a translator."""
    write_summed(folder / SUMS, {"files": sums_below(folder, leave=(SUMS, DESCRIBED))})


def check_whole(folder: Path) -> None:
    """Raise `TranslatorError` unless the files of a translator are as they were written.

    Those that ship have their sums elsewhere (`grn_core.assets`), those of earlier versions have none.
    """
    if (folder / SUMS).is_file() and asset("translators") not in folder.parents:
        told = read_summed(folder / SUMS)
        wrong = [SUMS] if told is None else differing(folder, told["files"])
        if wrong:
            message = f"the translator in {folder.name} is damaged: its {wrong[0]} is not as it was written"
            raise TranslatorError(message, needed="a whole translator", todo="train it again")

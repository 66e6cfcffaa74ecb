"""What reference networks are called: on a card, and where `read_reference` is told what to read."""

from __future__ import annotations

import re
from itertools import zip_longest
from typing import TYPE_CHECKING

from grn_core.errors import DataError

if TYPE_CHECKING:
    from pathlib import Path

BUNDLED = "omnipath"
BEELINE_SETS = ("500", "1000")
BEELINE_FORM = "beeline:FOLDER:DATASET:NETWORK[:1000]"
BEELINE_NAME = re.compile(r"(?P<dataset>\S+) (?P<network>\S+) TFs\+(?P<size>\d+)")


def text_of(name: str, folder: Path | None) -> str | None:
    """Return what `read_reference` reads, by the name of a reference on a card; None where it is not here."""
    match = BEELINE_NAME.fullmatch(name)
    if match is not None:
        file = f"{match['network']}_{match['dataset']}_TFsplus{match['size']}.tsv.gz"
        if folder is None or not (folder / file).is_file():
            return None
    return reference_text(name, str(folder))


def reference_text(name: str, folder: str) -> str | None:
    """Return what `read_reference` reads, by the name of a reference on a card; None of a user's own file."""
    if name.startswith("OmniPath"):
        return BUNDLED
    match = BEELINE_NAME.fullmatch(name)
    return match and f"beeline:{folder}:{match['dataset']}:{match['network']}:{match['size']}"


def beeline_parts(text: str) -> list[str]:
    """Return folder, data set, network and, where it is named, size of a ``beeline:`` reference of `read_reference`.

    Colons may stand in the folder, as they do behind the letter of a drive.

    Raises
    ------
    DataError
        One of them is not named.
    """
    parts = [part.strip() for part in text.split(":")[1:]]
    behind = 3 if parts[-1].isdigit() and len(parts) > 3 else 2
    head = max(1, len(parts) - behind)
    found = [":".join(parts[:head]).strip(":"), *parts[head:]]
    named = dict(zip_longest(("folder", "data set", "network"), found[:3], fillvalue=""))
    if lacking := [what for what, name in named.items() if not name]:
        message = f"the reference {text!r} names no {' and no '.join(lacking)}"
        raise DataError(message, needed=BEELINE_FORM, todo="name all three")
    return found

"""How a command of this software is typed into a fresh shell, so that it finds the same data as what shows it."""

from __future__ import annotations

import re
import shlex
import sys
from pathlib import Path

from grn_core.settings import FOLDERS, HOME, settings, variable

START = "python -m grn_core"
"""How sentences, documents and records write the beginning of a command: who reads them has a Python of their own."""
WRITTEN = re.compile(rf"(?<![\w/.]){re.escape(START)}(?![\w.])")
FOLDER = Path(__file__).resolve().parents[1]
"""The folder of this software, in which commands are typed."""


def here(text: str) -> str:
    """Return a text whose commands run as they stand, in a fresh shell in `FOLDER`.

    Parameters
    ----------
    text
        Of ours, with commands that begin with `START`.
    """
    return WRITTEN.sub(lambda _: start(), text)


def start() -> str:
    """Return what stands here for `START`: the Python that works now, behind the folders that it was told."""
    now, told = settings(), []
    usual = {"home": HOME, "models": now.installation / "models", "data": None}
    for name in FOLDERS:
        folder: Path | None = getattr(now, name)
        if folder is not None and folder != usual[name]:
            told.append(f"{variable(name)}={shlex.quote(str(folder.absolute()))}")
    return " ".join((*told, shlex.quote(_python()), *START.split()[1:]))


def _python() -> str:
    """Return the Python that works now: short where it is the folder's own."""
    name = Path(sys.executable).name
    own = FOLDER / ".venv" / "bin" / name
    if own.exists() and Path(sys.prefix).samefile(FOLDER / ".venv"):
        return str(own.relative_to(FOLDER))
    return sys.executable

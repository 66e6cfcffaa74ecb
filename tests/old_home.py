"""The data folder of an earlier version, unpacked."""

from __future__ import annotations

import tarfile
from pathlib import Path

HOMES = Path(__file__).resolve().parent / "fixtures" / "homes"


def unpack(folder: Path) -> Path:
    """Unpack what version 0.1.0 wrote into a folder, and return it."""
    with tarfile.open(HOMES / "0.1.0.tar.gz") as archive:
        archive.extraction_filter = getattr(tarfile, "tar_filter", None)  # 3.11.2 knows none, 3.12 asks for one
        archive.extractall(folder)
    return folder

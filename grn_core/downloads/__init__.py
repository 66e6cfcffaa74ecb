"""Datasets and reference networks by download from the public archives: resumed, checked, and never on import."""

from __future__ import annotations

from grn_core.downloads.beeline import references_folder
from grn_core.downloads.fetch import DifferentFileError
from grn_core.downloads.manifest import Archive, ArchiveDataset, archives, find_archive
from grn_core.downloads.store import Held, check, command, held, need, pull
from grn_core.downloads.transfer import Source

__all__ = [
    "Archive",
    "ArchiveDataset",
    "DifferentFileError",
    "Held",
    "Source",
    "archives",
    "check",
    "command",
    "find_archive",
    "held",
    "need",
    "pull",
    "references_folder",
]

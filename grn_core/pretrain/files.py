"""Which files a corpus has, and what is said of them; none is read."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from grn_core.errors import DataError
from grn_core.files import sha256_below
from grn_core.pretrain.sources import Source, source_of

PROFILES = "profiles"
"""What the folder of averages beside a corpus is called."""
MIN_CELLS = 60
MIN_PROFILES = 10
"""Fewest rows of a set of averages: each stands for many cells."""
FILES = "*.h5ad"
KINDS = ("cells", "profiles")
"""Single cells, and averages of cell types, tissues and cell lines."""


def corpus_files(folder: Path) -> list[Path]:
    """Files of a corpus; `DataError` if there is no such folder, or none in it."""
    paths = sorted(folder.glob(FILES))
    if not paths:
        message = f"{folder} has no .h5ad file" if folder.is_dir() else f"there is no folder {folder}"
        raise DataError(message, needed="a folder of count matrices", todo="name it with --corpus")
    return paths


def profiles_beside(folder: Path) -> Path | None:
    """Folder called ``profiles`` beside a corpus: the averages that belong to it; None if there is none."""
    found = folder.expanduser().absolute().parent / PROFILES
    return found if found.is_dir() and found != folder.expanduser().absolute() else None


def corpus_sha(folder: Path) -> str:
    """SHA-256 of a corpus: of its files and of the averages beside it, wherever they lie."""
    folder = folder.expanduser()
    beside = profiles_beside(folder)
    return " ".join(sha256_below(one, FILES) for one in (folder, beside) if one is not None)


@dataclass(frozen=True)
class CorpusFile:
    """A file of the corpus that is used.

    Attributes
    ----------
    path
        Where it is.
    kind
        Out of `KINDS`.
    source
        Study, repository and licence.
    least
        Rows that it must have.
    """

    path: Path
    kind: str
    source: Source
    least: int


def files_of(folder: Path, profiles: Path | None, *, stated_only: bool) -> list[CorpusFile]:
    """Return all files of a corpus and of the averages beside it, or those of sources whose terms are stated."""
    asked = [(path, KINDS[0], MIN_CELLS) for path in corpus_files(folder)]
    if profiles is not None:
        asked += [(path, KINDS[1], MIN_PROFILES) for path in corpus_files(profiles)]
    found = []
    for path, kind, least in asked:
        source = source_of(path)
        if source.licence or not stated_only:
            found.append(CorpusFile(path, kind, source, least))
    return found

"""Look at a checkpoint folder strictly: its format, files and tensors, what it offers, which genes it knows."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from grn_core.arguments import refuse_blank
from grn_core.errors import ModelError
from grn_core.homes import within_reach
from grn_core.hub.manifest import Checkpoint, checkpoints
from grn_core.hub.verify import verify
from grn_core.models.folders import FolderRecord, record_file, registered, write_record
from grn_core.progress import Progress, silent

if TYPE_CHECKING:
    from grn_core.models.record import ModelRecord


LEAST_KNOWN = 0.2
"""Share of a vocabulary that must be known gene names, or it is doubtful."""


@dataclass(frozen=True)
class Report:
    """What a checkpoint folder was found to be.

    Attributes
    ----------
    folder, format
        Where it is and the family that reads it.
    files
        Its files and their sizes in bytes.
    record
        What the model is and offers.
    coverage
        Set of genes -> how many of it the model knows, and how many there are.
    confirmed
        Files whose checksums are the published ones; empty for a checkpoint that is none of the published.
    warnings
        What is doubtful about it, in words.
    """

    folder: Path
    format: str
    files: dict[str, int]
    record: ModelRecord
    coverage: dict[str, tuple[int, int]]
    confirmed: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def check(target: str | Path, progress: Progress = silent) -> Report:
    """Check a checkpoint: load it as strictly as an inference does, on the CPU.

    Parameters
    ----------
    target
        A folder, a registered or bundled name, or the name of a published checkpoint whose files are in their place.
    progress
        Told of the stages ``verify`` (in bytes) and ``check``.

    Returns
    -------
    Report

    Raises
    ------
    ModelError
        If there is no such folder, its format is none of ours, a file or tensor is missing, surplus or of another
        shape, or a checksum differs from the stated one.
    """
    folder, known = _find(target)
    return _report(folder, known, progress)


def add(
    folder: str | Path, *, name: str = "", title: str = "", source: str = "", progress: Progress = silent
) -> FolderRecord:
    """Check a folder and enter it in the list, so that its name stands for it wherever a model is chosen.

    Parameters
    ----------
    folder
        Holds a checkpoint in a published format; it stays where it is.
    name, title
        For menus; made from the folder's name if both are empty. The name of a published checkpoint says that it is
        that one: its checksums are then compared.
    source
        Name in the manifest, when it was downloaded.
    progress
        As in `check`.

    Raises
    ------
    ModelError
        As in `check`; or if the name is taken or cannot be one.
    """
    folder = Path(refuse_blank(str(folder))).expanduser().resolve()
    given, name = name, name or name_for(folder)
    known = next((known for known in checkpoints() if known.name == name), None)
    recognise(folder, name=name)
    report = _report(_inner(folder, known), known, progress)
    record = FolderRecord(
        name=name,
        title=title or (known.title if known else given or folder.name),
        folder=report.folder,
        format=report.format,
        licence=known.licence if known else report.record.licence,
        source=source,
        card=json.loads(json.dumps(asdict(report.record) | {"coverage": report.coverage, "warnings": report.warnings})),
    )
    write_record(record)
    return record


def name_for(folder: str | Path) -> str:
    """Name made from a folder's: small letters, digits, dots, dashes and underscores."""
    return re.sub(r"[^a-z0-9._-]+", "-", Path(folder).name.lower()).strip("-._")


def recognise(folder: str | Path, *, name: str) -> str:
    """Say at a glance whether `add` could take a folder; torch-free.

    Returns
    -------
    str
        Its format.

    Raises
    ------
    ModelError
        If there is no such folder, the name is taken or cannot be one, or the format is none of ours.
    """
    from grn_core.models.families import family_of
    from grn_core.models.registry import records

    folder = Path(refuse_blank(str(folder))).expanduser()
    if not within_reach(folder):
        message = f"the folder {folder} cannot be read in your name"
        raise ModelError(message, needed="a model of this installation", todo="ask who runs it to add the folder")
    if not folder.is_dir():
        message = f"there is no folder {folder}"
        raise ModelError(message, needed="a folder on the machine that runs GRN Studio", todo="correct the path")
    record_file(name)
    folder = folder.resolve()
    other = next((record for record in registered() if record.name == name), None)
    taken = {record.name for record in records()} - {record.name for record in registered()}
    if name in taken or (other is not None and folder not in (other.folder, *other.folder.parents)):
        message = f"the name {name!r} is taken" + (f" by {other.folder}" if other else "")
        raise ModelError(message, needed="a name of its own", todo="choose another, or take that one off the list")
    return family_of(_inner(folder, next((known for known in checkpoints() if known.name == name), None))).name


def coverage(vocabulary: tuple[str, ...]) -> dict[str, tuple[int, int]]:
    """How many human genes, human TFs and mouse TFs (through 1:1 orthologs) a vocabulary holds, and of how many."""
    from grn_core.genes import human_symbols, human_tfs_of, tf_list
    from grn_core.genes.tables import human_aliases

    aliases, symbols = human_aliases(), human_symbols()
    known = frozenset(name if name in symbols else aliases.get(name, name) for name in vocabulary)
    sets = {
        "human genes": (symbols, len(symbols)),
        "human TFs": (human_tfs_of("human"), len(tf_list("human"))),
        "mouse TFs, through orthologs": (human_tfs_of("mouse"), len(tf_list("mouse"))),
    }
    return {name: (len(known & genes), total) for name, (genes, total) in sets.items()}


def doubts(vocabulary: tuple[str, ...]) -> tuple[str, ...]:
    """Say that hardly any name of a vocabulary is a gene's, where that is so."""
    from grn_core.genes import human_symbols
    from grn_core.genes.tables import human_aliases

    known = sum(name in human_symbols() or name in human_aliases() for name in vocabulary)
    if known >= LEAST_KNOWN * max(len(vocabulary), 1):
        return ()
    share = f"{known:,} of the {len(vocabulary):,} names of its vocabulary"
    return (f"Only {share} are genes that are known: it may be of another model, or of another species.",)


def stamp(folder: str | Path) -> str:
    """Names, sizes and times of a folder's files as one hash: changes when a file is exchanged; torch-free."""
    found = sorted(
        (path.name, path.stat().st_size, path.stat().st_mtime_ns)
        for path in Path(folder).expanduser().glob("*")
        if path.is_file()
    )
    return hashlib.sha256(repr(found).encode()).hexdigest()


def _report(folder: Path, known: Checkpoint | None, progress: Progress) -> Report:
    confirmed: tuple[str, ...] = ()
    if known is not None:
        found = verify(known, _root(known, folder), progress)
        confirmed = tuple(file.name for file in known.files if file.sha256 == found[file.name])
    progress("check", 0, 1)
    from grn_core.models.families import family_of
    from grn_core.models.load import load_model

    family = family_of(folder).name
    if known is not None and family != known.format:
        message = f"{folder} holds a checkpoint of {family}"
        raise ModelError(message, needed=f"one of {known.format}, as {known.title} is", todo="give it another name")
    model = load_model(folder, device="cpu")
    progress("check", 1, 1)
    known_genes, warnings = coverage(model.vocabulary), doubts(model.vocabulary)
    return Report(folder, family, _files(folder), model.record, known_genes, confirmed, warnings)


def _root(known: Checkpoint, folder: Path) -> Path:
    """The folder that the manifest's file names begin in."""
    return folder.parent if known.loads and folder.name == known.loads else folder


def _find(target: str | Path) -> tuple[Path, Checkpoint | None]:
    """Folder to load, and the published checkpoint that it is said to be."""
    from grn_core.models.registry import folder_of

    published = {known.name: known for known in checkpoints()}
    named = {record.name: record for record in registered()}
    if str(target) in named:
        record = named[str(target)]
        return record.folder, published.get(record.name)
    if str(target) in published:
        known = published[str(target)]
        return known.folder / known.loads, known
    if (folder := Path(refuse_blank(str(target))).expanduser()).is_dir():
        return folder.resolve(), None
    if isinstance(target, str) and "/" not in target:
        return folder_of(target), None
    message = f"there is no folder {target}"
    raise ModelError(message, needed="a folder on this machine, or a name", todo="see `python -m grn_core models list`")


def _inner(folder: Path, known: Checkpoint | None) -> Path:
    """The folder to load, of a published checkpoint that was placed with its repository's folders."""
    inner = folder / known.loads if known else folder
    return inner if inner.is_dir() else folder


def _files(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_size for path in sorted(folder.iterdir()) if path.is_file()}

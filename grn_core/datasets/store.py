"""Uploads: checked before they are kept, kept once by content."""

from __future__ import annotations

import hashlib
import re
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from grn_core.damaged_records import UPLOADS, check_place, keep_record, read_record
from grn_core.datasets.questions import refuse_open_questions
from grn_core.datasets.read_as import FROM_THE_FILE, ReadAs
from grn_core.datasets.readers import describe_file, plain_name
from grn_core.disk import check_room
from grn_core.errors import DataError
from grn_core.files import part_folder, remove_left
from grn_core.settings import settings
from grn_core.sums import file_sum

CHUNK = 1024**2
REF = re.compile(r"upload-[0-9a-f]{12}")


@dataclass(frozen=True)
class Upload:
    """Record of one upload, kept as JSON beside its file.

    Attributes
    ----------
    ref, title, filename, file
        Short name, title, the name it came with, and its name in the uploads folder.
    species, species_given
        Species of the genes, and the user's word on it (None: found from the names).
    values_given, matrix_given, orientation_given, name_column_given, decimal_given
        The user's word on the rest, as in `read` (None: told from the file).
    n_cells, n_genes, n_bytes, sha256, created
        Size, hash of the file, and UTC time of the upload.
    asks
        What of the reading is not confirmed, names of options of `read`, separated by blanks; ``""`` where nothing is.
    answered_by
        The upload that the user's answer has made of this one; ``""`` where there is none.
    content
        Sum of the file (`grn_core.sums`); ``""`` in records of earlier versions.
    """

    ref: str
    title: str
    filename: str
    file: str
    species: str
    species_given: str | None
    n_cells: int
    n_genes: int
    n_bytes: int
    sha256: str
    created: str
    values_given: str | None = None
    matrix_given: str | None = None
    orientation_given: str | None = None
    name_column_given: str | None = None
    decimal_given: str | None = None
    asks: str = ""
    answered_by: str = ""
    content: str = ""

    @property
    def read_as(self) -> ReadAs:
        """The user's word on the file."""
        return ReadAs(
            species=self.species_given,
            values=self.values_given,
            matrix=self.matrix_given,
            orientation=self.orientation_given,
            name_column=self.name_column_given,
            decimal=self.decimal_given,
        )


def store_upload(
    filename: str,
    fileobj: BinaryIO,
    *,
    read_as: ReadAs = FROM_THE_FILE,
    title: str | None = None,
    trust_guess: bool = True,
) -> str:
    """Spool an upload to disk, check that it can be read, and only then keep it.

    Parameters
    ----------
    filename
        The name that the user's file has; only its suffix is used on disk.
    fileobj
        Readable binary stream; read in chunks, so that memory does not grow with the file.
    read_as
        The user's word on the file; the same content with another word is another upload.
    title, trust_guess
        As in `read`.

    Returns
    -------
    str
        ``upload-<first 12 hex of the hash>``, for `load`. The same content gives the same name and is kept once; where
        the user has answered what it left open, the name of what the answer has made of it.

    Raises
    ------
    DataError, GeneError
        If the file is too large or cannot be read, or leaves a question open without `trust_guess`; nothing is kept.
    """
    folder = settings().uploads
    folder.mkdir(parents=True, exist_ok=True)
    name = re.sub(r"[^\w.+ -]", "_", Path(filename.replace("\\", "/")).name)[-60:].strip(". ") or "upload"
    with part_folder(folder) as place:
        part = place / name
        with part.open("wb") as out:
            sha, n_bytes = _spool(fileobj, out, salt=_salt(read_as))
        check_room(n_bytes, written=True)
        ref = f"upload-{sha[:12]}"
        check_place(UPLOADS, folder / f"{ref}.json")
        known = find_upload(ref, folder)
        if known is not None and is_whole(known, folder) and (trust_guess or not known.asks or known.answered_by):
            keep_record(UPLOADS, folder / f"{ref}.json", asdict(replace(known, created=_now())))  # it is used again
            return _answered(known, folder)
        dataset = describe_file(part, read_as=read_as, title=title or plain_name(name))
        if not trust_guess:
            refuse_open_questions(dataset)
        upload = Upload(
            ref=ref,
            title=dataset.title,
            filename=name,
            file=sha[:12] + name.lower().removeprefix(plain_name(name).lower()),
            species=dataset.match.species,
            species_given=read_as.species,
            n_cells=dataset.n_cells,
            n_genes=dataset.n_genes,
            n_bytes=n_bytes,
            sha256=sha,
            created=_now(),
            values_given=read_as.values,
            matrix_given=read_as.matrix,
            orientation_given=read_as.orientation,
            name_column_given=read_as.name_column,
            decimal_given=read_as.decimal,
            asks=" ".join(one.about for one in dataset.reading.questions),
            content=file_sum(part),
        )
        part.replace(folder / upload.file)
        keep_record(UPLOADS, folder / f"{ref}.json", asdict(upload))
    return ref


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def note_answer(ref: str, answer: str) -> None:
    """Note that the answer to what an upload leaves open has made another upload of it, which takes its place."""
    folder = settings().uploads
    upload = find_upload(ref, folder)
    if upload is not None and upload.asks and answer != ref:
        keep_record(UPLOADS, folder / f"{ref}.json", asdict(replace(upload, answered_by=answer)))


def answers_to(ref: str) -> ReadAs:
    """Return the user's word on an upload, with what was answered since to the questions that it left open."""
    folder = settings().uploads
    upload = find_upload(ref, folder)
    last = None if upload is None else find_upload(_answered(upload, folder), folder)
    return FROM_THE_FILE if last is None else last.read_as


def _answered(upload: Upload, folder: Path) -> str:
    """Return the ref of an upload, or of the last one that answers have made of it."""
    seen = {upload.ref}
    while (answer := find_upload(upload.answered_by, folder)) is not None and answer.ref not in seen:
        upload = answer
        seen.add(answer.ref)
    return upload.ref


def _salt(read_as: ReadAs) -> str:
    """Text that makes the same content another upload where another word was said; that of old uploads stays theirs."""
    words = read_as.said
    told = words.pop("species", "") + (f" {words.pop('values')}" if "values" in words else "")
    return told + "".join(f" {name}={word}" for name, word in words.items())


def _spool(fileobj: BinaryIO, out: BinaryIO, *, salt: str) -> tuple[str, int]:
    """Copy in chunks while hashing; refuse more than the settings allow."""
    most = settings().max_upload_mb * 1024**2
    digest, n_bytes = hashlib.sha256(salt.encode()), 0
    while chunk := fileobj.read(CHUNK):
        n_bytes += len(chunk)
        if n_bytes > most:
            message = f"the file is larger than {settings().max_upload_mb:,} MB"
            todo = "draw fewer cells, or put the file on the server and read it there, or set GRN_MAX_UPLOAD_MB"
            raise DataError(message, needed=f"at most {settings().max_upload_mb:,} MB", todo=todo)
        digest.update(chunk)
        out.write(chunk)
    return digest.hexdigest(), n_bytes


def find_upload(ref: str, folder: Path) -> Upload | None:
    """Return the record of an upload whose file is there; None where there is none, or it is damaged."""
    if not REF.fullmatch(ref):
        return None
    try:
        found = read_record(UPLOADS, folder / f"{ref}.json") or {}
        upload = Upload(**{one.name: found[one.name] for one in fields(Upload) if one.name in found})
        return upload if (folder / upload.file).is_file() else None
    except TypeError:
        return None


def is_whole(upload: Upload, folder: Path) -> bool:
    """Whether the file of an upload is as it came; each process reads it once, unless somebody writes to it."""
    return not upload.content or file_sum(folder / upload.file, again=False) == upload.content


def species_found(ref: str) -> str:
    """Return the species that the names of an upload said when it was read without the user's word; "" if never."""
    folder = settings().uploads
    upload = find_upload(ref, folder)
    if upload is None:
        return ""
    same = (find_upload(path.stem, folder) for path in sorted(folder.glob("upload-*.json")))
    alike = (one for one in same if one and (one.filename, one.n_bytes) == (upload.filename, upload.n_bytes))
    return next((one.species for one in alike if one.species_given is None), "")


def list_uploads() -> list[Upload]:
    """Return the uploads that are there, newest first, without those whose questions were answered."""
    folder = settings().uploads
    remove_left(folder)
    found = (find_upload(path.stem, folder) for path in folder.glob("upload-*.json"))
    open_ = [upload for upload in found if upload is not None and _answered(upload, folder) == upload.ref]
    return sorted(open_, key=lambda upload: (upload.created, upload.ref), reverse=True)

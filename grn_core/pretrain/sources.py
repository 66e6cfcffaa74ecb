"""Where a file of a corpus is from and on what terms: read from the tables and notes that lie beside it."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grn_core.datasets.checks import damaged_as_data_error
from grn_core.datasets.formats.look_over import check_hdf5
from grn_core.datasets.isolation import read_apart
from grn_core.errors import DataError
from grn_core.files import read_json, write_json

OF_BEELINE = ("GSE75748", "GSE81252", "GSE48968", "GSE98664", "GSE81682")
"""Accessions of the data sets of BEELINE: a model that has seen them cannot be tested on them."""
READER = "grn_core.pretrain.sources"
TEXTS = "texts.json"
LABELS = "_categories"
LONGEST = 10_000
NOT_STATED = ""
POINTER = "see obs."
"""How a table says that the studies stand in the file itself, row for row."""
FIELDS = {
    "study": ("study", "accession", "original study / accession"),
    "repository": ("repository", "public repository", "repo"),
    "licence": ("licence", "license", "repository licence"),
}
"""What is read, and what tables and notes call it."""


@dataclass(frozen=True)
class Source:
    """Where a data set is from.

    Attributes
    ----------
    study
        Study and accessions in words.
    repository
        Where the file was taken from.
    licence
        As stated there; `NOT_STATED` if nothing is.
    """

    study: str = ""
    repository: str = ""
    licence: str = NOT_STATED

    @property
    def accessions(self) -> frozenset[str]:
        """Accessions that study and repository name."""
        return frozenset(re.findall(r"\b(?:GSE\d+|E-MTAB-\d+|SRP\d+)\b", f"{self.study} {self.repository}"))


def source_of(path: Path) -> Source:
    """Read what is said of a file of a corpus, and refuse a data set of BEELINE.

    Tables are ``MANIFEST*.csv`` in its folder and the one above, with a column ``file`` or ``name``; notes are
    ``NAME.txt`` and ``NAME.provenance.txt`` beside it, lines of ``key: value``. A table goes before a note. Remarks are
    not read: they may name what a data set is not.

    Parameters
    ----------
    path
        The .h5ad file.

    Raises
    ------
    DataError
        The study, the repository or a column of ``obs`` names an accession of `OF_BEELINE`; or the file is damaged.
    """
    said: dict[str, str] = {}
    for found in (_in_tables(path), *(_in_note(note) for note in _notes(path))):
        for field, names in FIELDS.items():
            text = next((found[name].strip() for name in names if found.get(name, "").strip()), "")
            said[field] = said.get(field) or ("" if text.lower().startswith("not stated") else text)
    texts = _texts_of(path)
    if said["study"].startswith(POINTER):
        said["study"] = "; ".join(sorted({text for name in ("study", "citation") for text in _column(texts, name)}))
    source = Source(study=said["study"], repository=said["repository"], licence=said["licence"])
    inside = frozenset(one for one in OF_BEELINE if any(one in text for column in texts.values() for text in column))
    seen = sorted((source.accessions | inside) & set(OF_BEELINE))
    if seen:
        message = f"{path.name} is of {', '.join(seen)}, a data set of BEELINE"
        needed = "a corpus without them, or the model would be tested on what it has seen"
        raise DataError(message, needed=needed, todo="take the file out of the corpus folder")
    return source


def _in_tables(path: Path) -> dict[str, str]:
    for folder in (path.parent, path.parent.parent):
        for table in sorted(folder.glob("MANIFEST*.csv")):
            with damaged_as_data_error(table, "table of sources"), table.open(encoding="utf-8", newline="") as lines:
                for row in csv.DictReader(lines):
                    if Path(row.get("file") or row.get("name") or "").name.removesuffix(".h5ad") == path.stem:
                        return {name: value or "" for name, value in row.items() if isinstance(name, str)}
    return {}


def _notes(path: Path) -> list[Path]:
    names = (f"{path.stem}.txt", f"{path.stem}.provenance.txt")
    return [path.with_name(name) for name in names if path.with_name(name).is_file()]


def _in_note(note: Path) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in note.read_text(encoding="utf-8", errors="replace").splitlines():
        key, colon, value = line.partition(":")
        if colon and len(key) < 40:
            found.setdefault(key.strip().lower(), value.strip())
    return found


def _column(texts: Mapping[str, frozenset[str]], name: str) -> frozenset[str]:
    """Texts of a column of ``obs``; none where it has no such column."""
    return frozenset(text for text in texts.get(name, ()) if text and text != "nan")


def _texts_of(path: Path) -> dict[str, frozenset[str]]:
    """Different texts of each column of ``obs``; the file is read in a process of its own."""
    found = read_apart(path, reader=READER, options={}, load=lambda folder: read_json(folder / TEXTS))
    return {str(name): frozenset(map(str, texts)) for name, texts in found.items()}


def read_into(path: Path, folder: Path, options: Mapping[str, Any]) -> None:  # noqa: ARG001
    """Read the texts of ``obs`` in the reader's process, and write them."""
    import h5py

    with damaged_as_data_error(path, ".h5ad file"):
        check_hdf5(path)
        with h5py.File(path, "r") as file:
            columns = _columns(file)
            found = {name: sorted({text[:LONGEST] for text in _texts(column)}) for name, column in columns.items()}
    write_json(folder / TEXTS, found)


def _columns(file: Any) -> dict[str, Any]:
    """Return the columns of ``obs`` as any version of anndata has written them, (name -> HDF5 item or array)."""
    obs, older = file["obs"], file.get("uns", {})
    if getattr(obs, "dtype", None) is not None and obs.dtype.names:  # before 0.7: one table, its labels under uns
        labels = {name.removesuffix(LABELS): older[name] for name in older if name.endswith(LABELS)}
        return labels | {name: obs[name] for name in obs.dtype.names if obs.dtype[name].kind in "SO"}
    return {**obs, **obs.get("__categories", {})} if hasattr(obs, "get") else {}


def _texts(item: Any) -> Iterator[str]:
    """Yield the texts of an HDF5 item or array: of a group, as of categories or of text with gaps, all below it."""
    import h5py

    if isinstance(item, h5py.Group):
        for below in item.values():
            yield from _texts(below)
    elif item.dtype.kind in "SO":
        found = (value.decode("utf-8", "replace") if isinstance(value, bytes) else value for value in item[...].flat)
        yield from (value for value in found if isinstance(value, str))

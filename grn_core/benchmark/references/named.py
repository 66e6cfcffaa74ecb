"""References by a name: those that ship, a user's own, or a file."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, replace
from pathlib import Path

from grn_core.assets import asset
from grn_core.benchmark.references.curated import truth_of
from grn_core.benchmark.references.reference import Reference, read_reference
from grn_core.benchmark.references.uploads import RUN, read_upload, reference_path, store_reference, uploaded
from grn_core.datasets.curated import MODELS
from grn_core.errors import DataError
from grn_core.files import sha256_of


def named_reference(name: str) -> Reference:
    """Return a reference that ships with the product, in human symbols: ``omnipath``, or a curated Boolean model.

    Raises
    ------
    DataError
        There is none of that name.
    """
    if name == "omnipath":
        return read_reference(name)
    if name not in MODELS:
        message = f"there is no reference {name!r} here"
        raise DataError(message, needed=f"omnipath or one of {', '.join(MODELS)}", todo="choose another, or upload one")
    truth = truth_of(name)
    return replace(truth, name=f"{name}, curated truth", edges=truth.edges[["source", "target"]].drop_duplicates())


def any_reference(text: str) -> Reference:
    """Return the reference that `text` names: one that ships, a user's upload or import, or the path of an edge list.

    Raises
    ------
    DataError
        There is none, or it cannot be read.
    """
    if text == "omnipath" or text in MODELS:
        return named_reference(text)
    return read_upload(text) if text in uploaded() else read_reference(text)


def kept_reference(text: str) -> str:
    """Return the name of the reference that `text` names as of `any_reference`; a file is kept here and has one then.

    Raises
    ------
    DataError
        There is none, or it cannot be read.
    """
    found = reference_there(text)
    if isinstance(found, str):
        return found
    with found.open("rb") as content:
        return store_reference(found.name, content)


def reference_there(text: str) -> str | Path:
    """Return the name of a reference that ships or is kept here, or the path of the file that `text` names.

    Raises
    ------
    DataError
        There is none.
    """
    if text == "omnipath" or text in MODELS or text in uploaded():
        return text
    path = Path(text).expanduser()
    if not path.is_file():
        message = f"there is no reference network {text!r}"
        needed = f"omnipath, one of {', '.join(MODELS)}, one that was uploaded, or the path of an edge list"
        raise DataError(message, needed=needed, todo="check the name or the path")
    return path


def reference_sha(name: str) -> str:
    """Return the hash of what a name of `kept_reference` means; the id of a run is the hash of what it holds.

    Raises
    ------
    DataError
        There is none of that name here.
    """
    if name == "omnipath":
        return sha256_of(asset("networks", "omnipath_human.tsv.gz"))
    if name in MODELS:
        return hashlib.sha256(json.dumps(asdict(MODELS[name]), sort_keys=True).encode()).hexdigest()
    path = reference_path(name)
    return name if RUN.fullmatch(name) else sha256_of(path)

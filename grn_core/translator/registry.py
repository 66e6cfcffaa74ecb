"""Which translators there are; reading it needs no torch."""

from __future__ import annotations

import re
import shlex
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from grn_core.assets import asset
from grn_core.errors import TranslatorError
from grn_core.files import sha256_below, sha256_of
from grn_core.homes import within_reach
from grn_core.settings import settings
from grn_core.translator.record import TranslatorRecord, record_in

if TYPE_CHECKING:
    from collections.abc import Sequence

    from grn_core.translator.translator import Translator

DEFAULT = "beeline-hesc-string-omnipath"
FOR_CELLS = "beeline-hesc-string-plain"
"""What is taken where the user's cells are the background."""
SHOWING = " (for the background 'context', in a readout that shows the model the other genes)"
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@lru_cache(maxsize=1)
def _bundled() -> dict[str, Path]:
    return {path.parent.name: path.parent for path in sorted(asset("translators").glob("*/card.json"))}


def _folders() -> dict[str, Path]:
    """Bundled translators, then those that were trained here: a user's own before those of the installation."""
    now = settings()
    places = dict.fromkeys((now.installation, now.home))
    own = [path for home in places for path in sorted((home / "translators").glob("*/card.json"))]
    return {**{path.parent.name: path.parent for path in own}, **_bundled()}


def own_folder(name: str) -> Path:
    """Folder for a translator that is trained here, under the home folder.

    Raises
    ------
    TranslatorError
        If the name belongs to a bundled translator or cannot be one.
    """
    if name in _bundled() or not NAME.fullmatch(name):
        message = f"{name!r} is the name of a bundled translator" if name in _bundled() else f"{name!r} is no name"
        needed = "letters, digits, dots, dashes and underscores, at most 64, and no bundled name"
        raise TranslatorError(message, needed=needed, todo="choose another name")
    return settings().home / "translators" / name


def folder_of(name: str) -> Path:
    """Folder of a translator that is bundled or was trained here, or the folder that `name` itself is.

    Raises
    ------
    TranslatorError
        If there is none.
    """
    known = _folders()
    if name in known:
        return known[name]
    folder = Path(name).expanduser()
    if name.strip() and (folder / "card.json").is_file() and within_reach(folder):
        return folder.resolve()
    message = f"there is no translator {name!r}"
    raise TranslatorError(message, needed=f"one of {', '.join(known)}", todo="train one: train-translator")


def located(name: str) -> str:
    """Name of a translator that means the same in every working folder: a path becomes absolute, another name stays."""
    return name if name in _folders() else str(folder_of(name))


def records() -> tuple[TranslatorRecord, ...]:
    """Records of all translators here: those trained here last, a damaged one of them passed over."""
    bundled = [record_in(folder, name) for name, folder in _bundled().items()]
    own = []
    for name, folder in _folders().items():
        if name not in _bundled():
            with suppress(TranslatorError):
                own.append(record_in(folder, name))
    return (*bundled, *own)


def damaged() -> tuple[TranslatorError, ...]:
    """Return of each translator that was trained here and cannot be read why, and what brings it back."""
    found = []
    for name, folder in _folders().items():
        if name not in _bundled():
            try:
                record_in(folder, name)
            except TranslatorError as error:
                found.append(error)
    return tuple(found)


def record_of(name: str) -> TranslatorRecord | None:
    """Return the record of a translator by its name, without a look at the others; None of a damaged or unknown one."""
    now = settings()
    own = [home / "translators" / name for home in (now.home, now.installation)]
    places = [_bundled()[name]] if name in _bundled() else own if NAME.fullmatch(name) else []
    folder = next((place for place in places if (place / "card.json").is_file()), None)
    if folder is not None:
        with suppress(TranslatorError):
            return record_in(folder, name)
    return None


def title_of_translator(name: str) -> str:
    """Return what a translator is called wherever it is shown: its title, or its name where it is not kept here."""
    record = record_of(name)
    return Path(name).name if record is None else record.title


def is_bundled(name: str) -> bool:
    """Whether a translator ships with the product."""
    return name in _bundled()


def fitting(model: str) -> tuple[TranslatorRecord, ...]:
    """Records of the translators that were trained on a model, by its weights and not by what it is called.

    Parameters
    ----------
    model
        Name or folder, as in `grn_core.models.load.load_model`.
    """
    from grn_core.models.registry import network_sha

    sha = network_sha(model)
    return tuple(record for record in records() if record.model_sha == sha)


def default_for(sha: str, *, model: str = "", readouts: Sequence[str] | None = None) -> str:
    """Name of the translator that is taken unless the user chooses: `DEFAULT` if it fits, else the first that does.

    Parameters
    ----------
    sha
        Of the model's network (`grn_core.models.registry.network_sha`).
    model
        What the user calls the model, for the error.
    readouts
        It must read one of these (`grn_core.translator.compatibility.readouts_for`); any if None.

    Raises
    ------
    TranslatorError
        If there is none for the model, or none that reads such a readout.
    """
    of_model = (record for record in records() if record.model_sha == sha)
    names = [record.name for record in of_model if readouts is None or record.readout in readouts]
    if not names:
        reads = f" that reads {' or '.join(readouts)}" if readouts else ""
        message = f"there is no translator for the model {model or sha[:12]!r}{reads}"
        todo = how_to_train(model, readout=readouts[0] if readouts else None)
        needed = "one that was trained on it" + (SHOWING if readouts else "")
        raise TranslatorError(message, needed=needed, todo=todo)
    return DEFAULT if DEFAULT in names else names[0]


def record_for(name: str, *, model: str, sha: str | None = None) -> TranslatorRecord:
    """Record of a translator that is to read the features of `model`.

    Parameters
    ----------
    name
        Name or folder of the translator.
    model
        Name or folder of the model.
    sha
        Of the model's network, where that is known already.

    Raises
    ------
    TranslatorError
        If there is no such translator, or it was trained on another model.
    """
    from grn_core.models.registry import network_sha

    known = {record.name: record for record in records()}
    record = known.get(name) or record_in(folder_of(name), name)
    sha = sha or network_sha(model)
    if record.model_sha == sha:
        return record
    there = ", ".join(one.name for one in known.values() if one.model_sha == sha)
    other = record.model if record.model != model else f"other weights of {model}"
    message = f"the translator {name!r} was trained on the model {other!r} and cannot read {model or sha[:12]!r}"
    raise TranslatorError(message, needed=there or "a translator of that model", todo=how_to_train(model))


def seeds_of(name: str) -> tuple[int, ...]:
    """Return the seeds that a translator holds."""
    return record_in(folder_of(name), name).seeds


def how_to_train(model: str, *, readout: str | None = None) -> str:
    """Say how to make a translator for a model, or for one of its readouts."""
    return f"train one: {training_command(model, readout=readout)}"


def training_command(model: str, *, readout: str | None = None) -> str:
    """Return the command that trains a translator as the default one was, on what is here of its networks."""
    words = [
        "python",
        "-m",
        "grn_core",
        "train-translator",
        "--model",
        model or "FOLDER",
        *(("--readout", readout) if readout else ()),
        "--name",
        "mine",
    ]
    return shlex.join(words)


def translator_sha(name: str) -> str:
    """SHA-256 of a translator's weights."""
    path = folder_of(name) / "translator.safetensors"
    state = path.stat()
    return _sha(path, state.st_size, state.st_mtime_ns)


def sha_with_card(name: str) -> str:
    """SHA-256 of a translator's weights, and of its card: together all that decides what it answers.

    The card says how much of each term is added, and how scores become probabilities: what was trained or calibrated
    anew may have the weights that it had, and answer otherwise.
    """
    return f"{translator_sha(name)}:{sha256_below(folder_of(name), 'card.json')}"


@lru_cache(maxsize=32)
def _sha(path: Path, _size: int, _time: int) -> str:
    return sha256_of(path)


def load_translator(name: str) -> Translator:
    """Load a translator by name, or the one in a folder."""
    from grn_core.translator.translator import Translator

    return Translator.load(folder_of(str(name)))

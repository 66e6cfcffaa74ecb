"""Sharing a run: a link with a random word, by which another user of the installation sees it and may take a copy.

The word stands in the link alone: here is its hash, so that nobody who reads the data folder can open a link. Taking a
link back is deleting that; copies that were taken are their owners' and stay.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from grn_core.damaged_records import UPDATE, newer_words
from grn_core.disk import check_room, size_of
from grn_core.errors import RunError
from grn_core.files import part_folder
from grn_core.runs.damage import CHANGING, DOWNLOAD
from grn_core.runs.marks import Marks, write_marks
from grn_core.runs.names import title_of
from grn_core.runs.store import RunStore
from grn_core.settings import KEY, USERS, at_home, settings
from grn_core.sums import read_summed, write_summed

if TYPE_CHECKING:
    from grn_core.runs.state import RunInfo

FOLDER = "shared"
TOKEN_BYTES = 32
TOKEN = re.compile(r"[\w-]{20,80}")
KINDS = ("infer", "ranks", "coexpression", "consensus", "import", "activity", "groups", "all-groups", "what-if")
"""Kinds of runs that can be shared: those that a page shows."""
LEFT = (CHANGING - {"run.json", "status.json"}) | {f"{DOWNLOAD}.h5ad", f"{DOWNLOAD}.tsv"}
"""Files of a run that no copy has: notes are for who wrote them, the log names the folders of who computed it, and what
was written for other programs holds all that the upload says of its cells."""


@dataclass(frozen=True)
class Share:
    """One link to a run: its number, the run, and when it was made (ISO, UTC)."""

    number: str
    run_id: str
    created: str


@dataclass(frozen=True)
class SharedRun:
    """What a link leads to: where the run lies, the run as its owner's list has it, since when it is shared (UTC)."""

    store: RunStore
    info: RunInfo
    created: str = ""

    @property
    def home(self) -> Path:
        """The home of its owner, where what it names means what it meant."""
        return self.store.root.parent

    @property
    def title(self) -> str:
        """What it is called in its owner's home."""
        with at_home(self.home):
            return title_of(self.info)


def share(run_id: str) -> str:
    """Make a link to a run, and return the random word in it; it is told this once.

    Raises
    ------
    RunError
        There is no such run, it has not ended well, or it is of a kind that no page shows.
    """
    store = RunStore()
    state, kind = store.status(run_id).state, store.request(run_id).kind
    if state != "done" or kind not in KINDS:
        message = f"run {run_id} cannot be shared: it is {state}, of the kind {kind}"
        raise RunError(message, needed="a finished network or comparison", todo="wait for it, or choose another")
    token = secrets.token_urlsafe(TOKEN_BYTES)
    content = {"home": _name(), "run": run_id, "created": datetime.now(UTC).isoformat(timespec="seconds")}
    with store.gate(run_id):  # who removes it takes back the links that there are
        write_summed(_file(_number(token)), content)
    return token


def shares(run_id: str | None = None) -> list[Share]:
    """Return the links to a run, or to all runs of the present home, the last made first."""
    found = []
    for path in _folder().glob("*.json"):
        kept = read_summed(path, unsummed=True) or {}
        if kept.get("home") == _name() and run_id in (None, kept.get("run")):
            found.append(Share(path.stem, str(kept.get("run", "")), str(kept.get("created", ""))))
    return sorted(found, key=lambda one: (one.created, one.number), reverse=True)


def withdraw(number: str) -> None:
    """Take a link of the present home back: it opens no more."""
    if number in {one.number for one in shares()}:
        _file(number).unlink(missing_ok=True)


def opened(token: str) -> SharedRun:
    """Return what a link leads to.

    Raises
    ------
    RunError
        It leads nowhere: there is no such link, it was taken back or is damaged, or the run is gone. Which is not said.
        Or a newer version has made it.
    """
    kept = read_summed(_file(_number(token)), unsummed=True) if TOKEN.fullmatch(token) else None
    if newer := newer_words(kept):
        message = f"this link {newer}"
        raise RunError(message, needed="a link of this version or an earlier one", todo=UPDATE)
    kept = kept or {}
    name, run_id = str(kept.get("home", "-")), str(kept.get("run", ""))
    if name == "" or KEY.fullmatch(name):
        home = settings().installation
        store = RunStore((home / USERS / name if name else home) / "runs")
        info = next((one for one in store.list_runs() if one.run_id == run_id and one.status.state == "done"), None)
        if info is not None:
            return SharedRun(store, info, str(kept.get("created", "")))
    message = "this link leads to no run"
    raise RunError(message, needed="a link that was not taken back", todo="ask who sent it for another")


def take_copy(token: str) -> str:
    """Copy the run that a link leads to into the present home, with its name and without notes; return its id.

    A run of the same id that is there stays as it is: it was asked the same.

    Raises
    ------
    RunError
        The link leads nowhere, or the run is damaged.
    """
    there, mine = opened(token), RunStore()
    run_id = there.info.run_id
    source, target = there.store.path(run_id), mine.path(run_id)
    if wrong := there.store.damaged(run_id):
        message = f"the shared run is damaged: its {wrong[0]} is not as it was written"
        raise RunError(message, needed="a whole run", todo="ask its owner to compute it again")
    if target.is_dir():
        return run_id
    check_room(size_of(source))
    with part_folder(mine.root) as folder:
        place = Path(folder) / run_id
        try:
            shutil.copytree(source, place, symlinks=True, ignore=lambda _folder, names: LEFT.intersection(names))
        except OSError as error:
            if source.is_dir():  # a full disk, and whatever else is not of the run
                raise
            message = "the shared run was removed while it was copied"
            raise RunError(message, needed="a run that is there", todo="ask who sent the link for another") from error
        _name_no_place_of(there.store.root.parent, in_record=place / "run.json")
        if there.info.marks.name:
            write_marks(place, Marks(name=there.title))
        try:
            place.rename(target)
        except OSError:  # computed here in the meantime
            if not target.is_dir():
                raise
    return run_id


def _name_no_place_of(home: Path, *, in_record: Path) -> None:
    """Let the record of a copy name what lay in its owner's home from there: nobody else needs to know where it was."""

    def told(value: Any) -> Any:
        if isinstance(value, str):
            for place in {str(home), str(home.resolve())}:
                value = value.replace(f"{place}/", "").replace(place, "")
            return value
        if isinstance(value, dict):
            return {told(name): told(one) for name, one in value.items()}
        return [told(one) for one in value] if isinstance(value, list) else value

    if (kept := read_summed(in_record, unsummed=True)) is not None and (changed := told(kept)) != kept:
        write_summed(in_record, changed)


def _name() -> str:
    """Return the name of the present home among those of the installation; empty for the installation's own."""
    now = settings()
    return "" if now.home == now.installation else now.home.name


def _number(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _folder() -> Path:
    return settings().installation / FOLDER


def _file(number: str) -> Path:
    return _folder() / f"{number}.json"

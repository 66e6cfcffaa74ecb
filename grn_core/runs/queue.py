"""The queue for the computing device, over all homes of an installation: the users in turn, of each the oldest first.

A run that waits has a ticket, an empty file named by its home, the time at which it was asked for, and its id. Whether
it still waits is said by its status and its lock: the ticket of a worker that was killed counts for nothing, neither
while the run lies still nor when it is asked for again and waits under another ticket.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from grn_core.errors import RunError
from grn_core.runs.locks import is_held
from grn_core.runs.state import is_starting
from grn_core.runs.store import RunStore
from grn_core.settings import KEY, USERS, installation_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from grn_core.runs.state import RunStatus

FOLDER = "queue"
OWN = "own"
"""What the home of the installation itself is called."""
TICKET = re.compile(r"(\w+)-(\d+)-([0-9a-f]{16})")
SERVED = "served-"
NS = 10**9


@dataclass(frozen=True)
class Ticket:
    """A run that waits: its home, when it was asked for (ns since the epoch), and its id."""

    home: str
    queued: int
    run_id: str

    @property
    def name(self) -> str:
        """Name of its file."""
        return f"{self.home}-{self.queued}-{self.run_id}"


def in_turn(tickets: Iterable[Ticket], served: Mapping[str, float]) -> list[Ticket]:
    """Put those who wait in the order in which they are served.

    Parameters
    ----------
    tickets
        Those who wait.
    served
        Home -> when it was last served; a home that never was comes first.

    Returns
    -------
    list of Ticket
        First the oldest run of each home, the home that was served longest ago first, then the second of each, and so
        on.
    """
    turns: dict[str, int] = {}
    placed = []
    for one in sorted(tickets, key=lambda ticket: (ticket.queued, ticket.run_id)):
        turn = turns[one.home] = turns.get(one.home, -1) + 1
        placed.append(((turn, served.get(one.home, 0.0), one.queued, one.run_id), one))
    return [one for _, one in sorted(placed, key=lambda pair: pair[0])]


def enter(store: RunStore, run_id: str, *, queued: float) -> Ticket:
    """Let a run wait for its turn; `queued` is when it was asked for, as its status says."""
    ticket = Ticket(_name(store.root.parent), _ns(queued), run_id)
    folder = _folder(store)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / ticket.name).touch()
    return ticket


def leave(store: RunStore, ticket: Ticket, *, served: bool = False) -> None:
    """Take a run out of the queue; `served` says that it was its turn, so that the other homes go before its own."""
    with suppress(OSError):
        (_folder(store) / ticket.name).unlink(missing_ok=True)
        if served:
            (_folder(store) / f"{SERVED}{ticket.home}").touch()


def asked(store: RunStore, run_id: str) -> float:
    """Return when a run was asked for by its last ticket, seconds since the epoch; 0 where it has none."""
    home, when = _name(store.root.parent), [0]
    with suppress(OSError):
        for path in _folder(store).glob(f"{home}-*-{run_id}"):
            told = TICKET.fullmatch(path.name)
            when += [int(told[2])] if told is not None else []
    return max(when) / NS


def line(store: RunStore) -> list[Ticket]:
    """Return the runs that wait, of all homes, in the order in which they are served; tickets of the dead go."""
    found, served, paths = [], {}, list[Path]()
    with suppress(OSError):
        paths = list(_folder(store).iterdir())
    for path in paths:
        told = TICKET.fullmatch(path.name)
        with suppress(OSError):  # what is wrong with one is no reason to let the others wait
            if told is not None:
                ticket = Ticket(told[1], int(told[2]), told[3])
                if _waits(store, ticket, path):
                    found.append(ticket)
            elif path.name.startswith(SERVED):
                served[path.name.removeprefix(SERVED)] = path.stat().st_mtime
    return in_turn(found, served)


def _waits(store: RunStore, ticket: Ticket, path: Path) -> bool:
    """Whether the run of a ticket waits; that of the dead is taken away."""
    there = _store_of(store, ticket)
    held = there is not None and is_held(there.path(ticket.run_id) / "lock")
    now = None if there is None else _status(there, ticket)
    mine = now is not None and _ns(now.queued) == ticket.queued
    if now is not None and mine and now.state == "queued" and (held or is_starting(now)):
        return True
    if not held or (now is not None and not mine):  # who lives takes its own ticket away
        path.unlink(missing_ok=True)
    return False


def _store_of(store: RunStore, ticket: Ticket) -> RunStore | None:
    """Return the runs of the home of a ticket; None if there is no such home."""
    if ticket.home != OWN and not KEY.fullmatch(ticket.home):
        return None
    root = installation_of(store.root.parent)
    return RunStore((root if ticket.home == OWN else root / USERS / ticket.home) / store.root.name)


def _status(there: RunStore, ticket: Ticket) -> RunStatus | None:
    """Return what a run does; None where that cannot be read just now, or is damaged."""
    try:
        now = there.written_status(ticket.run_id)
    except (OSError, RunError):
        return None
    return None if now.state == "interrupted" else now


def _ns(seconds: float) -> int:
    return int(seconds * NS)


def _folder(store: RunStore) -> Path:
    return installation_of(store.root.parent) / FOLDER


def _name(home: Path) -> str:
    return OWN if installation_of(home) == home else home.name

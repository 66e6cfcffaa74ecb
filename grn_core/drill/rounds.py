"""Rounds of a drill: each fault with each work, in a data folder of its own, against what comes of it undisturbed."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from grn_core.drill.faults import FAULTS, Attempt
from grn_core.drill.work import WORKS, Work, write_files
from grn_core.errors import GrnError
from grn_core.runs import Request, RunStore, manager
from grn_core.sums import file_sum, sum_of, sum_of_arrays

MOST_S, TIMES = 300.0, 10.0
"""How long the work may take after a fault, until it counts as not survived: so long, or so many times undisturbed."""
UNDISTURBED_S = 3600.0
"""How long it may take undisturbed, also on a machine that has other work."""


@dataclass(frozen=True)
class Tried:
    """What came of one try.

    Attributes
    ----------
    fault, work
        What was done to what.
    survived
        Whether asking again came to an end with a result.
    wrong
        Whether the result differs from the undisturbed one, or damage was not noticed; what of it, empty where not.
    said
        The error where it was not survived.
    seconds
        That the try took.
    """

    fault: str
    work: str
    survived: bool
    wrong: str = ""
    said: str = ""
    seconds: float = 0.0


@dataclass(frozen=True)
class _Undisturbed:
    seconds: float
    sums: Mapping[str, str]


def drill(
    requests_of: Callable[[list[str]], Sequence[Request]],
    *,
    minutes: float,
    seed: int = 0,
    faults: Sequence[str] = tuple(FAULTS),
    works: Sequence[Work] = WORKS,
    told: Callable[[Tried], object] = lambda _: None,
    note: Callable[[str], object] = lambda _: None,
) -> list[Tried]:
    """Try the faults with every work in turn until the time is over.

    Parameters
    ----------
    requests_of
        Returns what the words of a command ask for.
    minutes
        After so many no new try begins; 0 for each fault with each work once.
    seed
        Of the moments and bits.
    faults
        Names of `grn_core.drill.faults.FAULTS`.
    works
        What is drilled.
    told
        Hears of every try.
    note
        Hears how long each work takes undisturbed.
    """
    end, draws, found = time.monotonic() + 60 * minutes, random.Random(seed), list[Tried]()
    with TemporaryDirectory(prefix="grn-drill-") as place:
        write_files(Path(place))
        asks = _Asks(requests_of, Path(place))
        usual: dict[str, _Undisturbed] = {}
        turns = [(fault, work) for fault in faults for work in works]
        while True:
            for fault, work in draws.sample(turns, len(turns)):
                if minutes and time.monotonic() > end:
                    return found
                if work.name not in usual:
                    usual[work.name] = _undisturbed(work, asks)
                    note(f"{work.name}: {usual[work.name].seconds:.1f} s undisturbed")
                found.append(_try(fault, work, asks, usual[work.name], random.Random(draws.random())))
                told(found[-1])
            if not minutes:
                return found


@dataclass(frozen=True)
class _Asks:
    """How commands become requests, and the folder of the drill's files and homes."""

    requests_of: Callable[[list[str]], Sequence[Request]]
    place: Path

    def of(self, work: Work) -> tuple[Request, list[str]]:
        """Compute what a work needs, and return what it asks, and the same as a command."""
        runs = [_done(self._request([word.format(files=self.place) for word in words])) for words in work.before]
        parts = (runs if word == "{runs}" else [word.format(files=self.place)] for word in work.words)
        words = [word for part in parts for word in part]
        return self._request(words), words

    def _request(self, words: list[str]) -> Request:
        (request,) = self.requests_of(words)
        return request


def _try(fault: str, work: Work, asks: _Asks, usual: _Undisturbed, draws: random.Random) -> Tried:
    started = time.monotonic()
    with _home(asks.place):
        request, words = asks.of(work)
        attempt = Attempt(request, words, usual.seconds, draws)
        said = wrong = ""
        try:
            FAULTS[fault](attempt)
            wrong = _shown(work, request, usual)
            manager.submit(request)
            status = manager.wait(request.run_id(), timeout_s=max(MOST_S, TIMES * usual.seconds))
            said = "" if status.state == "done" else f"{status.state}: {status.message}"
            wrong = wrong or (_differing(work, request.run_id(), usual) if not said else "")
        except GrnError as error:
            said = str(error)
        finally:
            attempt.kill()
        return Tried(fault, work.name, not said, wrong, said, round(time.monotonic() - started, 1))


def _shown(work: Work, request: Request, usual: _Undisturbed) -> str:
    """What of a result a page would show now that is not the undisturbed one; empty where it would show none."""
    store, run_id = RunStore(), request.run_id()
    try:
        if store.status(run_id).state != "done":
            return ""
        for name in usual.sums:
            store.file(run_id, name)
    except GrnError:
        return ""
    return _differing(work, run_id, usual)


def _differing(work: Work, run_id: str, usual: _Undisturbed) -> str:
    sums = _sums(work, run_id)
    return ", ".join(name for name in sorted({*sums, *usual.sums}) if sums.get(name) != usual.sums.get(name))


def _sums(work: Work, run_id: str) -> dict[str, str]:
    folder = RunStore().path(run_id)
    found = (path for pattern in work.compared for path in folder.glob(pattern))
    return {path.relative_to(folder).as_posix(): _content_sum(path) for path in found}


def _content_sum(path: Path) -> str:
    """Return the sum of a file; of a table that of its values, since Parquet leaves some bytes to chance."""
    if path.suffix != ".parquet":
        return file_sum(path)
    import pandas as pd

    try:
        table = pd.read_parquet(path)
    except (OSError, ValueError) as error:
        return f"cannot be read: {error}"
    return sum_of([list(table.columns), sum_of_arrays([pd.util.hash_pandas_object(table).to_numpy()])])


def _undisturbed(work: Work, asks: _Asks) -> _Undisturbed:
    with _home(asks.place):
        request, _ = asks.of(work)
        started = time.monotonic()
        run_id = _done(request)
        return _Undisturbed(time.monotonic() - started, _sums(work, run_id))


def _done(request: Request) -> str:
    run_id = manager.submit(request)
    manager.wait(run_id, timeout_s=UNDISTURBED_S).raise_for_failure()
    return run_id


@contextmanager
def _home(place: Path) -> Iterator[None]:
    """Work in an empty data folder."""
    before = os.environ.get("GRN_HOME")
    with TemporaryDirectory(prefix="home-", dir=place, ignore_cleanup_errors=True) as home:
        os.environ["GRN_HOME"] = home
        try:
            yield
        finally:
            del os.environ["GRN_HOME"]
            if before is not None:
                os.environ["GRN_HOME"] = before

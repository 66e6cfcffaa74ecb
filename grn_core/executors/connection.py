"""The way to a Dask cluster: found, waited for, found again, and refused where other versions would compute."""

from __future__ import annotations

import logging
import os
import time
from concurrent.futures import CancelledError
from contextlib import contextmanager, suppress
from functools import partial
from threading import Thread
from typing import TYPE_CHECKING, TypeVar

from distributed import Client, LocalCluster, Security
from distributed.client import ClosedClientError

from grn_core.errors import RunError
from grn_core.executors.alike import unlike, versions_here, versions_or_why
from grn_core.executors.remote import other_versions
from grn_core.progress import beside
from grn_core.settings import LOCAL_CLUSTER, settings, variable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from grn_core.progress import Progress

Found = TypeVar("Found")
WAITING = "waiting for the cluster"
"""Stage of a run that cannot reach its cluster, or whose cluster has no worker."""
TICK_S = 0.2
CONNECT_S, GIVE_UP_S, CLOSE_S = 5.0, 30.0, 0.7
"""Seconds for one try to connect; until an address where no scheduler was ever met is given up; to part in peace."""
LOST = (OSError, TimeoutError, CancelledError, ClosedClientError)
"""What is raised where the scheduler was lost, Dask's own errors of connections (an `OSError`) among it."""
THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "RAYON_NUM_THREADS", "GRN_THREADS")
"""Variables that say on how many threads a worker computes: those of torch, of numpy, of GRNBoost2, of all others."""
logger = logging.getLogger(__name__)


class Lost(Exception):
    """The scheduler was lost, and with it all that it was asked."""


class Connection:
    """A client of the scheduler at an address, made anew where it was lost.

    Parameters
    ----------
    address
        Of the scheduler, as of the setting ``dask_scheduler``.
    progress
        Told of waiting, stage `WAITING`; may cancel.
    """

    def __init__(self, address: str, *, progress: Progress) -> None:
        self.address = address
        self._progress = progress
        self._client: Client | None = None
        self._own: LocalCluster | None = None
        self._met = False

    def client(self) -> Client:
        """Return a client whose cluster has workers, all with our versions; waits for the scheduler and for workers.

        Raises
        ------
        RunError
            No scheduler has ever answered there, or versions differ.
        Lost
            The scheduler was lost while it was asked.
        """
        if self.stands:
            return self._client
        self.leave()
        self._client = self._found()
        while not self.workers():
            self.wait()
            time.sleep(TICK_S)
        if differing := [f"{who}: {words}" for who, words in self.ask(_unlike_us).items() if words]:
            raise other_versions("; ".join(differing[:3]))
        logger.info("%d workers of %s compute", self.workers(), self.address)
        self._met = True
        return self._client

    @property
    def stands(self) -> bool:
        """Whether the scheduler is heard."""
        return self._client is not None and self._client.status == "running"

    def workers(self) -> int:
        """Return the number of workers there are; `Lost` where the scheduler does not say."""
        return len(self.ask(lambda client: client.nthreads()))

    def ask(self, question: Callable[[Client], Found]) -> Found:
        """Ask the scheduler something, and listen to a cancel meanwhile; `Lost` where it does not answer."""
        try:
            return beside(partial(question, self._client), self.wait)
        except LOST as error:
            raise Lost(type(error).__name__) from error

    def wait(self) -> None:
        """Tell that the run waits for its cluster; raises where it is cancelled."""
        self._progress(WAITING, 0, 1)

    def leave(self) -> None:
        """Part from the scheduler: what it was asked and has not done is given up."""
        client, self._client = self._client, None
        if client is not None:
            _briefly(partial(client.close, timeout=CLOSE_S))

    def close(self) -> None:
        """Part from the scheduler, and end the workers that were started here."""
        self.leave()
        own, self._own = self._own, None
        if own is not None:
            _briefly(partial(own.close, timeout=CLOSE_S))

    def _found(self) -> Client:
        _check_certificates(self.address)
        began = time.monotonic()
        while True:
            try:
                return beside(self._connected, self.wait)
            except LOST as error:
                if not self._met and time.monotonic() - began > GIVE_UP_S:
                    message = f"no Dask scheduler answers at the address in {variable('dask_scheduler')}"
                    needed = "one that runs there and can be reached from here"
                    raise RunError(message, needed=needed, todo="start it, then resume the run") from error
            self.wait()
            time.sleep(TICK_S)

    def _connected(self) -> Client:
        where: str | LocalCluster = self.address
        if LOCAL_CLUSTER.fullmatch(self.address):
            self._own = self._own or _local_cluster(self.address)
            where = self._own
        return Client(where, timeout=CONNECT_S, set_as_default=False)


def _check_certificates(address: str) -> None:
    """Refuse TLS for which Dask has no certificates that can be read: it would raise what says nothing to a user."""
    if not address.startswith("tls://"):
        return
    try:
        known, why = Security().get_connection_args("client").get("ssl_context"), None
    except (OSError, ValueError) as error:
        known, why = None, error
    if known is None:
        message = f"{variable('dask_scheduler')} asks for TLS, and Dask has no certificates here that can be read"
        needed = "Dask's settings `distributed.comm.tls`: `ca-file`, and `client` with `cert` and `key`"
        raise RunError(message, needed=needed, todo="set them, then resume the run") from why


def _local_cluster(address: str) -> LocalCluster:
    """Start workers on this machine that share its cores; they end with this process."""
    now = settings()
    n = int(address.partition(":")[2] or now.cpus)
    theirs = dict.fromkeys(THREADS, str(max(1, now.cpus // n)))
    with _environment(theirs):  # `env` alone comes after torch was loaded there
        return LocalCluster(n_workers=n, threads_per_worker=1, processes=True, dashboard_address=None, env=theirs)


@contextmanager
def _environment(theirs: Mapping[str, str]) -> Iterator[None]:
    """Give what processes inherit that are started meanwhile; afterwards this process has its own again."""
    own = dict(os.environ)
    os.environ |= theirs
    try:
        yield
    finally:
        for name in set(os.environ) - set(own):
            del os.environ[name]
        os.environ |= own


def _unlike_us(client: Client) -> dict[str, str]:
    """Return who computes -> which versions are others there, in words; empty where all are the same."""
    here, told = versions_here(), client.get_versions(check=False)
    python, found = here["python"], {}
    for who, one in {"the scheduler": told["scheduler"], **told["workers"]}.items():
        packages = one["packages"]
        theirs = {"python": ".".join(packages["python"].split(".")[:2]), "distributed": packages["distributed"]}
        found[who] = unlike({"python": python, "distributed": here["distributed"]}, theirs)
    if not any(found.values()):  # else what is sent may not be understood
        own: dict[str, object] = {
            "the scheduler": _of_scheduler(client),
            **client.run(versions_or_why, on_error="return"),
        }
        for who, one in own.items():
            found[who] = unlike(here, one) if isinstance(one, dict) else f"GRN Studio does not run there ({one})"
    return found


def _of_scheduler(client: Client) -> object:
    try:
        return client.run_on_scheduler(versions_or_why)
    except (ImportError, AttributeError) as error:  # none there, or one of before
        return error


def _briefly(work: Callable[[], object]) -> None:
    """Do what may take long where the other side is gone, and leave it to itself after a while."""

    def run() -> None:
        with suppress(*LOST):
            work()

    thread = Thread(target=run, daemon=True)
    thread.start()
    thread.join(CLOSE_S)

"""Which executor the settings ask for."""

from __future__ import annotations

from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING

from grn_core.errors import RequestError
from grn_core.executors.work import HERE
from grn_core.settings import settings, variable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from grn_core.executors.work import Executor
    from grn_core.progress import Progress

INSTALL = "pip install -r requirements-dask.txt, or of an installation: pip install 'grn-studio[dask]'"


@contextmanager
def computing(progress: Progress) -> Iterator[Executor]:
    """Give the executor that the settings ask for, for the length of a ``with`` block.

    Parameters
    ----------
    progress
        Of the run: it is told of waiting for the cluster, stage ``waiting for the cluster``, and may cancel that.

    Raises
    ------
    RequestError
        A cluster is asked for, and what speaks to it is not installed.
    """
    now = settings()
    if not now.dask_scheduler:
        yield HERE
        return
    check_installed()
    from grn_core.executors.cluster import OnCluster

    with OnCluster(now.dask_scheduler, progress=progress, store=now.dask_store) as executor:
        yield executor


def check_installed() -> None:
    """Refuse a cluster that nothing here can speak to: `RequestError`."""
    if find_spec("distributed") is None:
        message = f"{variable('dask_scheduler')} is set, and Dask is not installed"
        raise RequestError(message, needed="the optional packages of requirements-dask.txt", todo=INSTALL)

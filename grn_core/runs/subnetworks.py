"""Genes of a run that were chosen together and given a name; they lie in the run's folder, and go with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grn_core.damaged_records import UPDATE, newer_words
from grn_core.errors import RequestError, RunError
from grn_core.files import read_json
from grn_core.runs.store import RunStore
from grn_core.sums import SUM, read_summed, write_summed

if TYPE_CHECKING:
    from pathlib import Path

FILE = "subnetworks.json"
NAMED = "sub-networks"
LONGEST = 60
MOST = 100


def subnetworks(run_id: str) -> dict[str, tuple[str, ...]]:
    """Return the named sub-networks of a run: name to genes, by name.

    Raises
    ------
    RunError
        What was kept of them is damaged, or a newer version has written it.
    """
    path = RunStore().path(run_id) / FILE
    found = _kept(path)
    if found is None:
        message = "the saved sub-networks of this run are damaged"
        raise RunError(message, needed="the file as it was written", todo="save them again: the old ones are lost")
    return {name: tuple(found[name]) for name in sorted(found)}


def _kept(path: Path) -> dict[str, list[str]] | None:
    """Return what a file holds; None where it is damaged. Earlier versions wrote the sub-networks alone, unsummed."""
    if not path.exists():
        return {}
    found = read_json(path)
    if newer := newer_words(found if isinstance(found, dict) else None):
        message = f"the file of the saved sub-networks of this run {newer}"
        raise RunError(message, needed="one of this version or an earlier one", todo=UPDATE)
    if isinstance(found, dict) and SUM in found and not isinstance(found[SUM], list):
        found = (read_summed(path) or {}).get(NAMED)
    genes = found.values() if isinstance(found, dict) else [None]
    return found if all(isinstance(one, list) and all(isinstance(gene, str) for gene in one) for one in genes) else None


def save_subnetwork(run_id: str, name: str, genes: tuple[str, ...]) -> None:
    """Keep genes of a run under a name; one of that name is replaced.

    Parameters
    ----------
    run_id
        A finished run.
    name
        1 to `LONGEST` signs that can be seen.
    genes
        Names of two genes or more, as the run has them.

    Raises
    ------
    RequestError
        The name is empty or too long, there are too few genes, or too many sub-networks.
    """
    title = name.strip()
    if not title or len(title) > LONGEST or not title.isprintable():
        message = f"the name has {len(title)} signs{'' if title.isprintable() else ', some of them not to be seen'}"
        raise RequestError(message, needed=f"1 to {LONGEST} signs that can be seen", todo="choose another name")
    if len(set(genes)) < 2:
        message = f"{len(set(genes))} genes are chosen"
        raise RequestError(message, needed="two or more", todo="choose more genes")
    store = RunStore()
    store.record(run_id)
    with store.gate(run_id):
        known = _kept(store.path(run_id) / FILE) or {}
        if title not in known and len(known) >= MOST:
            message = f"this run has {len(known)} sub-networks"
            raise RequestError(message, needed=f"at most {MOST}", todo="remove one of them")
        write_summed(store.path(run_id) / FILE, {NAMED: {**known, title: sorted(set(genes))}})


def remove_subnetwork(run_id: str, name: str) -> None:
    """Forget a named sub-network; nothing happens where there is none of that name."""
    store = RunStore()
    with store.gate(run_id):
        known = subnetworks(run_id)
        if known.pop(name, None) is not None:
            write_summed(store.path(run_id) / FILE, {NAMED: known})

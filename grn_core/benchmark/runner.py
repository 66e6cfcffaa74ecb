"""Runs the UGRN protocol cell by cell: what was computed before is read, what is missing is computed and kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from grn_core.benchmark.cache import ResultCache
from grn_core.benchmark.cells import METHODS, HeldOut, Method, Training
from grn_core.benchmark.handle import ModelHandle
from grn_core.benchmark.protocol import Protocol
from grn_core.benchmark.references import Reference
from grn_core.errors import RequestError
from grn_core.progress import Progress, silent


@dataclass(frozen=True)
class Outcome:
    """What a protocol gave.

    Attributes
    ----------
    table
        A row per test, split and method: mean over seeds of every measure of `measure`, its standard deviation in
        ``<measure>_sd``, and the universe (``universe``, ``n_sources``, ``n_targets``, ``n_positives``, ``n_pairs``,
        ``prevalence``: of the first seed).
    per_tf
        A row per test, split, method and TF: ``source``, ``auprc`` and ``prevalence`` (means over seeds).
    notes
        What could not be measured, in plain sentences.
    n_computed
        Cells that were not there before.
    """

    table: pd.DataFrame
    per_tf: pd.DataFrame
    notes: tuple[str, ...] = ()
    n_computed: int = 0


def run_protocol(
    protocol: Protocol,
    model: ModelHandle,
    untrained: ModelHandle | None = None,
    *,
    home: Path | None = None,
    progress: Progress = silent,
) -> Outcome:
    """Measure a model and its controls.

    Parameters
    ----------
    protocol
        What is trained and tested.
    model
        The foundation model.
    untrained
        The same network with random weights, for the control of that name; left out if None.
    home
        Data folder of the cache; the one of the settings if None.
    progress
        Listener; may cancel: a later run goes on from the finished parts.

    Returns
    -------
    Outcome
        Best read beside its controls.

    Raises
    ------
    DataError
        If a reference is not there or the training reference has no edge that the model knows.
    """
    training = Training(protocol, model, untrained, home, progress)
    methods = [
        method
        for method in METHODS
        if not (method.needs_corpus and protocol.corpus is None)
        and not (method.translator == "untrained" and untrained is None)
    ]
    results = ResultCache(home)
    rows, per_tf, notes, n_computed = [], [], [], 0
    references = [training.restricted(name) for name in protocol.tests]  # one that is not there shows before any work
    cells = [(reference, split) for reference in references for split in protocol.splits]
    for done, (reference, split) in enumerate(cells):
        progress("measure", done, len(cells))
        test = HeldOut(training, reference, split)
        for method in methods:
            key = training.key(reference, split, method)
            found = results.get(key)
            if found is None:
                found = test.measure(method)
                results.put(key, found)
                n_computed += 1
            if "note" in found:
                notes.append(found["note"])
                break
            where = _where(protocol, model, reference, split, method, training.readout)
            rows.append({**where, **found["row"]})
            per_tf += [{**where, **one} for one in found["per_tf"]]
    progress("measure", len(cells), len(cells))
    return Outcome(pd.DataFrame(rows), pd.DataFrame(per_tf), tuple(notes), n_computed)


def transfer(
    protocols: Sequence[Protocol],
    model: ModelHandle,
    untrained: ModelHandle | None = None,
    *,
    home: Path | None = None,
    progress: Progress = silent,
) -> Outcome:
    """Run several protocols, one training reference each, and put their tables together.

    Raises
    ------
    RequestError
        If their negatives differ: such scores are not comparable.
    DataError
        As `run_protocol`.
    """
    kinds = sorted({protocol.negatives for protocol in protocols})
    if len(kinds) != 1:
        message = f"the protocols have {len(kinds)} kinds of negatives"
        raise RequestError(message, needed="one kind: scores of different universes are not comparable")
    outcomes = [run_protocol(one, model, untrained, home=home, progress=progress) for one in protocols]
    return Outcome(
        pd.concat([one.table for one in outcomes], ignore_index=True),
        pd.concat([one.per_tf for one in outcomes], ignore_index=True),
        tuple(note for one in outcomes for note in one.notes),
        sum(one.n_computed for one in outcomes),
    )


def transfer_matrix(table: pd.DataFrame, *, method: str = "Ensemble", measure: str = "auprc") -> pd.DataFrame:
    """Arrange one method's scores: row = training reference, column = test reference.

    Raises
    ------
    RequestError
        If the table holds more than one universe, split, size or model, or no row of the method.
    """
    chosen = table[table["method"] == method] if len(table) else table
    mixed = [name for name in ("negatives", "split", "size", "model", "readout") if chosen[name].nunique() > 1]
    if mixed or not len(chosen):
        message = f"the table mixes {', '.join(mixed)}" if mixed else f"the table has no row of {method}"
        raise RequestError(message, needed="one universe, split, size and model", todo="choose one of each")
    return chosen.pivot_table(index="train", columns="test", values=measure)


def _where(
    protocol: Protocol, model: ModelHandle, reference: Reference, split: str, method: Method, readout: str
) -> dict[str, Any]:
    return {
        "model": model.record.name,
        "readout": readout,
        "train": protocol.train,
        "test": f"{reference.dataset}:{reference.network}",
        "dataset": reference.dataset,
        "network": reference.network,
        "size": protocol.size,
        "split": split,
        "negatives": protocol.negatives,
        "method": method.name,
        "is_control": method.is_control,
    }

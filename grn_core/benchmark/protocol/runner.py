"""Runs the protocols one measurement at a time: what was computed before is read, what is missing is kept."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from grn_core.benchmark.features.bench import Bench
from grn_core.benchmark.features.cache import ResultCache
from grn_core.benchmark.features.handle import ModelHandle
from grn_core.benchmark.protocol.held_out import HeldOut
from grn_core.benchmark.protocol.measuring import measure_method
from grn_core.benchmark.protocol.methods import Method
from grn_core.benchmark.protocol.protocol import Protocol
from grn_core.benchmark.protocol.table import Table
from grn_core.benchmark.protocol.universes import notes_of, universes
from grn_core.errors import RequestError
from grn_core.progress import Progress, silent
from grn_core.translator.measured import ENSEMBLE


@dataclass(frozen=True)
class Outcome:
    """What a protocol gave.

    Attributes
    ----------
    table
        A row per test, split and method: mean over seeds of every measure of `measure`, its standard deviation in
        ``<measure>_sd``, and the universe (``universe``, ``n_sources``, ``n_targets``, ``n_positives``, ``n_pairs``,
        ``prevalence``: of the first seed). Negatives ``beeline`` add ``auprc_beeline`` and ``epr_beeline`` (as BEELINE
        measures); references with signs ``sign_accuracy`` (share of the ``n_signed`` edges whose sign is right; NaN for
        a method without signs) and ``sign_majority`` (what always guessing the commoner sign gives).
    per_tf
        A row per test, split, method and TF: ``source``, ``n_positives``, ``auprc`` and ``prevalence`` (means over
        seeds).
    curves, calibration
        Split ``all`` and ``tf-restricted`` only: ``recall``, ``precision`` (mean over seeds); bins of `reliability`.
    notes
        What could not be measured, and on what the rest was, in plain sentences.
    n_computed
        Measurements that were not there before.
    n_measurements
        Measurements that were asked for: a method on a test, in one split and universe.
    """

    table: pd.DataFrame
    per_tf: pd.DataFrame = field(default_factory=pd.DataFrame)
    curves: pd.DataFrame = field(default_factory=pd.DataFrame)
    calibration: pd.DataFrame = field(default_factory=pd.DataFrame)
    notes: tuple[str, ...] = ()
    n_computed: int = 0
    n_measurements: int = 0


def run_protocol(
    protocol: Protocol,
    model: ModelHandle,
    untrained: ModelHandle | None = None,
    *,
    home: Path | None = None,
    progress: Progress = silent,
    bench: Bench | None = None,
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
    bench
        What several protocols share; made for this one if None.

    Returns
    -------
    Outcome
        Best read beside its controls.

    Raises
    ------
    DataError
        If a reference is not there or the training reference has no edge that the model knows.
    """
    bench = bench or Bench(model, untrained, home=home, progress=progress)
    table = Table(protocol, bench)
    methods, notes = table.methods()
    results = ResultCache(home)
    rows, per_tf, curves, calibration, n_computed, n_measurements = [], [], [], [], 0, 0
    references = [table.reference(name) for name in protocol.tests]  # one that is not there shows before any work
    tests = []
    for reference in references:
        notes += notes_of(table, reference, methods)
        tests += [one for split in protocol.splits for one in universes(table, reference, split, methods)]
    for done, (test, asked) in enumerate(tests):
        for method in asked:
            progress("measure", done, len(tests))
            key = table.key(test, method)
            found = results.get(key)
            n_measurements += 1
            if found is None:
                found = measure_method(test, method)
                results.put(key, found)
                n_computed += 1
            if "note" in found:
                notes.append(found["note"])
                break
            where = _where(table, test, method)
            rows.append({**where, **found["row"]})
            per_tf += [{**where, **one} for one in found["per_tf"]]
            curves += [{**where, "recall": recall, "precision": p} for recall, p in found.get("curve", ())]
            calibration += [{**where, **one} for one in found.get("calibration", ())]
    progress("measure", len(tests), len(tests))
    return Outcome(
        pd.DataFrame(rows),
        pd.DataFrame(per_tf),
        pd.DataFrame(curves),
        pd.DataFrame(calibration),
        notes=tuple(notes),
        n_computed=n_computed,
        n_measurements=n_measurements,
    )


def join(outcomes: Iterable[Outcome]) -> Outcome:
    """Put outcomes of one universe together.

    Raises
    ------
    RequestError
        If their negatives or gene sets differ: such scores are not comparable.
    """
    outcomes = list(outcomes)
    several = [one for one in outcomes if len(one.table)] or [Outcome(pd.DataFrame())]
    for what in ("negatives", "size") if len(several[0].table) else ():
        kinds = sorted({str(kind) for one in several for kind in one.table[what]})
        if len(kinds) > 1:
            message = f"the tables have {len(kinds)} kinds of {what}: {', '.join(kinds)}"
            raise RequestError(message, needed="one kind: scores of different universes are not comparable")
    return Outcome(
        pd.concat([one.table for one in several], ignore_index=True),
        pd.concat([one.per_tf for one in several], ignore_index=True),
        pd.concat([one.curves for one in several], ignore_index=True),
        pd.concat([one.calibration for one in several], ignore_index=True),
        notes=tuple(dict.fromkeys(note for one in outcomes for note in one.notes)),
        n_computed=sum(one.n_computed for one in outcomes),
        n_measurements=sum(one.n_measurements for one in outcomes),
    )


def transfer_matrix(table: pd.DataFrame, *, method: str = ENSEMBLE, measure: str = "auprc") -> pd.DataFrame:
    """Arrange one method's scores: row = training reference, column = test reference.

    Raises
    ------
    RequestError
        If the table holds more than one universe, split, size or model, or no row of the method.
    """
    chosen = table[table["method"] == method] if len(table) else table
    asked = ("negatives", "split", "size", "genes", "model", "readout")
    mixed = [name for name in asked if chosen[name].nunique() > 1]
    if mixed or not len(chosen):
        message = f"the table mixes {', '.join(mixed)}" if mixed else f"the table has no row of {method}"
        raise RequestError(message, needed="one universe, split, size and model", todo="choose one of each")
    return chosen.pivot_table(index="train", columns="test", values=measure)


def _where(table: Table, test: HeldOut, method: Method) -> dict[str, Any]:
    protocol, reference = table.protocol, test.reference
    return {
        "suite": protocol.suite,
        "model": table.bench.model.record.name,
        "readout": table.training.readout,
        "train": protocol.train,
        "test": f"{reference.dataset}:{reference.network}",
        "dataset": reference.dataset,
        "network": reference.network,
        "size": protocol.size,
        "genes": f"{protocol.gene_set}{' (measured)' if test.measured else ''}",
        "split": test.split,
        "negatives": protocol.negatives,
        "method": method.name,
        "kind": method.kind,
        "is_control": method.is_control,
    }

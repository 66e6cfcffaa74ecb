"""A benchmark as background work: options in, a results folder out; asking for one needs no torch."""

from __future__ import annotations

import json
import time
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from grn_core.benchmark.command import command_of
from grn_core.benchmark.options import BenchmarkOptions
from grn_core.benchmark.perturbed.names import named, titles_of
from grn_core.benchmark.protocol.protocols import measured_cells, own_network, protocols
from grn_core.benchmark.references.reference import read_own
from grn_core.benchmark.references.uploads import reference_path
from grn_core.files import read_json, sha256_below, write_json
from grn_core.progress import Progress, silent

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from grn_core.benchmark.features.handle import ModelHandle
    from grn_core.benchmark.protocol.runner import Outcome

RESULTS = "results"
"""Subfolder of a run in which its results lie."""
NETWORKS, CELLS = "*.tsv.gz", "*/ExpressionData.csv"
"""What is read of a folder of references, and of one of measured cells."""
MEASURES = "measures.json"
"""File of a run with every measure: a table for each gene set and kind of negatives."""


def hashes(options: BenchmarkOptions) -> dict[str, str]:
    """Return what decides the result of a benchmark beside its options, folders by what they hold; torch-free."""
    from grn_core.benchmark.features.cache import RESULT_CODE, code_digest
    from grn_core.models.registry import weights_sha
    from grn_core.pretrain.files import corpus_sha

    found = {"model": weights_sha(options.model), "code": code_digest(RESULT_CODE)}
    if options.references is not None:
        found["references"] = sha256_below(options.references, NETWORKS)
    cells = None if options.tables else measured_cells(options)
    if cells is not None:
        found["expression"] = sha256_below(cells, CELLS)
    if options.corpus is not None:
        found["corpus"] = corpus_sha(options.corpus)
    return found


def run_job(options: BenchmarkOptions, folder: Path, *, progress: Progress = silent) -> dict[str, Any]:
    """Measure a model, and write the results folder into ``folder/results``.

    Parameters
    ----------
    options
        What is measured.
    folder
        Folder of the run.
    progress
        Listener; may cancel: finished measurements are kept by content, and a later run goes on from them.

    Returns
    -------
    dict
        What is to be kept of it in the run's record.

    Raises
    ------
    GrnError
        As `protocols`, and of what is measured.
    """
    from grn_core.benchmark.features.handle import model_handle
    from grn_core.benchmark.results.export import manifest_of, results_of
    from grn_core.benchmark.results.tables import write_results

    started = time.monotonic()
    handle = model_handle(options.model)
    outcomes = _of_changes(options, handle, progress) if options.tables else _of_networks(options, handle, progress)
    seconds = time.monotonic() - started
    manifest = manifest_of(handle, outcomes, command=command_of(options, paths=False), seconds=seconds)
    results = results_of(outcomes, manifest, suite=options.suite)
    _write_measures(outcomes, folder)
    write_results(results, folder / RESULTS)
    return {
        "rows": len(results.scores),
        "computed": manifest["runs"][0]["computed"],
        "measurements": manifest["runs"][0]["measurements"],
        "notes": manifest["notes"],
    }


def _of_networks(options: BenchmarkOptions, handle: ModelHandle, progress: Progress) -> list[Outcome]:
    """Measure on reference networks: an outcome a protocol, those of one gene set and kind of negatives in a row."""
    from grn_core.benchmark.features.bench import Bench
    from grn_core.benchmark.features.handle import model_handle
    from grn_core.benchmark.protocol.runner import run_protocol
    from grn_core.executors import computing

    asked, untrained = protocols(options), model_handle(options.model, weights="random")
    outcomes = []
    with computing(progress) as executor:
        bench = Bench(handle, untrained, progress=progress, executor=executor)
        for number, protocol in enumerate(asked):
            told = _nth(progress, number, len(asked))
            bench.progress = told
            outcomes.append(run_protocol(protocol, handle, untrained, progress=told, bench=bench))
    return outcomes


def _of_changes(options: BenchmarkOptions, handle: ModelHandle, progress: Progress) -> list[Outcome]:
    """Measure on tables of what changed when TFs were perturbed."""
    from grn_core.benchmark.features.handle import model_handle
    from grn_core.benchmark.perturbed.suite import run_perturbation

    found = run_perturbation(
        options.tables,
        handle,
        options.translator,
        untrained=model_handle(options.model, weights="random"),
        references=options.references,
        corpus=options.corpus,
        progress=progress,
    )
    return [found]


def names_of_tests(options: BenchmarkOptions) -> list[str]:
    """Return the name of every test of a benchmark, once for each training reference, split, gene set and negatives.

    Raises
    ------
    GrnError
        As `protocols`.
    """
    if options.tables:
        return list(titles_of(options.tables))
    return [name for one in protocols(options) for name in one.tests for _ in one.splits]


def check_named(options: BenchmarkOptions) -> None:
    """Refuse what a benchmark names and cannot be measured: tests that are not there, a network or table of no use.

    Raises
    ------
    GrnError
        As `protocols`, `grn_core.benchmark.references.reference.read_own` and
        `grn_core.benchmark.perturbed.tables.read_table`.
    """
    from grn_core.benchmark.perturbed.tables import read_table

    for _, path in map(named, options.tables):
        read_table(path)
    if not options.tables:
        protocols(options)
    if options.suite == "own":
        read_own(own_network(options.reference), genes=options.genes)


def _write_measures(outcomes: Sequence[Outcome], folder: Path) -> None:
    from grn_core.benchmark.protocol.runner import join

    def universe(one: Outcome) -> tuple[str, ...]:
        return tuple(str(one.table[name].iloc[0]) for name in ("size", "negatives")) if len(one.table) else ()

    tables = [join(list(group)).table for _, group in groupby(outcomes, key=universe)]
    write_json(
        folder / MEASURES, [json.loads(table.to_json(orient="records", double_precision=15)) for table in tables]
    )


def measures(folder: Path) -> list[pd.DataFrame]:
    """Return the tables of a run, one for each gene set and kind of negatives; a measure that is not there is NaN."""
    import numpy as np
    import pandas as pd

    return [pd.DataFrame(rows).fillna(np.nan) for rows in read_json(folder / MEASURES) or () if rows]


def check_own(name: str) -> dict[str, int | str]:
    """Say what an uploaded reference holds, before anything is computed.

    Returns
    -------
    dict
        ``edges``, ``sources``, ``genes`` (all in human symbols) and ``note`` (what was lost).

    Raises
    ------
    DataError
        As `grn_core.benchmark.references.reference.read_own`.
    """
    reference = read_own(reference_path(name))
    edges = reference.edges
    sizes = {"edges": len(edges), "sources": edges["source"].nunique(), "genes": len(reference.genes)}
    return {**sizes, "note": " ".join(reference.notes)}


def _nth(progress: Progress, number: int, total: int) -> Progress:
    """Count the measurements of one protocol as a part of those of all."""
    n_parts = total

    def tell(stage: str, done: int, total: int) -> None:
        whole = stage == "measure"
        progress(stage, number * total + done if whole else done, n_parts * total if whole else total)

    return tell

"""Results of the benchmark as a folder of tables: what the command writes, what the pages read and what ships."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import pandas as pd

from grn_core.assets import asset
from grn_core.benchmark.perturbed.names import CHANGED, RANDOM
from grn_core.errors import DataError
from grn_core.files import write_atomic
from grn_core.spreadsheets import guarded, unguarded

PLACE = ("train", "dataset", "network", "genes", "method")
KEY = ("suite", *PLACE, "kind", "split", "negatives", "metric")
COLUMNS = {
    "scores": (*KEY, "mean", "sd", "seeds", "sources", "targets", "positives", "prevalence"),
    "per_tf": (*PLACE, "source", "positives", "prevalence", "auprc"),
    "curves": (*PLACE, "recall", "precision"),
    "calibration": (*PLACE, "bin_low", "bin_high", "predicted", "observed", "pairs"),
}
FILES = {
    "scores": "scores.tsv.gz",
    "per_tf": "per_tf.tsv.gz",
    "curves": "curves.tsv.gz",
    "calibration": "calibration.tsv",
}
KEYS = {
    "scores": KEY,
    "per_tf": (*PLACE, "source"),
    "curves": (*PLACE, "recall"),
    "calibration": (*PLACE, "bin_low"),
}
TEXT = {*KEY, "source"}
RUN = ("command", "created", "wall_seconds", "computed", "measurements", "code_version")
"""What is kept of a command: when it ended, how long it took, how many of its measurements it computed itself."""

EARLIER_RUN = {"cells": "measurements"}
"""Older name of an entry of `RUN` -> its name."""

EARLIER_METHOD = {(CHANGED, "Random weights"): RANDOM}
"""Kind of network and older name of a method -> its name."""

LISTS = ("train", "chosen_on", "notes")
MANIFEST = ("model", "model_sha", "title", "runs", *LISTS)
KINDS = ("method", "extension", "coexpression", "control")


def _empty(table: str) -> pd.DataFrame:
    return pd.DataFrame(columns=list(COLUMNS[table]))


@dataclass(frozen=True, eq=False)
class Results:
    """What a benchmark measured.

    Attributes
    ----------
    scores
        A row per suite, training reference, test, gene set, method, split, kind of negatives and metric: ``mean`` and
        ``sd`` over ``seeds`` draws, and the universe (``sources``, ``targets``, ``positives``, ``prevalence``).
        ``train`` names what was trained on, whose pairs are left out of the test for every method, those that learn
        nothing included; it is empty where nothing is left out. ``genes`` that end in ``(measured)`` are those of the
        set that the dataset's own cells measure: the universe of co-expression and of all that stands beside it.
    per_tf
        AUPRC of each TF on its own, mean over seeds; split ``all``, TF-restricted negatives.
    curves
        Precision at at most 101 recalls, mean over seeds; split ``all``, TF-restricted negatives.
    calibration
        Probabilities in bins: mean prediction, share of edges, number of pairs; as above, translators only.
    manifest
        ``model``, ``model_sha`` (of its file, or of its files), ``title``, ``train``, ``chosen_on`` (what was tuned
        on, to be read apart from the rest), ``notes``, and ``runs``: of each command ``command`` (without the user's
        paths), ``created`` (when it ended), ``wall_seconds``, ``measurements`` (a method on a test),
        ``computed`` (how many of them were computed then, and not read from the cache) and ``code_version``.
        ``wall_seconds``, ``computed`` and ``measurements`` are None where they are not known.
    name
        Tells them from all others as long as the process lives: of which folder they were read, and of when it is.
        Empty for results that were just made, which nothing may be kept of.
    """

    scores: pd.DataFrame
    per_tf: pd.DataFrame = field(default_factory=lambda: _empty("per_tf"))
    curves: pd.DataFrame = field(default_factory=lambda: _empty("curves"))
    calibration: pd.DataFrame = field(default_factory=lambda: _empty("calibration"))
    manifest: dict[str, Any] = field(default_factory=dict)
    name: str = ""


def read_results(folder: Path) -> Results:
    """Read a results folder.

    Parameters
    ----------
    folder
        Holds ``manifest.json``, ``scores.tsv.gz``, ``per_tf.tsv.gz``, ``curves.tsv.gz``, ``calibration.tsv``.

    Returns
    -------
    Results
        Columns as in `COLUMNS`; text columns hold text, empty where there is none.

    Raises
    ------
    DataError
        If a file is missing or damaged, or lacks a column or an entry.
    """
    folder = Path(folder)
    try:
        name = f"{folder.absolute()} {(folder / 'manifest.json').stat().st_mtime_ns}"
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        tables = {
            name: pd.read_csv(
                folder / file, sep="\t", dtype=dict.fromkeys(TEXT, str), keep_default_na=False, na_values=["nan"]
            )
            for name, file in FILES.items()
        }
    except (OSError, EOFError, ValueError) as error:
        message = f"the results in {folder} cannot be read ({' '.join(str(error).split())})"
        raise DataError(
            message, needed=f"manifest.json, {', '.join(FILES.values())}", todo="write them again with --out"
        ) from error
    manifest = _in_todays_words(manifest)
    tables = {name: _of_today(_with_names(table, unguarded)) for name, table in tables.items()}
    _check(tables, manifest, str(folder))
    scores, per_tf, curves, calibration = (tables[file][list(COLUMNS[file])] for file in FILES)
    return Results(scores, per_tf, curves, calibration, manifest=manifest, name=name)


def _in_todays_words(manifest: Any) -> Any:
    """Call what older versions wrote of their commands by the names of today; what is no manifest stays as it is."""
    try:
        runs = [{EARLIER_RUN.get(name, name): value for name, value in run.items()} for run in manifest["runs"]]
    except (KeyError, TypeError, AttributeError):
        return manifest
    return {**manifest, "runs": runs}


def _of_today(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table with its methods by the names of today; one without their columns stays as it is."""
    if not {"network", "method"} <= {*table}:
        return table
    method = table["method"].copy()
    for (network, name), today in EARLIER_METHOD.items():
        method[(table["network"] == network) & (method == name)] = today
    return table.assign(method=method)


def write_results(results: Results, folder: Path) -> Path:
    """Write a results folder; each file is whole or untouched.

    Raises
    ------
    DataError
        If a table lacks a column or the manifest an entry.
    """
    tables = {name: getattr(results, name) for name in FILES}
    _check(tables, results.manifest, "the results")
    folder = Path(folder)
    for name, file in FILES.items():
        table = tables[name][list(COLUMNS[name])].sort_values(list(KEYS[name]), kind="stable")
        table = _with_names(table, guarded)
        packed = {"method": "gzip", "mtime": 0} if file.endswith(".gz") else None
        write = partial(table.to_csv, sep="\t", index=False, float_format="%.5g", na_rep="nan", compression=packed)
        write_atomic(folder / file, write)
    text = json.dumps(results.manifest, indent=2, ensure_ascii=False) + "\n"
    write_atomic(folder / "manifest.json", lambda draft: draft.write_text(text, encoding="utf-8"))
    return folder


def _with_names(table: pd.DataFrame, change: Callable[[str], str]) -> pd.DataFrame:
    """Return a table with every name changed."""
    changed = table.copy(deep=False)
    for column in TEXT & {*table}:
        other = {one: new for one in table[column].unique() if isinstance(one, str) and (new := change(one)) != one}
        if other:
            changed[column] = table[column].replace(other)
    return changed


def shipped() -> list[Path]:
    """Folders of the results that ship with the product, sorted."""
    return sorted(path.parent for path in asset("benchmarks").glob("*/manifest.json"))


def released(folder: Path) -> Results:
    """Read one of `shipped`, once in a process unless it is written anew; what is handed out is not to be changed."""
    return _released(folder, (folder / "manifest.json").stat().st_mtime_ns)


@lru_cache(maxsize=2)
def _released(folder: Path, stamp: int) -> Results:  # noqa: ARG001 - the stamp tells new results from old ones
    return read_results(folder)


def merge(several: Sequence[Results]) -> Results:
    """Put results of one model together; of a row or a command that is there twice the last one stays.

    A command that was run again and computed nothing leaves the record of when it did.

    Raises
    ------
    DataError
        If there are none, or they are of different weights.
    """
    models = {one.manifest.get("model_sha") for one in several}
    if len(models) != 1:
        message = f"the results are of {len(models)} models"
        raise DataError(message, needed="results of one model", todo="merge those of each model apart")
    tables = {}
    for name in FILES:
        parts = [part for part in (getattr(one, name) for one in several) if len(part)]
        whole = pd.concat(parts, ignore_index=True) if parts else _empty(name)
        tables[name] = whole.drop_duplicates(list(KEYS[name]), keep="last", ignore_index=True)
    manifest = dict(several[-1].manifest)
    for name in LISTS:
        manifest[name] = list(dict.fromkeys(item for one in several for item in one.manifest.get(name, [])))
    runs = [run for one in several for run in one.manifest["runs"]]
    kept: dict[str, dict[str, Any]] = {}
    for run in runs:
        old = kept.get(run["command"])
        if old is None or run["computed"] != 0 or run["code_version"] != old["code_version"]:
            kept.pop(run["command"], None)
            kept[run["command"]] = run
    manifest["runs"] = list(kept.values())
    scores, per_tf, curves, calibration = (tables[name] for name in FILES)
    return Results(scores, per_tf, curves, calibration, manifest=manifest)


def _check(tables: dict[str, pd.DataFrame], manifest: dict[str, Any], where: str) -> None:
    lacking = [f"{FILES[n]}: {c}" for n, table in tables.items() for c in COLUMNS[n] if c not in table.columns]
    lacking += [f"manifest.json: {name}" for name in MANIFEST if name not in manifest]
    runs = manifest.get("runs", [])
    lacking += [f"manifest.json: {name} of a run" for name in RUN if any(name not in run for run in runs)]
    if lacking:
        message = f"{where} lack {', '.join(lacking)}"
        raise DataError(message, needed="every column and entry", todo="write them again with --out")

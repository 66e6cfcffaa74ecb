"""Outcomes of protocols as a results folder."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from grn_core.benchmark.features.cache import RESULT_CODE, code_digest
from grn_core.benchmark.features.handle import ModelHandle
from grn_core.benchmark.perturbed.names import UNCHANGED
from grn_core.benchmark.protocol.runner import Outcome
from grn_core.benchmark.results.tables import COLUMNS, Results, merge, read_results, write_results
from grn_core.errors import DataError

METRICS = (
    "auprc",
    "auprc_ratio",
    "auroc",
    "epr",
    "auprc_per_tf",
    "prevalence_per_tf",
    "auprc_beeline",
    "epr_beeline",
    "sign_accuracy",
    "sign_majority",
    "auprc_ratio_per_tf",
    "epr_per_tf",
    "sign_balanced",
    "direction",
)
NATURAL = ("auprc", "auprc_ratio", "epr")
NAMES = {"n_positives": "positives"}


def manifest_of(
    model: ModelHandle,
    outcomes: Sequence[Outcome],
    *,
    command: str,
    seconds: float,
    title: str = "",
    chosen_on: Sequence[str] = (),
) -> dict[str, Any]:
    """Say what was measured, how and when.

    Parameters
    ----------
    model
        What was measured.
    outcomes
        What was found.
    command
        The command line, without the user's paths.
    seconds
        Wall time of the command.
    title
        Heading; the model's if empty.
    chosen_on
        Test references on which anything was chosen.
    """
    trains = {name for one in outcomes if len(one.table) for name in one.table["train"]}
    return {
        "model": model.record.name,
        "model_sha": model.sha,
        "title": title or model.record.title,
        "runs": [
            {
                "command": command,
                "created": datetime.now(UTC).isoformat(timespec="seconds"),
                "wall_seconds": round(seconds, 1),
                "computed": sum(one.n_computed for one in outcomes),
                "measurements": sum(one.n_measurements for one in outcomes),
                "code_version": code_digest(RESULT_CODE)[:12],
            }
        ],
        "train": sorted(f"beeline:{name}" if ":" in name else name for name in trains),
        "chosen_on": list(chosen_on),
        "notes": list(dict.fromkeys(note for one in outcomes for note in one.notes)),
    }


def results_of(outcomes: Sequence[Outcome], manifest: Mapping[str, Any], *, suite: str = "") -> Results:
    """Put outcomes into the format of the results folder.

    Parameters
    ----------
    outcomes
        Of any universes: a row names its own.
    manifest
        From `manifest_of`.
    suite
        Name of the suite; the protocols' own if empty.
    """
    rows = [row for one in outcomes for row in _scores(one.table, suite)]
    scores = pd.DataFrame(rows, columns=list(COLUMNS["scores"]))
    tables = []
    for name in ("per_tf", "curves", "calibration"):
        parts = [_plain(getattr(one, name)) for one in outcomes]
        found = pd.concat([part for part in parts if len(part)] or [pd.DataFrame(columns=COLUMNS[name])])
        tables.append(found.rename(columns=NAMES)[list(COLUMNS[name])].reset_index(drop=True))
    per_tf, curves, calibration = tables
    return Results(scores, per_tf, curves, calibration, manifest=dict(manifest))


def save(results: Results, folder: Path) -> Results:
    """Write results, put together with what the folder already holds of the same weights.

    Raises
    ------
    DataError
        If the folder holds results of other weights.
    """
    before = earlier(folder, model_sha=results.manifest["model_sha"])
    if before is not None:
        results = merge([before, results])
    write_results(results, folder)
    return results


def earlier(folder: Path, *, model_sha: str) -> Results | None:
    """Return the results that a folder holds already, None if it holds none.

    Raises
    ------
    DataError
        If they are of other weights, or damaged.
    """
    if not (Path(folder) / "manifest.json").is_file():
        return None
    before = read_results(folder)
    if before.manifest["model_sha"] != model_sha:
        message = f"{folder} holds results of other weights ({before.manifest['model']})"
        raise DataError(message, needed="an empty folder, or one of the same model", todo="choose another --out")
    return before


def _plain(table: pd.DataFrame) -> pd.DataFrame:
    """Rows of the split ``all`` whose negatives, if drawn, are TF-restricted; and all rows of perturbed TFs."""
    if not len(table):
        return table
    drawn = table["negatives"].isin(["tf-restricted"]) | (table["suite"] == "curated")
    return table[((table["split"] == "all") & drawn) | (table["negatives"] == UNCHANGED)]


def _scores(table: pd.DataFrame, suite: str) -> Iterator[dict[str, Any]]:
    for row in table.to_dict("records"):
        place = {name: row[name] for name in ("train", "dataset", "network", "genes", "method", "kind", "split")}
        place |= {"suite": suite or row["suite"], "negatives": row["negatives"], "seeds": row["n_seeds"]}
        place |= {"sources": row["n_sources"], "targets": row["n_targets"], "positives": row["n_positives"]}
        prevalence = row["prevalence"]
        for metric in METRICS:
            if pd.notna(row.get(metric)):
                spread = row.get(f"{metric}_sd", 0.0)
                yield {**place, "metric": metric, "mean": row[metric], "sd": spread, "prevalence": prevalence}
        if row["negatives"] == "tf-restricted" and pd.notna(row.get("natural_prevalence")):
            natural = {**place, "negatives": "natural", "prevalence": row["natural_prevalence"]}
            for metric in NATURAL:
                found = {"mean": row[f"{metric}_natural"], "sd": row[f"{metric}_natural_sd"]}
                yield {**natural, "metric": metric, **found}

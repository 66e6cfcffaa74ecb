"""Results of a benchmark made up for tests: two data sets, two networks, two training references, few methods."""

from __future__ import annotations

import pandas as pd

from grn_core.benchmark.results.tables import LISTS, MANIFEST, Results

METHODS = {
    "VVP": "method",
    "GDT": "method",
    "Ensemble": "method",
    "Pearson": "coexpression",
    "Random weights": "control",
    "Corpus correlation": "control",
    "SVD cosine": "control",
}
SCORES = {"VVP": 0.60, "GDT": 0.62, "Ensemble": 0.64, "Pearson": 0.55}
SCORES |= {"Random weights": 0.51, "Corpus correlation": 0.61, "SVD cosine": 0.60}
TRAINS = ("hESC:STRING", "hESC:Non-Specific", "mDC:STRING")
TFS = ("GATA1", "SPI1", "NA")


def toy_results(*, sha="abc", title="Toy model", shift=0.0) -> Results:
    """Scores fall with the place of the training reference; ``mHSC-E`` is 0.05 harder for the Ensemble alone."""
    scores, per_tf, curves, calibration = [], [], [], []
    for number, train in enumerate(TRAINS):
        trained, _, network = train.partition(":")
        for dataset in ("hHEP", "mDC", "mHSC-E"):
            if dataset == trained:
                continue
            for method, kind in METHODS.items():
                place = {"train": train, "dataset": dataset, "network": network, "genes": "TFs+500", "method": method}
                mean = SCORES[method] - 0.01 * number + shift
                mean -= 0.05 if (dataset, method) == ("mHSC-E", "Ensemble") else 0.0
                universe = {"seeds": 5, "sources": 200, "targets": 900, "positives": 4000 + number}
                row = {"suite": "ugrn", **place, "kind": kind, "sd": 0.005, **universe}
                for split, loss in (("all", 0.0), ("unseen-target", 0.03)):
                    for metric, value in (("auprc", mean - loss), ("auroc", mean - loss - 0.02)):
                        own = {"split": split, "negatives": "tf-restricted", "metric": metric, "mean": value}
                        scores.append({**row, **own, "prevalence": 0.5})
                natural = {"split": "all", "negatives": "natural", "metric": "auprc", "mean": mean / 20}
                scores.append({**row, **natural, "prevalence": 0.02})
                tf = {**place, "positives": 10.0, "prevalence": 0.5}
                per_tf += [{**tf, "source": name, "auprc": mean - 0.1 * i} for i, name in enumerate(TFS)]
                curves += [{**place, "recall": r, "precision": 1 - r / 2} for r in (0.0, 0.5, 1.0)]
                if kind == "method":
                    bins = ((0.1, 0.2, 0.15, 0.2, 40), (0.8, 0.9, 0.85, 0.7, 60))
                    names = ("bin_low", "bin_high", "predicted", "observed", "pairs")
                    calibration += [{**place, **dict(zip(names, one, strict=True))} for one in bins]
    manifest = {name: [] if name in LISTS else "x" for name in MANIFEST}
    manifest |= {
        "model_sha": sha,
        "title": title,
        "model": "compact",
        "chosen_on": ["mDC:STRING"],
    }
    run = {"command": "python -m grn_core benchmark --suite ugrn", "created": "2026-01-02T03:04:05+00:00"}
    manifest["runs"] = [{**run, "wall_seconds": 540.0, "computed": 1200, "measurements": 1200, "code_version": "c0de"}]
    return Results(*(pd.DataFrame(rows) for rows in (scores, per_tf, curves, calibration)), manifest=manifest)

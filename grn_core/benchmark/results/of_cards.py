"""What the cards of translators say, as results, and what each was trained on as results name it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from grn_core.benchmark.results.tables import COLUMNS, Results
from grn_core.benchmark.results.view import ORDER


def results_of_cards(cards: Iterable[Mapping[str, Any]]) -> Results:
    """Return the scores that the cards of translators carry as results, for want of a full benchmark.

    Parameters
    ----------
    cards
        With ``name``, ``training``, ``evaluation``, see `grn_core.benchmark.protocol.translator.train_and_measure`.
    """
    rows: list[dict[str, Any]] = []
    for card in cards:
        train = training_of(card)
        if any(row["train"] == train for row in rows):  # of the same network, in another readout
            train = str(card.get("name", ""))
        for row in card.get("evaluation", ()):
            method, _, inner = str(row["method"]).partition(": ")
            control = bool(row.get("is_control", method not in ORDER))
            rows.append(
                {
                    "suite": "ugrn",
                    "train": train,
                    "dataset": row["dataset"],
                    "network": row["network"],
                    "genes": "TFs+500",
                    "method": method if control or not inner else row["method"],
                    "kind": "control" if control else "method",
                    "split": "all",
                    "negatives": row.get("universe", "tf-restricted"),
                    "metric": "auprc",
                    "mean": row["mean"],
                    "sd": row.get("sd"),
                    "seeds": row.get("n_seeds"),
                    "sources": row.get("n_sources"),
                    "targets": row.get("n_targets"),
                    "positives": row.get("n_positives"),
                    "prevalence": row["prevalence"],
                }
            )
    name = f"cards {hashlib.sha256(json.dumps(rows).encode()).hexdigest()}"
    scores = pd.DataFrame(rows, columns=list(COLUMNS["scores"]))
    return Results(scores, manifest={"title": "Translators' cards"}, name=name)


def learnt_from(card: Mapping[str, Any]) -> str:
    """`training_of` of what a translator learnt from, whatever it knows beside."""
    return training_of({**card, "training": [one for one in card.get("training", ()) if not one.get("beside")]})


def training_of(card: Mapping[str, Any]) -> str:
    """Name what a translator was trained on as the benchmark does: ``hESC:STRING``, or the translator's name."""
    parts = [str(one.get("reference", "")).split() for one in card.get("training", ())]
    if len(parts) == 1 and len(parts[0]) == 3 and parts[0][2].startswith("TFs+"):
        return f"{parts[0][0]}:{parts[0][1]}"
    return str(card.get("name", ""))

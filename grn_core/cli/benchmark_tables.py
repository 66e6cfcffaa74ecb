"""The tables that ``benchmark`` prints."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grn_core.cli.output import say, table

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

SIZES = ("n_sources", "n_targets", "n_positives", "prevalence")
WHERE = ("train", "test", "genes", "split", "method")
SIGNED = ("sign_accuracy", "sign_majority")
SHOWN = {
    "tf-restricted": ("auprc", "auprc_sd", "auroc", "epr", "auprc_natural", "auprc_per_tf", "prevalence_per_tf"),
    "all-pairs": ("auprc", "auprc_sd", "auroc", "epr", "auprc_natural"),
    "degree-matched": ("auprc", "auprc_sd", "auroc", "epr"),
    "beeline": ("auprc_beeline", "auprc_beeline_sd", "auroc", "epr_beeline", "auprc"),
    "unchanged": ("auprc_ratio_per_tf", "auprc_ratio_per_tf_sd", "epr_per_tf", "direction", "sign_balanced"),
}


def print_table(found: pd.DataFrame, suite: str) -> None:
    """Print one table; for the suite transfer with a single split the matrix of the ensemble before it."""
    from grn_core.benchmark.protocol.runner import transfer_matrix
    from grn_core.translator.measured import ENSEMBLE

    negatives, size = found["negatives"].iloc[0], found["size"].iloc[0]
    what = f"TFs+{size}, " if suite in ("ugrn", "transfer") else ""
    say(f"{what}{negatives}")
    whole = found[~found["genes"].str.endswith("(measured)")]
    if suite == "transfer" and found["split"].nunique() == 1 and ENSEMBLE in set(found["method"]):
        scores = transfer_matrix(whole).round(3)
        matrix = scores.astype(object).where(scores.notna(), "")
        say(f"AUPRC of the {ENSEMBLE}, row = trained on, column = tested on")
        say(table(["", *matrix.columns], ([name, *row] for name, row in zip(matrix.index, matrix.values, strict=True))))
        say("")
    measures = [name for name in (*SHOWN[negatives], *SIGNED) if name in found]
    columns: Sequence[str] = (*WHERE, *measures, *SIZES)
    shown: pd.DataFrame = found[list(columns)].copy()
    shown["method"] = [
        name if kind == "method" else f"{name} ({kind})"
        for name, kind in zip(found["method"], found["kind"], strict=True)
    ]
    shown = shown.map(lambda value: f"{value:z.3f}" if isinstance(value, float) else value)
    say(table(columns, shown.itertuples(index=False)))
    say("")


def print_published(tables: Sequence[pd.DataFrame]) -> None:
    """Print measured scores beside those of the paper, and what its open points change."""
    from grn_core.benchmark.results.published import beside_published, what_switches_change
    from grn_core.translator.measured import WHOLE

    found = beside_published(tables)
    shown = found.map(lambda value: f"{value:z.3f}" if isinstance(value, float) and value == value else value)
    say("AUPRC as published (scGPT, arXiv 2605.08128, quoted) and as measured here")
    say(table(list(found.columns), shown.fillna("").itertuples(index=False)))
    say("")
    for method in dict.fromkeys(("Ensemble", *reversed(WHOLE))):
        for line in what_switches_change(found, method=method):
            say(line)

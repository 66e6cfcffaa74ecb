"""Measure how good lists of proposed experiments are, on tables of perturbed TFs; writes ``assets/proposals.json``.

    python -m scripts.measure_proposals --table "GEO, RNA-seq=FILE" --table "LINCS, over-expression=FILE"

Of each table the TFs are those that the suite of perturbed TFs asks, and the genes at most 3,000 drawn with a seed. The
default translator ranks them. A list is ten TFs; its hit rate is the share of each TF's best 20 targets in no bundled
reference that changed when it was perturbed, mean over its TFs, beside the share of all its genes that changed.
Controls: ten random TFs (mean and 95 % of 500 draws), and the ten with the most edges among the best percent.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from grn_core.assets import asset
from grn_core.benchmark.perturbed.names import named
from grn_core.benchmark.perturbed.tables import Changes, changes_of, read_table
from grn_core.benchmark.references.known import n_known
from grn_core.datasets import genes_only
from grn_core.experiments.proposals import BEST, propose
from grn_core.files import write_json
from grn_core.inference import infer
from grn_core.models.load import load_model
from grn_core.models.registry import weights_sha
from grn_core.translator.registry import DEFAULT, translator_sha

N_LIST, N_TARGETS, MOST_GENES, N_DRAWS, SHARE = 10, 20, 3000, 500, 0.01


def hits_of_each(changes: Changes, edges: pd.DataFrame) -> pd.DataFrame:
    """Return of each TF the share of its best new targets that changed, and of all its genes; indexed by symbol."""
    place = {gene: number for number, gene in enumerate(changes.genes)}
    rows = {}
    for number, tf in enumerate(changes.genes[one] for one in changes.tfs):
        own = edges[edges["source_symbol"] == tf].sort_values(["probability", "target"], ascending=[False, True])
        at = own["target_symbol"].map(place).to_numpy()
        own, at = own[changes.asked[number, at]], at[changes.asked[number, at]]
        new = at[n_known((tf, target) for target in own["target_symbol"]) == 0][:N_TARGETS]
        if len(new) and changes.label[number, at].any():
            rows[tf] = {"hit": changes.label[number, new].mean(), "chance": changes.label[number, at].mean()}
    return pd.DataFrame.from_dict(rows, orient="index")


def figures(each: pd.DataFrame, tfs: list[str]) -> dict[str, float]:
    """Return hit rate, chance and how many times it a list of TFs has."""
    own = each.loc[tfs]
    hit, chance = float(own["hit"].mean()), float(own["chance"].mean())
    return {"hit": round(hit, 4), "chance": round(chance, 4), "times": round(hit / chance, 3)}


def measured(title: str, file: Path) -> dict[str, Any]:
    """Measure one table."""
    model = load_model("compact")
    changes = changes_of(read_table(file), frozenset(model.vocabulary), title=title)
    tfs = [changes.genes[one] for one in changes.tfs]
    others = sorted(set(changes.genes) - set(tfs))
    drawn = np.random.default_rng(0).permutation(len(others))[: max(MOST_GENES - len(tfs), 0)]
    panel = genes_only([*tfs, *(others[one] for one in sorted(drawn))], tfs=tfs, vocabulary=model.vocabulary)
    edges = infer(panel, model=model)
    each = hits_of_each(changes, edges)
    edges = edges[edges["source_symbol"].isin(each.index)]
    order = propose(edges, n=len(each), best=BEST)["symbol"].tolist()
    strong = edges.nlargest(round(SHARE * len(edges)), "probability")["source_symbol"].value_counts()
    degree = sorted(each.index, key=lambda tf: (-int(strong.get(tf, 0)), tf))
    rng = np.random.default_rng(0)
    random = [figures(each, list(rng.choice(each.index, N_LIST, replace=False))) for _ in range(N_DRAWS)]
    times = [one["times"] for one in random]
    return {
        "table": title,
        "n_tfs": len(each),
        "n_genes": len(panel.genes),
        "list": N_LIST,
        "targets": N_TARGETS,
        "proposed": figures(each, order[:N_LIST]),
        "out_degree": figures(each, degree[:N_LIST]),
        "random": {
            "hit": round(float(np.mean([one["hit"] for one in random])), 4),
            "times": round(float(np.mean(times)), 3),
            "times_low": round(float(np.percentile(times, 2.5)), 3),
            "times_high": round(float(np.percentile(times, 97.5)), 3),
        },
        "tfs": order[:N_LIST],
    }


def main() -> None:
    """Measure every table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--table", action="append", default=[], metavar="TITLE=FILE", required=True)
    parser.add_argument("-o", "--output", type=Path, default=asset() / "proposals.json")
    arguments = parser.parse_args()
    rows = [measured(*named(one)) for one in arguments.table]
    of = {"model_sha": weights_sha("compact"), "translator": DEFAULT, "translator_sha": translator_sha(DEFAULT)}
    write_json(arguments.output, {**of, "tables": rows})


if __name__ == "__main__":
    main()

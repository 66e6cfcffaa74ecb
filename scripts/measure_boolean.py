"""Measure the four simulated Boolean networks with and without their cells; writes ``assets/boolean.json``.

    python -m scripts.measure_boolean

Asked are all pairs of two genes of a network, but for edges that one of both translators was shown in training.
**Default translator**: the virtual cell,
in which no cell takes part; **its cells as background**: the translator for cells, with the mean of the simulated
cells; **Pearson correlation**: its size over these cells. AUPRC, of which the share of edges is a guess.
"""

from __future__ import annotations

import argparse
from itertools import permutations

import numpy as np
from sklearn.metrics import average_precision_score

from grn_core.assets import asset
from grn_core.benchmark.features.expression import simulated_cells
from grn_core.benchmark.features.mean_cell import mean_cell
from grn_core.benchmark.references.curated import NAMES, truth_of
from grn_core.benchmark.references.known import seen_in_training
from grn_core.benchmark.references.reference import restrict
from grn_core.files import write_json
from grn_core.models.interface import FoundationModel
from grn_core.models.load import load_model
from grn_core.models.registry import weights_sha
from grn_core.translator.registry import DEFAULT, FOR_CELLS, load_translator, translator_sha
from scripts.measure_own_cells import correlation, logits

GENERIC, CONTEXT, PEARSON, GUESS = (
    "Default translator",
    "Its cells as background",
    "Pearson correlation",
    "Random guess",
)


def measure(model: FoundationModel, name: str) -> dict[str, object]:
    """Rank the pairs of one network in every way."""
    truth, cells = restrict(truth_of(name), frozenset(model.vocabulary)), simulated_cells(name)
    genes = tuple(gene for gene in cells.genes if gene in truth.genes)
    edges = set(zip(truth.edges["source"], truth.edges["target"], strict=True))
    pairs = list(permutations(range(len(genes)), 2))
    named = [(genes[source], genes[target]) for source, target in pairs]
    shown = [seen_in_training(translator, named) for translator in (DEFAULT, FOR_CELLS)]
    asked = [not any(one is not None and one[row] for one in shown) for row in range(len(pairs))]
    source, target = np.array(pairs)[asked].T
    label = np.array([pair in edges for pair in named])[asked]
    every = list(range(len(genes)))
    scores = {
        GENERIC: logits(model, load_translator(DEFAULT), genes, every, None),
        CONTEXT: logits(model, load_translator(FOR_CELLS), genes, every, mean_cell(model, genes, cells)),
        PEARSON: correlation(cells.values[:, cells.columns(genes)]),
    }
    found = {
        way: round(float(average_precision_score(label, score[source, target])), 4) for way, score in scores.items()
    }
    found[GUESS] = round(float(label.mean()), 4)
    known = len(edges) - int(label.sum())
    return {"dataset": name, "genes": len(genes), "edges": int(label.sum()), "shown": known, "auprc": found}


def main() -> None:
    """Measure every network."""
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    model = load_model("compact")
    of = {"model_sha": weights_sha("compact"), "translator_sha": translator_sha(DEFAULT)}
    write_json(asset() / "boolean.json", {**of, "auprc": [measure(model, name) for name in NAMES]})


if __name__ == "__main__":
    main()

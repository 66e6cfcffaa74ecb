"""Measure the four simulated Boolean networks in every way of one table; writes ``assets/boolean.json``.

    python -m scripts.measure_boolean

Asked are all pairs of two genes of a network, but for edges that a translator was shown in training: every row asks the
same pairs. **Default translator**: the virtual cell, in which no cell takes part, and its **VVP and GDT alone**,
without what it knows of genes; **adapted to its cells**: the same of a model whose training went on with the simulated
cells (300 steps). **Translator for cells**: in the virtual cell, and **its cells as background** at the mean of the
simulated cells, also of the model that was adapted to them. Then every co-expression method on these cells, where it
draws anything the mean of five seeds. AUPRC, of which the share of edges is a guess.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import permutations
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from sklearn.metrics import average_precision_score

from grn_core.adapt import Adaptation, AdaptOptions
from grn_core.adapt.store import adapted_model
from grn_core.assets import asset
from grn_core.benchmark.features.expression import Cells, simulated_cells
from grn_core.benchmark.features.mean_cell import mean_cell
from grn_core.benchmark.references.curated import NAMES, truth_of
from grn_core.benchmark.references.known import seen_in_training
from grn_core.benchmark.references.reference import restrict
from grn_core.benchmark.results.boolean import GUESS
from grn_core.coexpression import METHODS, score_pairs
from grn_core.datasets import catalog
from grn_core.extractors.registry import DEFAULT as PLAIN
from grn_core.files import write_json
from grn_core.models.interface import FoundationModel
from grn_core.models.load import load_model
from grn_core.models.registry import weights_sha
from grn_core.translator.registry import DEFAULT, FOR_CELLS, load_translator, translator_sha
from scripts.measure_own_cells import logits

GENERIC, ALONE = "Default translator", "Its VVP and GDT alone"
FOR, CONTEXT = "Translator for cells, generic cell", "Translator for cells, its cells as background"
ADAPTED = ", adapted to its cells"
ORDER = (GENERIC, GENERIC + ADAPTED, ALONE, ALONE + ADAPTED, FOR, CONTEXT, CONTEXT + ADAPTED)
SEEDS = range(5)


@dataclass(frozen=True)
class Asked:
    """The pairs of a network that are asked: places of source and target among its genes, and labels, (N,)."""

    genes: tuple[str, ...]
    cells: Cells
    source: np.ndarray
    target: np.ndarray
    label: np.ndarray
    shown: int

    def auprc(self, scores: Sequence[np.ndarray]) -> float:
        """AUPRC of scores (genes, genes), the mean over several."""
        return float(np.mean([average_precision_score(self.label, one[self.source, self.target]) for one in scores]))


def asked_of(model: FoundationModel, name: str) -> Asked:
    """Read one network: all pairs of its genes but the edges that a translator was shown."""
    truth, cells = restrict(truth_of(name), frozenset(model.vocabulary)), simulated_cells(name)
    genes = tuple(gene for gene in cells.genes if gene in truth.genes)
    edges = set(zip(truth.edges["source"], truth.edges["target"], strict=True))
    pairs = list(permutations(range(len(genes)), 2))
    named = [(genes[source], genes[target]) for source, target in pairs]
    shown = [seen_in_training(translator, named) for translator in (DEFAULT, FOR_CELLS)]
    asked = [not any(one is not None and one[row] for one in shown) for row in range(len(pairs))]
    source, target = np.array(pairs)[asked].T
    label = np.array([pair in edges for pair in named])[asked]
    return Asked(genes, cells, source, target, label, len(edges) - int(label.sum()))


def of_model(model: FoundationModel, asked: Asked) -> dict[str, np.ndarray]:
    """Scores (genes, genes) of every way that asks a model."""
    generic, for_cells, every = load_translator(DEFAULT), load_translator(FOR_CELLS), list(range(len(asked.genes)))
    cells = replace(asked.cells, mean=asked.cells.values.mean(0))  # as the app takes them, though their genes are few
    return {
        GENERIC: logits(model, generic, asked.genes, every, None),
        ALONE: logits(model, generic, asked.genes, every, None, extractors=PLAIN),
        FOR: logits(model, for_cells, asked.genes, every, None),
        CONTEXT: logits(model, for_cells, asked.genes, every, mean_cell(model, asked.genes, cells)),
    }


def of_cells(asked: Asked, names: Sequence[str] = tuple(METHODS)) -> dict[str, list[np.ndarray]]:
    """Scores (genes, genes) of co-expression methods, for each seed; of a correlation its size."""
    values, every = asked.cells.values[:, asked.cells.columns(asked.genes)], list(range(len(asked.genes)))
    return {
        METHODS[name].title: [
            np.abs(score_pairs(values, asked.genes, every, method=name, seed=seed))
            for seed in (SEEDS if METHODS[name].seeded else (0,))
        ]
        for name in names
    }


def measure(model: FoundationModel, name: str, home: Path) -> dict[str, object]:
    """Rank the pairs of one network in every way; what was adapted is kept in `home`."""
    asked = asked_of(model, name)
    adapted, _ = adapted_model(model, Adaptation(catalog.load(name), None, AdaptOptions()), home=home)
    ways = of_model(model, asked) | {way + ADAPTED: one for way, one in of_model(adapted, asked).items()}
    scores = {**{way: [ways[way]] for way in ORDER}, **of_cells(asked)}
    found = {way: round(asked.auprc(one), 4) for way, one in scores.items()}
    found[GUESS] = round(float(asked.label.mean()), 4)
    sizes = {"genes": len(asked.genes), "edges": int(asked.label.sum()), "shown": asked.shown}
    return {"dataset": name, **sizes, "auprc": found}


def main() -> None:
    """Measure every network."""
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    model = load_model("compact")
    of = {"model_sha": weights_sha("compact"), "translator_sha": translator_sha(DEFAULT)}
    with TemporaryDirectory() as home:
        rows = [measure(model, name, Path(home)) for name in NAMES]
    write_json(asset() / "boolean.json", {**of, "auprc": rows})


if __name__ == "__main__":
    main()

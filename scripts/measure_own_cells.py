"""Measure what measured cells add: background, co-expression, both together; writes ``assets/own_cells.json``.

    python -m scripts.measure_own_cells --references networks --expression expression
        --test hHEP --test mDC --test mESC --without hESC --pair hESC:hHEP --pair mDC:mESC

Asked are pairs of a TF that has an edge and a gene, both measured in the cells of the data set; pairs whose TF and gene
are both in ``--without`` are left out. Ways: **generic**, the default translator, in which no cell takes part;
**context**, the translator for cells with the cells' mean as background; **co-expression**, the size of Pearson's
correlation; **co-expression of metacells**, the same over averages of some ten cells (k-means on 20 principal
components, seed 0); **generic and co-expression**, the score of the generic one and the log-odds of the correlation's
rank, weighed by what ranks best on the other data sets (mean over their networks; 0 is among the weights); and
**consensus**, the mean rank of both. AUPRC of five draws of as many negatives as edges, of TFs that have an edge.

``--pair A:B`` asks whether two data sets of one species differ where the truth does: pairs that both measure and of
which one network of the two has the edge and the other has not, its TF having edges in both. ``differs`` is how often a
higher score in the one goes with the edge there (AUROC of the difference of the scores; 0.5 where cells take no part).
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from scipy.stats import rankdata
from sklearn.metrics import average_precision_score, roc_auc_score

from grn_core.assets import asset
from grn_core.benchmark.features.expression import Cells, read_beeline_cells
from grn_core.benchmark.features.mean_cell import mean_cell
from grn_core.benchmark.references.reference import Reference, read_reference, restrict
from grn_core.coexpression.added import WEIGHT, added
from grn_core.coexpression.metacells import averaged
from grn_core.errors import DataError
from grn_core.extractors.in_memory import extract_rows
from grn_core.files import write_json
from grn_core.models.interface import FoundationModel
from grn_core.models.load import load_model
from grn_core.models.registry import weights_sha
from grn_core.translator.registry import DEFAULT, FOR_CELLS, load_translator, translator_sha
from grn_core.translator.translator import Translator

NETWORKS = ("STRING", "Non-Specific", "Specific")
WEIGHTS = (0.0, 0.25, 0.5, 1.0)
GENERIC, CONTEXT, CORRELATION, META = "generic", "context", "co-expression", "co-expression of metacells"
COMBINED, COMBINED_META, BORDA = "generic and co-expression", "generic and that of metacells", "consensus"
CELLS_OF_ONE = 10
DRAWS = 5
FEWEST = 30


@dataclass(frozen=True)
class Measured:
    """Pairs of measured genes of a data set: names (N,), labels (N,) by network, scores (N,) by way."""

    source: np.ndarray
    target: np.ndarray
    labels: dict[str, np.ndarray]
    scores: dict[str, np.ndarray]

    def combined(self, weights: Mapping[str, float]) -> np.ndarray:
        """The generic score and, weighed, the log-odds of the ranks of other ways."""
        found = self.scores[GENERIC]
        for way, weight in weights.items():
            found = added(found, self.scores[way], weight=weight)
        return found


def correlation(values: np.ndarray) -> np.ndarray:
    """Size of Pearson's correlation of every two genes; 0 of a gene that is the same in all cells."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.abs(np.nan_to_num(np.corrcoef(values, rowvar=False)))


def logits(
    model: FoundationModel,
    translator: Translator,
    genes: tuple[str, ...],
    sources: list[int],
    context: np.ndarray | None,
    extractors: Sequence[str] = (),
) -> np.ndarray:
    """Scores (TFs, genes) of a translator, of all that it asks or of `extractors`; `context`: cells as background."""
    asked = list(extractors or translator.card["ensemble"])
    background = "virtual" if context is None else "context"
    readout = translator.card["readout"]
    rows = extract_rows(
        model, genes, sources, extractors=asked, readout=readout, background=background, context=context
    )
    flat = {name: torch.from_numpy(np.ascontiguousarray(one.reshape(-1, one.shape[-1]))) for name, one in rows.items()}
    return translator.logits(flat).mean(0).reshape(len(sources), -1).numpy().astype(np.float64)


@dataclass(frozen=True)
class Asked:
    """What is asked of a data set: its measured genes, the TFs among them, and pairs as places in rows of these TFs."""

    cells: Cells
    genes: tuple[str, ...]
    sources: list[int]
    row: np.ndarray
    column: np.ndarray
    labels: dict[str, np.ndarray]
    own: dict[str, Reference]

    @property
    def names(self) -> tuple[np.ndarray, np.ndarray]:
        """TF and gene of every pair."""
        names = np.array(self.genes)
        return names[np.array(self.sources)[self.row]], names[self.column]


def asked_of(
    model: FoundationModel, networks: dict[str, Reference], folder: Path, dataset: str, without: Reference | None
) -> Asked:
    """Pairs of a TF that has an edge and a gene, both measured, but those of which `without` has both."""
    cells = read_beeline_cells(folder, dataset)
    if cells is None:
        message = f"there are no cells of {dataset}"
        raise DataError(message, needed="DATASET/ExpressionData.csv", todo="check --expression")
    known = frozenset(model.vocabulary)
    own = {name: restrict(one, known) for name, one in networks.items()}
    asked = {gene for one in own.values() for gene in one.genes}
    genes = tuple(gene for gene in cells.genes if gene in asked)
    place = {gene: number for number, gene in enumerate(genes)}
    tfs = {tf for one in own.values() for tf in one.edges["source"]}
    sources = [place[tf] for tf in sorted(tfs & set(genes))]
    row, column = np.nonzero(np.arange(len(genes))[None] != np.array(sources)[:, None])
    names = np.array(genes)
    source, target = names[np.array(sources)[row]], names[column]
    if without is not None:
        seen = restrict(without, known)
        kept = ~(np.isin(source, list(set(seen.edges["source"]))) & np.isin(target, list(seen.genes)))
        row, column, source, target = row[kept], column[kept], source[kept], target[kept]
    pairs = list(zip(source, target, strict=True))
    edges = {name: set(zip(one.edges["source"], one.edges["target"], strict=True)) for name, one in own.items()}
    labels = {name: np.array([pair in found for pair in pairs]) for name, found in edges.items()}
    return Asked(cells, genes, sources, row, column, labels, own)


def measured(model: FoundationModel, asked: Asked) -> Measured:
    """Score the pairs of a data set in every way."""
    genes, sources, row, column, cells = asked.genes, asked.sources, asked.row, asked.column, asked.cells
    values = cells.values[:, cells.columns(genes)]
    at = (np.array(sources)[row], column)
    scores = {
        GENERIC: logits(model, load_translator(DEFAULT), genes, sources, None)[row, column],
        CONTEXT: logits(model, load_translator(FOR_CELLS), genes, sources, mean_cell(model, genes, cells))[row, column],
        CORRELATION: correlation(values)[at],
        META: correlation(averaged(values, CELLS_OF_ONE))[at],
    }
    scores[BORDA] = rankdata(scores[GENERIC]) + rankdata(scores[CORRELATION])
    return Measured(*asked.names, asked.labels, scores)


def auprc(label: np.ndarray, score: np.ndarray, source: np.ndarray) -> float:
    """AUPRC, mean of `DRAWS` draws of as many negatives as edges, of TFs that have an edge."""
    edges = np.flatnonzero(label)
    others = np.flatnonzero(~label & np.isin(source, np.unique(source[edges])))
    found = []
    for seed in range(DRAWS):
        drawn = np.random.default_rng(seed).choice(others, min(len(edges), len(others)), replace=False)
        rows = np.concatenate([edges, drawn])
        found.append(average_precision_score(label[rows], score[rows]))
    return float(np.mean(found))


def table_of(found: dict[str, Measured]) -> list[dict[str, object]]:
    """AUPRC of every way on every data set and network; the weight of a combination by the other data sets."""
    usable = [(name, net) for name, one in found.items() for net in one.labels if one.labels[net].sum() >= FEWEST]
    worth = {
        (way, weight, *place): auprc(one.labels[place[1]], one.combined({way: weight}), one.source)
        for way in (CORRELATION, META)
        for weight in WEIGHTS
        for place in usable
        for one in [found[place[0]]]
    }
    rows = []
    for name, net in usable:
        one = found[name]
        rest = [place for place in usable if place[0] != name]
        scores = {way: auprc(one.labels[net], score, one.source) for way, score in one.scores.items()}
        weights = {}
        for way, title in ((CORRELATION, COMBINED), (META, COMBINED_META)):
            best = max(WEIGHTS, key=lambda weight: np.mean([worth[way, weight, *place] for place in rest]))
            scores[title], weights[title] = worth[way, best, name, net], best
            scores[f"{title}, half"] = worth[way, WEIGHT, name, net]
        sizes = {"pairs": len(one.source), "edges": int(one.labels[net].sum())}
        rounded = {way: round(score, 4) for way, score in scores.items()}
        rows.append({"dataset": name, "network": net, **sizes, "auprc": rounded, "weights": weights})
    return rows


def differs(one: Measured, other: Measured, network: str) -> dict[str, object]:
    """How often the higher score of two data sets goes with the edge that only one of them has."""
    if not all(network in each.labels for each in (one, other)):
        return {}
    tfs = [set(each.source[each.labels[network]]) for each in (one, other)]
    place = [
        {pair: row for row, pair in enumerate(zip(each.source, each.target, strict=True))} for each in (one, other)
    ]
    both = [pair for pair in place[0] if pair in place[1] and pair[0] in tfs[0] & tfs[1]]
    rows = [np.array([own[pair] for pair in both], dtype=int) for own in place]
    labels = [each.labels[network][own] for each, own in zip((one, other), rows, strict=True)]
    apart = labels[0] != labels[1]
    if len(np.unique(labels[0][apart])) < 2:
        return {}
    found = {}
    for way in (GENERIC, CONTEXT, CORRELATION, META):
        score = [
            rankdata(each.scores[way])[own] / len(each.source) for each, own in zip((one, other), rows, strict=True)
        ]
        if way in (GENERIC, CONTEXT):
            score = [each.scores[way][own] for each, own in zip((one, other), rows, strict=True)]
        found[way] = round(float(roc_auc_score(labels[0][apart], (score[0] - score[1])[apart])), 4)
    return {
        "network": network,
        "tfs": len({both[i][0] for i in np.flatnonzero(apart)}),
        "pairs": int(apart.sum()),
        "auroc": found,
    }


def main() -> None:
    """Measure every way."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--references", type=Path, required=True)
    parser.add_argument("--expression", type=Path, required=True)
    parser.add_argument("--test", action="append", required=True)
    parser.add_argument("--without")
    parser.add_argument("--pair", action="append", default=[])
    given = parser.parse_args()
    model = load_model("compact")

    def reference(dataset: str, network: str) -> Reference:
        return read_reference(f"beeline:{given.references}:{dataset}:{network}")

    def asked(dataset: str, without: str | None) -> Measured:
        networks = {network: reference(dataset, network) for network in NETWORKS}
        seen = reference(without, "STRING") if without else None
        return measured(model, asked_of(model, networks, given.expression, dataset, seen))

    rows = table_of({test: asked(test, given.without) for test in given.test})
    apart = []
    for one, other in (pair.split(":") for pair in given.pair):
        both = [asked(name, None) for name in (one, other)]
        apart += [{"one": one, "other": other, **found} for net in NETWORKS if (found := differs(*both, net))]
    of = {"model_sha": weights_sha("compact"), "translator_sha": translator_sha(DEFAULT)}
    found = {**of, "auprc": rows, "differs": apart}
    write_json(asset() / "own_cells.json", found)


if __name__ == "__main__":
    main()

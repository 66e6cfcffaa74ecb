"""Measure ways to tell activation from repression on whole TFs held out; writes ``assets/sign_candidates.json``.

    python -m scripts.measure_sign_candidates --corpus corpus --reference TRRUST=trrust_v2_human.tsv.gz
        --table 'CREEDS, microarrays=creeds_tf_perturbations_order_signed.tsv.gz'

Four ways are asked of each signed pair: the commoner sign; a sign **learnt** from the signed edges of OmniPath (a
logistic regression on response curve, slopes and both genes' vectors, weighed so that both signs count alike); the sign
of the mean **correlation over cell types** in the profiles that the model was trained on; and both together, the
regression reading the correlation too. TFs are dealt into five folds: what is said of a pair was learnt without any
edge of its TF, whatever the reference. Asked are OmniPath, further references (``TITLE=FILE``; columns tf or source,
target, sign or mode), the four Boolean networks, and tables of perturbed TFs, of which at most 20,000 signed pairs are
drawn (seed 0). Of the Boolean networks the correlation in their own simulated cells stands beside them.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from grn_core.assets import asset
from grn_core.benchmark.features.corpus import mean_correlation
from grn_core.benchmark.features.expression import simulated_cells
from grn_core.benchmark.perturbed.tables import changes_of, read_table
from grn_core.benchmark.references.curated import NAMES, truth_of
from grn_core.extractors.in_memory import extract_for_pairs
from grn_core.files import write_json
from grn_core.models.interface import FoundationModel
from grn_core.models.load import load_model
from grn_core.pretrain.corpus import CorpusPart, load_corpus
from grn_core.pretrain.files import profiles_beside
from scripts.measure_signs import OMNIPATH, read_signed, signed_edges

FOLDS = 5
MOST_PAIRS = 20_000
COMMONER, LEARNT, PROFILES, BOTH, CELLS = (
    "the commoner sign",
    "learnt",
    "correlation over cell types",
    "learnt, with that correlation",
    "correlation in its cells",
)


def of_changes(title: str, file: str, known: frozenset[str]) -> pd.DataFrame:
    """Read the signed pairs of a table of perturbed TFs, some of them if there are very many."""
    changes = changes_of(read_table(Path(file)), known, title=title)
    row, column = np.nonzero(changes.sign)
    if len(row) > MOST_PAIRS:
        some = np.sort(np.random.default_rng(0).choice(len(row), MOST_PAIRS, replace=False))
        row, column = row[some], column[some]
    names = np.array(changes.genes)
    table = {"source": names[changes.tfs[row]], "target": names[column], "sign": changes.sign[row, column]}
    return signed_edges(pd.DataFrame(table), known)


def correlations(parts: Sequence[CorpusPart], vocabulary: tuple[str, ...], edges: pd.DataFrame) -> np.ndarray:
    """Mean over data sets of the correlation of each pair (N,); 0 where none holds both genes."""
    place = {gene: number for number, gene in enumerate(vocabulary)}
    genes = sorted({*edges["source"], *edges["target"]})
    column = {gene: number for number, gene in enumerate(genes)}
    sources = sorted(set(edges["source"]))
    row = {gene: number for number, gene in enumerate(sources)}
    found = mean_correlation(parts, [place.get(gene, -1) for gene in genes], [column[gene] for gene in sources])
    return np.asarray(found[edges["source"].map(row), edges["target"].map(column)])


def features(model: FoundationModel, edges: pd.DataFrame) -> np.ndarray:
    """Response curve, slopes, and both genes' vectors with their product (N, F)."""
    genes = tuple(sorted({*edges["source"], *edges["target"]}))
    place = {gene: number for number, gene in enumerate(genes)}
    pairs = np.stack([edges[end].map(place).to_numpy(dtype=np.int64) for end in ("source", "target")], axis=1)
    asked = extract_for_pairs(model, genes, pairs)
    vectors = model.embed(genes).float().numpy()
    ends = [vectors[pairs[:, 0]], vectors[pairs[:, 1]]]
    return np.concatenate([*(asked[name] for name in sorted(asked)), *ends, ends[0] * ends[1]], axis=1)


def fold_of(names: pd.Series) -> np.ndarray:
    """Fold (N,) of each TF, the same in every table."""
    of = {name: int(np.random.default_rng(list(name.encode())).integers(FOLDS)) for name in names.unique()}
    return names.map(of).to_numpy()


def learnt(features_of: np.ndarray, edges: pd.DataFrame) -> list[Pipeline]:
    """Learn the sign from known edges, once for each fold: without the edges of its TFs."""
    folds, found = fold_of(edges["source"]), []
    for fold in range(FOLDS):
        model = make_pipeline(StandardScaler(), LogisticRegression(C=0.003, class_weight="balanced", max_iter=500))
        found.append(model.fit(features_of[folds != fold], edges["sign"][folds != fold]))
    return found


def held_out(models: Sequence[Pipeline], features_of: np.ndarray, edges: pd.DataFrame) -> np.ndarray:
    """Sign (N,) of pairs, each by the model that has seen no edge of its TF."""
    said, own = np.zeros(len(edges), dtype=int), fold_of(edges["source"])
    for fold, model in enumerate(models):
        if (own == fold).any():
            said[own == fold] = model.predict(features_of[own == fold])
    return said


def worth(said: np.ndarray, truth: np.ndarray, sources: pd.Series) -> dict[str, float | int | None]:
    """How often signs are right; balanced, and its standard error over TFs drawn again (200 times, seed 0)."""

    def balanced(rows: np.ndarray) -> float:
        return float(np.mean([(said[rows][truth[rows] == one] == one).mean() for one in (1, -1)]))

    everything = np.arange(len(truth))
    if len(np.unique(truth)) < 2:
        return {"right": round(float((said == truth).mean()), 4), "balanced": None, "error": None}
    groups = [everything[sources.to_numpy() == one] for one in sources.unique()]
    rng, drawn = np.random.default_rng(0), []
    for _ in range(200):
        rows = np.concatenate([groups[one] for one in rng.integers(len(groups), size=len(groups))])
        if len(np.unique(truth[rows])) == 2:
            drawn.append(balanced(rows))
    figures = {"right": (said == truth).mean(), "balanced": balanced(everything), "error": np.std(drawn)}
    return {name: round(float(value), 4) for name, value in figures.items()}


def in_cells(ref: str, edges: pd.DataFrame) -> np.ndarray:
    """Sign (N,) of the correlation in the simulated cells of a Boolean network."""
    cells = simulated_cells(ref)
    place = {gene: number for number, gene in enumerate(cells.genes)}
    matrix = np.corrcoef(cells.values, rowvar=False)
    return np.sign(
        [matrix[place[one], place[other]] for one, other in zip(edges["source"], edges["target"], strict=True)]
    )


def main() -> None:
    """Measure every way on every table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--reference", action="append", default=[], metavar="TITLE=FILE")
    parser.add_argument("--table", action="append", default=[], metavar="TITLE=FILE")
    parser.add_argument("-o", "--output", type=Path, default=asset() / "sign_candidates.json")
    given = parser.parse_args()
    model = load_model("compact")
    known = frozenset(model.vocabulary)
    omnipath = pd.read_csv(asset("networks", "omnipath_human.tsv.gz"), sep="\t")[["source", "target", "sign"]]
    tables = {OMNIPATH: signed_edges(omnipath, known)}
    for title, _, file in (one.partition("=") for one in given.reference):
        tables[title] = signed_edges(read_signed(Path(file)), known)
    for ref in NAMES:
        tables[f"{ref}, Boolean"] = signed_edges(truth_of(ref).edges, known)
    for title, _, file in (one.partition("=") for one in given.table):
        tables[title] = of_changes(title, file, known)
    profiles = profiles_beside(given.corpus)
    parts, vocabulary = load_corpus(given.corpus, profiles=profiles, vocabulary=tuple(model.vocabulary))
    parts = [part for part in parts if part.kind == "profiles"]
    plain = {title: features(model, edges) for title, edges in tables.items()}
    measured = {title: correlations(parts, vocabulary, edges) for title, edges in tables.items()}
    with_profiles = {title: np.column_stack([plain[title], measured[title]]) for title in tables}
    of_model = learnt(plain[OMNIPATH], tables[OMNIPATH])
    of_both = learnt(with_profiles[OMNIPATH], tables[OMNIPATH])
    rows = []
    for title, edges in tables.items():
        truth = edges["sign"].to_numpy()
        commoner = 1 if (truth > 0).mean() >= 0.5 else -1
        ways = {
            COMMONER: np.full(len(truth), commoner),
            LEARNT: held_out(of_model, plain[title], edges),
            PROFILES: np.sign(measured[title]).astype(int),
            BOTH: held_out(of_both, with_profiles[title], edges),
        }
        if title.removesuffix(", Boolean") in NAMES:
            ways[CELLS] = in_cells(title.removesuffix(", Boolean"), edges)
        sizes = {"reference": title, "n_edges": len(edges), "n_sources": int(edges["source"].nunique())}
        rows += [{**sizes, "way": way, **worth(said, truth, edges["source"])} for way, said in ways.items()]
    write_json(given.output, rows)


if __name__ == "__main__":
    main()

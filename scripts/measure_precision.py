"""Set the precision that a translator expects beside the one found on held-out data; writes ``assets/precision.json``.

    python -m scripts.measure_precision --translator beeline-hesc-string --references networks --network STRING
        --test hHEP --test mDC --test mESC --test mHSC-E --without hESC

Every pair of a TF that has an edge and a gene of the data set is scored; pairs whose TF and gene are both in the data
set of ``--without``, which the translator may have been trained on, are left out.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from grn_core.assets import asset
from grn_core.benchmark.references.reference import Reference, read_reference, restrict
from grn_core.extractors.in_memory import extract_rows
from grn_core.files import write_json
from grn_core.models.load import load_model
from grn_core.translator.calibration import shift, temperature
from grn_core.translator.expected import FEWEST, LEVELS
from grn_core.translator.registry import load_translator, translator_sha
from grn_core.translator.translator import Translator

PAIRS_AT_ONCE = 50_000


def probabilities(translator: Translator, score: np.ndarray) -> np.ndarray:
    """Return the probability of each pair, by the temperature and the prior."""
    scale = temperature(translator.card, _extractors(translator)) or 1.0
    return np.asarray(1 / (1 + np.exp(-score / scale - shift(translator.card))))


def found(probability: np.ndarray, label: np.ndarray) -> list[float | None]:
    """Return the share of edges down to each of `LEVELS`; None where too few pairs reach it."""
    order = np.argsort(-probability, kind="stable")
    expected = np.cumsum(probability[order]) / np.arange(1, len(order) + 1)
    reached = [int((expected >= level - 1e-9).sum()) for level in LEVELS]
    return [round(float(label[order][:n].mean()), 4) if n >= FEWEST else None for n in reached]


@dataclass(frozen=True)
class Scored:
    """Scores of every pair of a TF that has an edge and a gene of a data set.

    Attributes
    ----------
    seeds
        (seeds, N) logits of each translator that was asked.
    kept
        (N,) boolean of each: neither in its training as TF and gene.
    label
        (N,): 1 = edge.
    names
        (N,) TF and gene.
    """

    seeds: list[np.ndarray]
    kept: list[np.ndarray]
    label: np.ndarray
    names: tuple[np.ndarray, np.ndarray]


def scored(asked: Sequence[Translator], model_name: str, test: Reference, seen: Sequence[Reference | None]) -> Scored:
    """Score every pair of a data set by translators that read the same, each trained on one of `seen`."""
    model = load_model(model_name)
    known = frozenset(model.vocabulary)
    test = restrict(test, known)
    place = {gene: position for position, gene in enumerate(test.genes)}
    edges = {
        (place[source], place[target])
        for source, target in zip(test.edges["source"], test.edges["target"], strict=True)
    }
    sources = sorted({source for source, _ in edges})
    extractors, readout = _extractors(asked[0]), asked[0].card["readout"]
    features = extract_rows(model, test.genes, sources, extractors=extractors, readout=readout)
    row, column = np.nonzero(np.arange(len(test.genes))[None] != np.array(sources)[:, None])
    logits: list[list[np.ndarray]] = [[] for _ in asked]
    for start in range(0, len(row), PAIRS_AT_ONCE):
        part = slice(start, start + PAIRS_AT_ONCE)
        pairs = {name: torch.from_numpy(np.asarray(one[row[part], column[part]])) for name, one in features.items()}
        for one, translator in zip(logits, asked, strict=True):
            one.append(translator.logits(pairs).numpy().astype(np.float64))
    label = np.array([(sources[i], j) in edges for i, j in zip(row.tolist(), column.tolist(), strict=True)])
    kept = []
    for one in seen:
        own = None if one is None else restrict(one, known)
        tfs = np.array([own is not None and test.genes[source] in set(own.edges["source"]) for source in sources])
        genes = np.array([own is not None and gene in set(own.genes) for gene in test.genes])
        kept.append(~(tfs[row] & genes[column]))
    names = np.array(test.genes)
    return Scored(
        [np.concatenate(one, axis=1) for one in logits], kept, label, (names[np.array(sources)[row]], names[column])
    )


def measured(
    translator: Translator, model_name: str, reference: Reference, without: Reference | None
) -> list[float | None]:
    """Score every pair of a data set and return what was found."""
    pairs = scored([translator], model_name, reference, [without])
    kept = pairs.kept[0]
    return found(probabilities(translator, pairs.seeds[0].mean(0)[kept]), pairs.label[kept])


def as_rows(of_each: Sequence[Sequence[float | None]]) -> list[list[float]]:
    """Return a row a level: the level, then what was found on each data set that reaches it."""
    return [
        [level, *(one for one in ones if one is not None)]
        for level, ones in zip(LEVELS, zip(*of_each, strict=True), strict=True)
        if any(one is not None for one in ones)
    ]


def _extractors(translator: Translator) -> list[str]:
    return sorted(translator.card.get("ensemble") or translator.networks)


def main() -> None:
    """Measure one translator."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--translator", required=True)
    parser.add_argument("--model", default="compact")
    parser.add_argument("--references", type=Path, required=True)
    parser.add_argument("--network", default="STRING")
    parser.add_argument("--test", action="append", required=True)
    parser.add_argument("--without")
    parser.add_argument("-o", "--output", type=Path, default=asset() / "precision.json")
    given = parser.parse_args()

    def reference(dataset: str) -> Reference:
        return read_reference(f"beeline:{given.references}:{dataset}:{given.network}")

    without = reference(given.without) if given.without else None
    translator = load_translator(given.translator)
    of_each = [measured(translator, given.model, reference(test), without) for test in given.test]
    rows = as_rows(of_each)
    known = json.loads(given.output.read_text(encoding="utf-8")) if given.output.exists() else {}
    sha = translator_sha(given.translator)
    networks = {**known.get(sha, {}).get("networks", {}), given.network: rows}
    told = {
        "translator": translator.card["name"],
        "extractors": _extractors(translator),
        "tests": given.test,
        "without": given.without or "",
    }
    write_json(given.output, {**known, sha: {**told, "networks": networks}})


if __name__ == "__main__":
    main()

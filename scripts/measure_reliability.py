"""Set the probability that the default prints beside the share of edges found; writes ``assets/reliability.json``.

    python -m scripts.measure_reliability --references networks

Asked are BEELINE's data sets that the default translator was not trained on, and on hESC the networks that it was not
trained on: every pair of a TF that has an edge and a gene of the data set, edges as rare as they are. Its probabilities
are a curve by the STRING networks of four data sets; here each of these is told by the curve of the other three, and
hESC by that of all four. Further, by the same curves, STRING and ChIP-seq of the 500 next genes: pairs that no curve
was made of. Edges that it was shown or knows by heart are left out, and on the four data sets, whatever network is
asked, all pairs of a TF and a gene of what it was trained on, as `scripts.calibrate_translator` does.

A bin of `BINS` holds its mean probability, the share of edges, the pairs, and the mean uncertainty that stands beside
the probability (that of seeds, of the other data sets, and of training sets as on the card).
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from grn_core.assets import asset
from grn_core.benchmark.references.known import seen_in_training
from grn_core.benchmark.references.reference import Reference, read_reference
from grn_core.files import write_json
from grn_core.translator.calibration import mark
from grn_core.translator.curves import Calibration
from grn_core.translator.registry import DEFAULT, load_translator, translator_sha
from grn_core.translator.translator import Translator
from scripts.calibrate_translator import Pairs
from scripts.measure_precision import Scored, scored

BINS = (0.0, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0)
FEWEST = 50
"""Pairs of a bin."""
NETWORKS = ("STRING", "Non-Specific", "Specific", "Lofgof")
FURTHER = ("STRING", "Non-Specific")
"""Networks that are asked of the 500 next genes, too."""


@dataclass(frozen=True)
class Whole:
    """Every pair of a TF of any network of a data set, with the edges of each."""

    dataset: str
    scored: Scored
    networks: dict[str, Reference]

    def of(self, network: str) -> tuple[np.ndarray, np.ndarray]:
        """Rows (N,) whose TF has an edge in a network, boolean, and the label of all rows."""
        edges = set(zip(*(self.networks[network].edges[end] for end in ("source", "target")), strict=True))
        source, target = self.scored.names
        label = np.array([pair in edges for pair in zip(source.tolist(), target.tolist(), strict=True)])
        return np.isin(source, np.unique(source[label])), label


def read_whole(translator: Translator, references: Path, dataset: str, size: str, seen: Reference | None) -> Whole:
    """Score a data set for all of its networks at once."""
    names = [name for name in NETWORKS if (references / f"{name}_{dataset}_TFsplus{size}.tsv.gz").is_file()]
    networks = {name: read_reference(f"beeline:{references}:{dataset}:{name}:{size}") for name in names}
    edges = pd.concat([one.edges for one in networks.values()]).drop_duplicates(["source", "target"])
    every = replace(networks[names[0]], edges=edges.reset_index(drop=True))
    return Whole(dataset, scored([translator], translator.card["model"], every, [seen]), networks)


def row_of(
    whole: Whole, network: str, kept: np.ndarray, *, calibration: Calibration, genes: str, curve_of: list[str]
) -> dict[str, Any]:
    """What was found of the `kept` pairs of one network by a calibration on other data sets."""
    rows, label = whole.of(network)
    rows = rows & kept
    scores, label = whole.scored.seeds[0][:, rows], label[rows]
    likely, spread = calibration.curve.probability(scores.mean(0)), calibration.uncertainty(scores)
    bins = []
    for low, high in pairwise(BINS):
        here = (likely >= low) & (likely < high)
        if here.sum() >= FEWEST:
            told = (likely[here].mean(), label[here].mean(), spread[here].mean())
            expected, observed, uncertain = (round(float(one), 5) for one in told)
            bins.append([low, high, expected, observed, int(here.sum()), uncertain])
    sizes = {"pairs": len(label), "edges": int(label.sum()), "expected": round(float(likely.sum()), 1)}
    return {
        "dataset": whole.dataset,
        "network": network,
        "genes": genes,
        "curve_of": curve_of,
        **sizes,
        "bins": bins,
    }


def rows_of(translator: Translator, name: str, references: Path) -> Iterator[dict[str, Any]]:
    """Yield a row a data set, network and gene set."""
    told = translator.card["held_out"]
    tests = [one["test"] for one in told["sets"]]
    trained = translator.card["training"][0]["reference"].split()
    shown = read_reference(f"beeline:{references}:{trained[0]}:{trained[1]}")
    of_500 = {test: read_whole(translator, references, test, "500", shown) for test in tests}
    of_curve = {}
    for test, whole in of_500.items():
        rows, label = whole.of(told["network"])
        one = whole.scored
        of_curve[test] = Scored(
            [one.seeds[0][:, rows]], [one.kept[0][rows]], label[rows], tuple(names[rows] for names in one.names)
        )
    pairs, spread = Pairs(of_curve, ()), tuple((float(at), float(sd)) for at, sd in told["training"])

    def new(whole: Whole) -> np.ndarray:
        """Rows that were no edges of the training."""
        known = seen_in_training(name, zip(*(one.tolist() for one in whole.scored.names), strict=True))
        return np.ones(len(whole.scored.label), bool) if known is None else ~known

    for test, whole in of_500.items():
        others = pairs.calibration((test,), spread)
        rest = [one for one in tests if one != test]
        kept = whole.scored.kept[0] & new(whole)
        for network in whole.networks:
            yield row_of(whole, network, kept, calibration=others, genes="TFs+500", curve_of=rest)
        further = read_whole(translator, references, test, "1000", shown)
        source, target = further.scored.names
        inside = set(of_500[test].networks["STRING"].genes)
        beyond = ~(np.isin(source, list(inside)) & np.isin(target, list(inside)))
        for network in FURTHER:
            kept = beyond & further.scored.kept[0] & new(further)
            yield row_of(further, network, kept, calibration=others, genes="the 500 next", curve_of=rest)
    whole = read_whole(translator, references, trained[0], "500", None)
    for network in whole.networks:
        if network != trained[1]:
            shipped = pairs.calibration((), spread)
            yield row_of(whole, network, new(whole), calibration=shipped, genes="TFs+500", curve_of=tests)


def main() -> None:
    """Measure the default translator."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--references", type=Path, required=True)
    parser.add_argument("-o", "--output", type=Path, default=asset() / "reliability.json")
    given = parser.parse_args()
    translator = load_translator(DEFAULT)
    rows = list(rows_of(translator, DEFAULT, given.references))
    about = {
        "translator": DEFAULT,
        "translator_sha": translator_sha(DEFAULT),
        "mark": mark(translator.card["held_out"]),
    }
    write_json(given.output, {**about, "rows": rows})


if __name__ == "__main__":
    main()

"""Measure a translator where its card does not; writes ``assets/translator_scores.json``.

    python -m scripts.measure_translator --translator beeline-hesc-string-omnipath --references networks --corpus corpus

It is asked as it ships about BEELINE's networks in the ways of `CUTS`, pairs that it was trained on or knows left out.
Controls learn from the same pairs: random weights and shuffled labels have a translator of their own, and degrees count
the edges that it knows. AUPRC, mean and standard deviation over five draws of negatives, each asked by another seed of
the translator. ``--cut`` measures one way, and keeps of the others what was found of the same translator;
``--untrained`` leaves out random weights and shuffled labels, which train for minutes.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from grn_core.assets import asset
from grn_core.benchmark.features.bench import Bench
from grn_core.benchmark.features.handle import model_handle
from grn_core.benchmark.metrics.measures import measure, summarise
from grn_core.benchmark.pairs.negatives import natural_prevalence
from grn_core.benchmark.protocol.held_out import HeldOut
from grn_core.benchmark.protocol.methods import UNTRAINED_CONTROLS, Method, own_rows, trained_controls
from grn_core.benchmark.protocol.scores import scores_of
from grn_core.benchmark.protocol.training import Training
from grn_core.benchmark.references.leakage import training_of_card
from grn_core.benchmark.references.reference import read_reference
from grn_core.files import write_json
from grn_core.translator.registry import DEFAULT, load_translator, translator_sha

if TYPE_CHECKING:
    from torch import Tensor

    from grn_core.translator.terms import Network
    from grn_core.translator.translator import Translator

DATASETS = ("hHEP", "mDC", "mESC", "mHSC-E")
NATURAL = "natural"
"""Negatives ``tf-restricted``, weighed to as rare as edges are among all pairs that they are drawn from."""


@dataclass(frozen=True)
class Way:
    """How the networks of a kind are asked; see `HeldOut`."""

    network: str
    negatives: str = "tf-restricted"
    split: str = "all"
    size: str = "500"


CUTS = {
    "string-degree": Way("STRING", negatives="degree-matched"),
    "non-specific-degree": Way("Non-Specific", negatives="degree-matched"),
    "string-unseen": Way("STRING", split="unseen-both"),
    "string-all-pairs": Way("STRING", negatives="all-pairs"),
    "string-natural": Way("STRING", negatives=NATURAL),
    "string-1000": Way("STRING", size="1000"),
    "string-1000-all-pairs": Way("STRING", size="1000", negatives="all-pairs"),
    "non-specific-1000": Way("Non-Specific", size="1000"),
}


class Shipped(Training):
    """The training of a translator, whose own networks are those that ship."""

    translator: Translator

    @classmethod
    def of(cls, translator: Translator, references: Path, bench: Bench) -> Shipped:
        """Return that of a translator whose reference networks lie in a folder."""
        training = cls.of_card(translator.card, training_of_card(translator.card, folder=references), bench)
        training.translator = translator
        return training

    def trained(self, variant: str, extractors: str) -> tuple[Network, Tensor]:
        """What ships, of which no pair is held back any more; controls as ever."""
        import torch

        own = variant == "own"
        return (self.translator.networks[extractors], torch.empty(0)) if own else super().trained(variant, extractors)

    def weights(self, method: Method) -> dict[str, float]:
        """As the card says; of controls as ever."""
        if method.translator != "own":
            return super().weights(method)
        return {name: one for name, one in self.translator.card["weights"].items() if name in method.extractors}


def rows_of(
    name: str, training: Shipped, references: Path, corpus: Path, *, trained: bool = True
) -> Iterator[dict[str, Any]]:
    """Yield a row a data set and method of one of `CUTS`."""
    way, asked = CUTS[name], tuple(sorted(training.translator.networks))
    ours = [one for one in own_rows(asked) if len(one.extractors) > 1]
    for dataset in DATASETS:
        whole = read_reference(f"beeline:{references}:{dataset}:{way.network}:{way.size}")
        drawn = "tf-restricted" if way.negatives == NATURAL else way.negatives
        test = HeldOut(training, training.known(whole), way.split, negatives=drawn, corpus=corpus)
        n_genes = len(test.reference.genes)
        share = natural_prevalence(test.positives, n_genes, negatives=drawn, allowed=test.allowed)
        for method in (*ours, *(trained_controls(asked) if trained else ()), *UNTRAINED_CONTROLS):
            scores, _ = scores_of(test, method)
            found = [
                measure(pairs, score, natural_prevalence=share) for pairs, score in zip(test.pairs, scores, strict=True)
            ]
            row = summarise(found)
            measured = "auprc_natural" if way.negatives == NATURAL else "auprc"
            yield {
                "cut": name,
                "dataset": dataset,
                **vars(way),
                "method": method.name,
                "auprc": round(float(row[measured]), 4),
                "sd": round(float(row[f"{measured}_sd"]), 4),
                "guess": round(float(row["natural_prevalence" if way.negatives == NATURAL else "prevalence"]), 4),
                **{size: row[size] for size in ("n_sources", "n_targets", "n_positives")},
            }


def main() -> None:
    """Measure every way, and write each when it is done."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--translator", default=DEFAULT, help=f"default {DEFAULT}")
    parser.add_argument("--references", type=Path, required=True)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--cut", action="append", choices=CUTS, default=[])
    parser.add_argument("--untrained", action="store_true")
    given = parser.parse_args()
    place, name = asset() / "translator_scores.json", given.translator
    bench = Bench(model_handle("compact"), model_handle("compact", weights="random"))
    training = Shipped.of(load_translator(name), given.references, bench)
    sha = translator_sha(name)
    for cut in given.cut or CUTS:
        found = list(rows_of(cut, training, given.references, given.corpus, trained=not given.untrained))
        known = json.loads(place.read_text(encoding="utf-8")) if place.exists() else {}
        before = known.get(name, {})
        kept = [row for row in before.get("rows", ()) if before["sha"] == sha and row["cut"] != cut]
        rows = sorted([*kept, *found], key=lambda row: list(CUTS).index(row["cut"]))
        write_json(place, {**known, name: {"sha": sha, "rows": rows}})
        print(cut, "measured", flush=True)


if __name__ == "__main__":
    main()

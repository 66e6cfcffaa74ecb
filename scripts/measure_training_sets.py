"""Measure which reference to train a translator on; writes ``assets/training_sets.json``.

    python -m scripts.measure_training_sets --shared data --work FOLDER

A translator that reads response curves, slopes and both genes' vectors is trained on each reference of `KNOWN`, and
tested on BEELINE's STRING and ChIP-seq networks (TFs+500), and on OmniPath's TFs. Every edge of any of these tests is
left out of every training, as an edge and as a negative (through orthologs, for all are in human symbols); of OmniPath
whole TFs are left out, a third at a time, so that no training set knows an edge of a TF that is asked. AUPRC of as many
negatives as edges, of TFs that have an edge: mean of three seeds. ``chosen_on`` names the tests by which a training set
would be chosen; those of other data sets were not looked at for that. RegNetwork and the tables of tftargets are no
training sets here: the Non-Specific networks were partly gathered from them.

What is finished is kept in ``--work``, so that a command that was stopped goes on.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from grn_core.assets import asset
from grn_core.benchmark.features.bench import Bench
from grn_core.benchmark.features.handle import model_handle
from grn_core.benchmark.protocol.held_out import HeldOut
from grn_core.benchmark.protocol.measuring import measure_method
from grn_core.benchmark.protocol.methods import UNTRAINED_CONTROLS, Method, trained_controls
from grn_core.benchmark.protocol.training import Training
from grn_core.benchmark.references.leakage import removed_pairs
from grn_core.benchmark.references.reference import Reference, read_reference, to_human
from grn_core.files import write_json
from grn_core.models.registry import weights_sha

READS = ("gdt", "source", "target", "vvp")
ENSEMBLE = Method("Ensemble + gene terms", "extension", extractors=READS, translator="own")
DATASETS, NETWORKS = ("hHEP", "mDC", "mESC", "mHSC-E"), ("STRING", "Non-Specific", "Specific")
CHOSEN_ON = ("mDC STRING", "mDC Non-Specific", "mDC Specific")
HELD_TFS = "OmniPath, TFs left out"
TRAINED_ON = "hESC"
USUAL = "STRING of hESC"
"""What the default of the app is trained on."""
BESIDE = (
    Method("Ensemble + gene terms + neighbours", "extension", extractors=(*READS, "neighbours"), translator="own"),
    *trained_controls(READS),
    *UNTRAINED_CONTROLS,
)
"""What stands beside the ensemble of `USUAL`: all that the default reads, and every control."""
FOLDS, SEEDS = 3, 3


def of_table(path: Path, name: str, *, source: str, kept: str) -> Reference:
    """Rows of a table for which `kept` holds, as a reference in human symbols."""
    table = pd.read_csv(path, sep="\t").query(kept).rename(columns={source: "source"})
    edges = table[["source", "target"]].dropna().astype(str).drop_duplicates()
    edges, genes, note = to_human(edges, set(edges["source"]) | set(edges["target"]), species="human")
    return Reference(name, "human", name, tuple(sorted(genes)), edges, (note,))


def training_sets(shared: Path) -> dict[str, tuple[Reference, ...]]:
    """References to train on, by what they are called."""
    networks, beeline = shared / "networks", shared / "beeline/networks"
    omnipath = read_reference("omnipath")
    several = of_table(networks / "collectri_human.tsv.gz", "CollecTRI, two", source="source", kept="n_references >= 2")
    levels = {
        name: of_table(networks / "dorothea_hs.tsv.gz", name, source="tf", kept=f"confidence in {list(name[9:])}")
        for name in ("DoRothEA A", "DoRothEA AB", "DoRothEA ABC")
    }
    string = read_reference(f"beeline:{beeline}:{TRAINED_ON}:STRING")
    bound = read_reference(f"beeline:{beeline}:{TRAINED_ON}:Non-Specific")
    return {
        "OmniPath, two references or more": (omnipath,),
        "CollecTRI, two references or more": (several,),
        "DoRothEA, confidence A": (levels["DoRothEA A"],),
        "DoRothEA, A and B": (levels["DoRothEA AB"],),
        "DoRothEA, A to C": (levels["DoRothEA ABC"],),
        USUAL: (string,),
        "ChIP-seq of hESC, all cell types": (bound,),
        "all of these": (omnipath, several, levels["DoRothEA ABC"], string, bound),
    }


def without_tfs(known: Sequence[Reference], tfs: frozenset[str]) -> tuple[Reference, ...]:
    """References without the edges of some TFs."""
    return tuple(replace(one, edges=one.edges[~one.edges["source"].isin(tfs)]) for one in known)


def folds_of(reference: Reference) -> Iterator[tuple[frozenset[str], Reference]]:
    """Yield a third of a reference's TFs, and of the reference the edges of these."""
    tfs = np.array(sorted(set(reference.edges["source"])))
    part = np.random.default_rng(0).permutation(len(tfs)) % FOLDS
    for fold in range(FOLDS):
        own = frozenset(tfs[part == fold])
        yield own, replace(reference, edges=reference.edges[reference.edges["source"].isin(own)])


def measured(
    training: Training, tests: dict[str, Reference], methods: Sequence[Method], *, corpus: Path | None = None
) -> dict[str, dict[str, float]]:
    """AUPRC of every method on every test."""
    held = {name: HeldOut(training, training.known(test), corpus=corpus) for name, test in tests.items()}
    found = {one.name: {name: measure_method(test, one) for name, test in held.items()} for one in methods}
    return {
        method: {name: float(told["row"]["auprc"]) for name, told in own.items() if "row" in told}
        for method, own in found.items()
    }


class Measuring:
    """Every training set on every test; what is finished lies in a folder.

    Parameters
    ----------
    shared
        The folder of public data.
    work
        Where what is finished is kept.
    """

    def __init__(self, shared: Path, work: Path) -> None:
        self.bench, self.work = Bench(model_handle("compact"), model_handle("compact", weights="random")), work
        folder = shared / "beeline/networks"
        self.tests = {
            f"{one} {net}": read_reference(f"beeline:{folder}:{one}:{net}") for one in DATASETS for net in NETWORKS
        }
        self.asked = removed_pairs(list(self.tests.values()))
        self.folds = list(folds_of(read_reference("omnipath")))

    def rows_of(
        self, name: str, known: Sequence[Reference], methods: Sequence[Method], *, corpus: Path | None = None
    ) -> list[dict[str, Any]]:
        """Rows of a training set: each method on the tests, and on TFs of OmniPath that took no part."""
        whole = self._kept(name, known, self.tests, methods, corpus)
        parts = [
            self._kept(f"{name} {number}", without_tfs(known, tfs), {HELD_TFS: own}, methods, corpus)
            for number, (tfs, own) in enumerate(self.folds)
        ]
        return [
            {
                "trained_on": name,
                "method": one.name,
                "edges": whole["edges"],
                "auprc": {
                    test: round(score, 4)
                    for test, score in {
                        **whole["auprc"][one.name],
                        HELD_TFS: float(np.mean([part["auprc"][one.name][HELD_TFS] for part in parts])),
                    }.items()
                },
            }
            for one in methods
        ]

    def _kept(
        self,
        name: str,
        known: Sequence[Reference],
        tests: dict[str, Reference],
        methods: Sequence[Method],
        corpus: Path | None,
    ) -> Any:
        place = self.work / f"{name} {methods[0].name}.json"
        if not place.is_file():
            training = Training(known, self.bench, n_seeds=SEEDS, withheld=self.asked)
            found = measured(training, tests, methods, corpus=corpus)
            edges = sum(int(draws[0].label.sum()) for draws in training.draws)
            write_json(place, {"edges": edges, "auprc": found})
            print(place.name, edges, found, flush=True)
        return json.loads(place.read_text(encoding="utf-8"))


def main() -> None:
    """Measure every training set on every test."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--corpus", type=Path, help="adds the controls that need the data of the pre-training")
    given = parser.parse_args()
    given.work.mkdir(parents=True, exist_ok=True)
    measuring, sets = Measuring(given.shared, given.work), training_sets(given.shared)
    rows = [row for name, known in sets.items() for row in measuring.rows_of(name, known, [ENSEMBLE])]
    beside = [one for one in BESIDE if one.score != "corpus" or given.corpus is not None]
    rows += measuring.rows_of(USUAL, sets[USUAL], beside, corpus=given.corpus)
    found = {"model_sha": weights_sha("compact"), "chosen_on": list(CHOSEN_ON), "rows": rows}
    write_json(asset("training_sets.json"), found)


if __name__ == "__main__":
    main()

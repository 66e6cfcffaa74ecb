"""Measure which reference to train a translator on; writes ``assets/training_sets.json``.

    python -m scripts.measure_training_sets --shared data --work FOLDER

A translator that reads response curves, slopes and both genes' vectors is trained on each reference of `KNOWN`, and
tested on BEELINE's STRING and ChIP-seq networks (TFs+500), and on OmniPath's TFs. Every edge of any of these tests is
left out of every training, as an edge and as a negative (through orthologs, for all are in human symbols); of OmniPath
whole TFs are left out, a third at a time, so that no training set knows an edge of a TF that is asked. AUPRC of as many
negatives as edges, of TFs that have an edge: mean of three seeds. ``chosen_on`` names the tests by which a training set
would be chosen; those of other data sets were not looked at for that. RegNetwork and the tables of tftargets are no
training sets here: the Non-Specific networks were partly gathered from them.

What is finished is kept in ``--work``, so that a command that was stopped goes on; ``--jobs`` parts are measured at a
time; ``--only`` measures one training set, of it the parts of ``--method`` if given, and keeps of the others what was
found with the same model.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing import get_context
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
from grn_core.translator.measured import WITH_NEIGHBOURS

READS = ("gdt", "source", "target", "vvp")
ENSEMBLE = Method("Ensemble + gene terms", "extension", extractors=READS, translator="own")
DATASETS, NETWORKS = ("hHEP", "mDC", "mESC", "mHSC-E"), ("STRING", "Non-Specific", "Specific")
CHOSEN_ON = ("mDC STRING", "mDC Non-Specific", "mDC Specific")
HELD_TFS = "OmniPath, TFs left out"
TRAINED_ON = "hESC"
USUAL = "STRING of hESC"
KNOWING = "STRING of hESC, OmniPath known beside"
"""The same, and OmniPath's edges are known by heart (`grn_core.translator.beside`)."""
WHOLE = Method(WITH_NEIGHBOURS, "extension", extractors=(*READS, "neighbours"), translator="own")
OF_CORPUS = tuple(one for one in UNTRAINED_CONTROLS if one.score == "corpus")
OF_DEGREE = tuple(one for one in UNTRAINED_CONTROLS if one.score != "corpus")
MORE = {
    USUAL: ((WHOLE, *trained_controls(READS)), OF_DEGREE, OF_CORPUS),
    KNOWING: ((WHOLE,), trained_controls(READS), OF_DEGREE, OF_CORPUS),
}
"""What stands beside the ensemble of some: all that a default reads, and controls; each tuple measured together."""
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
        KNOWING: (string,),
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


@dataclass(frozen=True)
class Part:
    """What is measured in one go: `methods` on one training set, and the `fold` of OmniPath, None for the networks."""

    trained_on: str
    methods: tuple[Method, ...]
    fold: int | None = None

    @property
    def file(self) -> str:
        """Where it is kept."""
        fold = "" if self.fold is None else f" {self.fold}"
        return f"{self.trained_on}{fold} {self.methods[0].name}.json"


class Measuring:
    """Every training set on every test; what is finished lies in a folder.

    Parameters
    ----------
    shared
        The folder of public data.
    work
        Where what is finished is kept.
    corpus
        Pre-training data, for the controls that need it.
    """

    def __init__(self, shared: Path, work: Path, corpus: Path | None = None) -> None:
        self.bench = Bench(model_handle("compact"), model_handle("compact", weights="random"))
        self.work, self.corpus, self.sets = work, corpus, training_sets(shared)
        self.beside: dict[str, tuple[Reference, ...]] = {KNOWING: (read_reference("omnipath"),)}
        folder = shared / "beeline/networks"
        self.tests = {
            f"{one} {net}": read_reference(f"beeline:{folder}:{one}:{net}") for one in DATASETS for net in NETWORKS
        }
        self.asked = removed_pairs(list(self.tests.values()))
        self.folds = list(folds_of(read_reference("omnipath")))

    def measure(self, part: Part) -> None:
        """Measure a part that is not there yet."""
        place = self.work / part.file
        if place.is_file():
            return
        known, beside, tests = self.sets[part.trained_on], self.beside.get(part.trained_on, ()), self.tests
        if part.fold is not None:
            tfs, own = self.folds[part.fold]
            known, beside, tests = without_tfs(known, tfs), without_tfs(beside, tfs), {HELD_TFS: own}
        training = Training(known, self.bench, n_seeds=SEEDS, beside=beside, withheld=self.asked)
        found = measured(training, tests, part.methods, corpus=self.corpus)
        edges = sum(int(draws[0].label.sum()) for draws in (*training.draws, *training.draws_beside))
        write_json(place, {"edges": edges, "auprc": found})
        print(part.file, edges, found, flush=True)


def parts_of(sets: Sequence[str], *, corpus: bool) -> list[Part]:
    """All that is measured, what takes longest first."""
    asked = [(name, (ENSEMBLE,)) for name in reversed(sets)]
    asked += [(name, some) for name in sets for some in MORE.get(name, ()) if corpus or some != OF_CORPUS]
    return [Part(name, some, fold) for fold in (None, *range(FOLDS)) for name, some in asked]


def rows_of(work: Path, sets: Sequence[str], parts: Sequence[Part]) -> Iterator[dict[str, Any]]:
    """Yield a row a training set and method: AUPRC of each test, that of OmniPath's TFs the mean over the folds."""
    kept = {part: json.loads((work / part.file).read_text(encoding="utf-8")) for part in parts}
    for whole in sorted((one for one in parts if one.fold is None), key=lambda one: sets.index(one.trained_on)):
        folds = [kept[replace(whole, fold=fold)] for fold in range(FOLDS)]
        for method in whole.methods:
            scores = dict(kept[whole]["auprc"][method.name])
            scores[HELD_TFS] = float(np.mean([one["auprc"][method.name][HELD_TFS] for one in folds]))
            yield {
                "trained_on": whole.trained_on,
                "method": method.name,
                "edges": kept[whole]["edges"],
                "auprc": {test: round(score, 4) for test, score in scores.items()},
            }


def joined(kept: Sequence[dict[str, Any]], rows: list[dict[str, Any]], sets: Sequence[str]) -> list[dict[str, Any]]:
    """Put rows in the place of earlier ones of the same training set and method; all in the order of the table."""
    methods = [one.name for part in ((ENSEMBLE,), *MORE[USUAL]) for one in part]
    now = {(row["trained_on"], row["method"]) for row in rows}
    every = [*rows, *(row for row in kept if (row["trained_on"], row["method"]) not in now)]
    return sorted(every, key=lambda row: (sets.index(row["trained_on"]), methods.index(row["method"])))


_here: list[Measuring] = []
"""Of a process that measures parts: what it has read."""


def _start(shared: Path, work: Path, corpus: Path | None) -> None:
    _here.append(Measuring(shared, work, corpus))


def _measure(part: Part) -> None:
    _here[0].measure(part)


def main() -> None:
    """Measure every training set on every test."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--corpus", type=Path, help="adds the controls that need the data of the pre-training")
    parser.add_argument("--jobs", type=int, default=1, help="parts measured at once, a process each (default 1)")
    parser.add_argument("--only", help="name of the one training set that is measured")
    parser.add_argument("--method", action="append", default=[], help="of --only, parts that measure one of these")
    given = parser.parse_args()
    given.work.mkdir(parents=True, exist_ok=True)
    sets = list(training_sets(given.shared))
    if given.only and given.only not in sets:
        parser.error(f"--only {given.only!r}: it is one of {', '.join(sets)}")
    if given.method and not given.only:
        parser.error("--method: name the training set with --only, too")
    parts = parts_of([given.only] if given.only else sets, corpus=given.corpus is not None)
    if given.method:
        parts = [one for one in parts if not {method.name for method in one.methods}.isdisjoint(given.method)]
    begun = (given.shared, given.work, given.corpus)
    with ProcessPoolExecutor(given.jobs, get_context("spawn"), initializer=_start, initargs=begun) as pool:
        list(pool.map(_measure, parts))
    rows = list(rows_of(given.work, sets, parts))
    if given.only:
        before = json.loads((asset() / "training_sets.json").read_text(encoding="utf-8"))
        kept = before["rows"] if before["model_sha"] == weights_sha("compact") else []
        rows = joined(kept, rows, sets)
    found = {"model_sha": weights_sha("compact"), "chosen_on": list(CHOSEN_ON), "rows": rows}
    write_json(asset() / "training_sets.json", found)


if __name__ == "__main__":
    main()

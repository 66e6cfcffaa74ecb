"""What the values of each axis of results are called in plain words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from grn_core.extractors import EXTRACTORS, IN_WORDS
from grn_core.translator.registry import record_of
from grn_core.translator.reliability import KINDS

if TYPE_CHECKING:
    import pandas as pd

SUITES = {
    "ugrn": "Data sets left out",
    "transfer": "Transfer: trained on one, tested on others",
    "curated": "Curated Boolean models",
    "own": "Your own reference",
    "perturbation": "Perturbed TFs: which genes changed",
}
SPLITS = {
    "all": "All pairs but those of the training",
    "kept": "All pairs, those of the training too",
    "unseen-target": "Targets not seen in training",
    "unseen-both": "TFs and targets not seen in training",
}
NEGATIVES = {
    "tf-restricted": "TF-restricted: any target of a TF with edges",
    "all-pairs": "All pairs of genes (easier)",
    "degree-matched": "Degree-matched: same target as an edge (harder)",
    "natural": "All of them, at the natural prevalence",
    "beeline": "BEELINE: every ordered pair",
    "unchanged": "Genes that did not change with the TF",
}
METRICS = {
    "auprc": "AUPRC",
    "auprc_ratio": "AUPRC / prevalence",
    "auroc": "AUROC",
    "epr": "Early precision ratio",
    "auprc_ratio_per_tf": "Times a guess (AUPRC, mean over TFs)",
    "epr_per_tf": "Times a guess (first 100 genes of a TF, mean)",
    "direction": "Right direction (share of pairs of TFs)",
    "sign_balanced": "Balanced accuracy of the sign",
    "auprc_per_tf": "AUPRC, mean over TFs",
    "auprc_beeline": "AUPRC as BEELINE measures it",
    "epr_beeline": "Early precision ratio as BEELINE measures it",
    "sign_accuracy": "Share of signs that are right",
}
CELLS = {
    "hESC": "human embryonic stem cells",
    "hHEP": "human hepatocytes",
    "mDC": "mouse dendritic cells",
    "mESC": "mouse embryonic stem cells",
    "mHSC-E": "mouse blood stem cells, erythroid",
    "mHSC-GM": "mouse blood stem cells, myeloid",
    "mHSC-L": "mouse blood stem cells, lymphoid",
}
"""BEELINE's names of data sets in words."""
NETWORKS = {network: title for (network, genes), title in KINDS.items() if genes == "TFs+500"}
"""BEELINE's names of reference networks in words."""
WORDS: Mapping[str, Mapping[str, str]] = {
    "suite": SUITES,
    "train": {"omnipath": "OmniPath, human TF-target edges"},
    "genes": {"all": "All genes"},
    "dataset": CELLS,
    "network": NETWORKS,
    "split": SPLITS,
    "negatives": NEGATIVES,
    "metric": METRICS,
}
SPELT = ("dataset", "network", "method")
HOW = {"": "", "origin": ", without a translator", "translator": ", with a translator"}
"""What stands in brackets behind an extractor's label -> what that says."""
SAME = ":*"
"""Ends a training reference that is a data set with, for each test, the same kind of network as the test's."""


def words(axis: str, value: str) -> str:
    """Return a value of an axis in plain words; a translator that was measured as it is has its title."""
    if axis == "method":
        return _method(value)
    if axis != "train":
        return WORDS.get(axis, {}).get(value, value)
    dataset, colon, network = value.partition(":")
    if value.endswith(SAME):
        return f"{words('dataset', dataset)}, the same kind of network as the test"
    if colon:
        return f"{words('network', network)} of {words('dataset', dataset)}"
    record = record_of(value) if value else None
    return record.title if record else value or "Nothing: methods that need no training"


def _method(called: str) -> str:
    """Say what a method of the benchmark is, where it is an extractor by itself; others are called what they are."""
    label, _, how = called.removesuffix(")").partition(" (")
    record = next((one for one in EXTRACTORS.values() if one.label == label), None)
    if record is None or how not in HOW:
        return called
    return f"{label}: {IN_WORDS[record.name]}" if record.name in IN_WORDS and not how else f"{record.title}{HOW[how]}"


def spelt_out(tests: pd.DataFrame) -> pd.DataFrame:
    """Return a table of tests with the names of data sets, networks and methods, if any, in plain words."""
    found = {axis: [words(axis, str(one)) for one in tests[axis]] for axis in SPELT if axis in tests}
    return tests.assign(**found)

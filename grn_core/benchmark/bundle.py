"""Train a translator on reference networks, measure it and its controls on others, and write it with its card."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from grn_core.benchmark import evaluate as ev
from grn_core.benchmark.controls import corpus_controls
from grn_core.benchmark.degree import degree_score
from grn_core.benchmark.references import Reference
from grn_core.extractors.engine import network_digest
from grn_core.models.registry import load_model
from grn_core.progress import Progress, silent
from grn_core.translator.apply import Translator
from grn_core.translator.train import TrainingOptions

SPLIT = "pairs of the training set left out"
LIMITS = (
    "Probabilities are calibrated on as many edges as non-edges; in a real panel edges are rarer, so read them as a "
    "ranking with a scale. Edges of a reference are evidence of many kinds, not proof of regulation in your cells."
)


@dataclass(frozen=True)
class BundleOptions:
    """What to train and how it is called.

    Attributes
    ----------
    name, title, description
        For menus.
    model, readout
        Foundation model and the output that is read (its default if None).
    n_seeds
        Number of draws of negatives and of initial weights.
    corpus
        Pre-training data, which adds the controls that need no model.
    """

    name: str
    title: str
    description: str = ""
    model: str = "compact"
    readout: str | None = None
    n_seeds: int = 5
    corpus: Path | None = None


def train_and_measure(
    options: BundleOptions, references: Sequence[Reference], tests: Sequence[Reference], *, progress: Progress = silent
) -> Translator:
    """Train a translator and fill its card.

    Parameters
    ----------
    options
        What to train.
    references
        Training references, put together.
    tests
        References to measure on; pairs of the training set are left out of them.
    progress
        Listener.

    Returns
    -------
    Translator
        ``card["evaluation"]`` holds a row per test, method and control.
    """
    model = load_model(options.model)
    readout = options.readout or model.record.default_readout
    seeds = list(range(options.n_seeds))
    train = [ev.prepare(model, one, seeds, readout=readout, progress=progress) for one in references]
    seen = {"exclude": frozenset().union(*(_names(one) for one in train)), "readout": readout, "progress": progress}
    held = [ev.prepare(model, one, seeds, **seen) for one in tests]
    networks, temperature = ev.fit(train)
    rows = [row for test in held for row in ev.measure(networks, test, split=SPLIT)]
    card = {
        "name": options.name,
        "title": options.title,
        "description": options.description,
        "model": model.record.name,
        "model_sha": network_digest(model),
        "readout": readout,
        "background": "virtual",
        "kinds": list(ev.KINDS),
        "grid": list(model.record.grid),
        "members": len(model.record.members(readout)),
        "hidden": list(TrainingOptions().hidden),
        "seeds": seeds,
        "temperature": temperature,
        "training": [provenance(one) for one in train],
        "options": {key: value for key, value in vars(TrainingOptions()).items() if key != "hidden"},
        "evaluation": sorted(rows + _controls(train, held, seen, options), key=lambda row: row["reference"]),
        "limits": LIMITS,
    }
    return Translator(networks, card)


def provenance(data: ev.LabelledPairs) -> dict:
    """What one training reference was."""
    notes = list(data.reference.notes)
    first = data.pairs[0]
    return {"reference": data.reference.name, "universe": first.universe, **first.describe(), "notes": notes}


def _controls(
    train: Sequence[ev.LabelledPairs], tests: Sequence[ev.LabelledPairs], seen: dict, options: BundleOptions
) -> list[dict]:
    """AUPRC rows of the controls on every test reference: each with a translator of its own, or with none."""
    seeds = range(options.n_seeds)
    shuffled, _ = ev.fit(train, shuffled=True)
    blank = load_model(options.model, weights="random")
    own = {key: seen[key] for key in ("readout", "progress")}
    untrained, _ = ev.fit([ev.prepare(blank, one.reference, seeds, **own) for one in train])
    vocabulary, extra = blank.vocabulary, {}
    if options.corpus:
        extra = corpus_controls(options.corpus, vocabulary, progress=seen["progress"])
    rows = []
    for test in tests:
        control = {"split": SPLIT, "methods": ["Ensemble"], "is_control": True}
        blank_test = ev.prepare(blank, test.reference, seeds, **seen)
        rows += ev.measure(untrained, blank_test, prefix="Random weights: ", **control)
        rows += ev.measure(shuffled, test, prefix="Shuffled labels: ", **control)
        scores = {"Degree only": degree_score([one.reference for one in train], test.reference.genes)}
        scores |= {name: make(test.reference.genes) for name, make in extra.items()}
        rows += [ev.measure_score(name, score, test, split=SPLIT) for name, score in scores.items()]
    return rows


def _names(data: ev.LabelledPairs) -> frozenset[tuple[str, str]]:
    genes = data.reference.genes
    return frozenset(
        (genes[source], genes[target])
        for pairs in data.pairs
        for source, target in zip(pairs.source, pairs.target, strict=True)
    )

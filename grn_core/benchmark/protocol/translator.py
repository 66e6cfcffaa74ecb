"""Train a translator on reference networks, measure it and its controls on others, and fill its card."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from grn_core.benchmark.features.bench import Bench
from grn_core.benchmark.features.expression import own_cells
from grn_core.benchmark.features.handle import model_handle
from grn_core.benchmark.protocol.enough import check_held_back, few_edges
from grn_core.benchmark.protocol.held_out import HeldOut
from grn_core.benchmark.protocol.measuring import measure_method
from grn_core.benchmark.protocol.methods import (
    UNTRAINED_CONTROLS,
    Method,
    ensemble_of,
    own_rows,
    trained_controls,
)
from grn_core.benchmark.protocol.training import Training
from grn_core.benchmark.references.gathered import check_apart
from grn_core.benchmark.references.leakage import overlaps, removed_pairs
from grn_core.benchmark.references.reference import Reference
from grn_core.benchmark.references.usual import USUAL_SEEDS
from grn_core.errors import RequestError
from grn_core.executors import HERE, Executor
from grn_core.extractors.batches import silent_note
from grn_core.extractors.registry import DEFAULT, TERMS, check_cells, check_extractors, is_term
from grn_core.models.weights import network_digest
from grn_core.pretrain.files import corpus_files
from grn_core.progress import Progress, silent
from grn_core.translator.card import combinations_of, combined
from grn_core.translator.measured import ENSEMBLE
from grn_core.translator.pairs import Pairs, positive_pairs
from grn_core.translator.train import TrainingOptions
from grn_core.translator.translator import Translator

SPLIT = "pairs of the training set left out"
LIMITS = (
    "Probabilities are calibrated on as many edges as negatives and corrected for how rare edges are in the training "
    "reference; how rare they are in your panel nobody knows, so read them as a ranking with a scale. Edges of a "
    "reference are evidence of many kinds, not proof of regulation in your cells."
)
KNOWN_BESIDE = {"beside": True}
"""What the card says of a training reference whose edges are known and no more."""


@dataclass(frozen=True)
class TranslatorOptions:
    """What to train and how it is called.

    Attributes
    ----------
    name, title, description
        For menus.
    model, readout
        Foundation model and the output that is read (its default if None).
    extractors
        Names of the extractors that it learns to read.
    cells
        File of measured cells, for extractors that are read at their mean.
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
    extractors: tuple[str, ...] = DEFAULT
    cells: Path | None = None
    n_seeds: int = USUAL_SEEDS
    corpus: Path | None = None

    def __post_init__(self) -> None:
        if self.n_seeds < 1:
            message = f"{self.n_seeds} seeds were asked for"
            raise RequestError(message, needed="at least 1", todo="change the number of seeds")
        if self.corpus is not None:
            corpus_files(self.corpus)


def train_and_measure(
    options: TranslatorOptions,
    references: Sequence[Reference],
    tests: Sequence[Reference],
    *,
    beside: Sequence[Reference] = (),
    without: Sequence[Reference] = (),
    home: Path | None = None,
    progress: Progress = silent,
    note: Callable[[str], object] = silent_note,
    executor: Executor = HERE,
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
    beside
        References whose edges are known beside the training (`grn_core.translator.beside`).
    without
        References whose edges are no training pairs, neither edges nor negatives: those that are measured on later.
    home
        Data folder that keeps the features; the one of the settings if None.
    progress
        Listener; may cancel: features that are finished stay.
    note
        Called with a sentence on what the user should know.
    executor
        What asks the model.

    Returns
    -------
    Translator
        ``card["evaluation"]`` holds a row per test, method and control.

    Raises
    ------
    DataError
        If the references have too few edges between genes of the model to calibrate a translator, or a test has no
        edge that was not trained on.
    RequestError
        If the model has no features that a translator reads, a test is what a training reference was made of, or no
        extractor reads what is known beside.
    """
    check_apart([*references, *beside], tests)
    model = model_handle(options.model)
    extractors = sorted(check_extractors(model.record, options.extractors))
    if beside and not any(map(is_term, extractors)):
        message = "none of the extractors reads what is known beside"
        raise RequestError(message, needed=f"one of {', '.join(TERMS)}", todo="add them to --extractors")
    check_cells(extractors, has_cells=options.cells is not None, reads_order=not model.record.takes_values)
    cells = None if options.cells is None else own_cells(options.cells)
    untrained = model_handle(options.model, weights="random") if tests else None
    bench = Bench(model, untrained, home=home, progress=progress, executor=executor)
    training = Training(
        references,
        bench,
        n_seeds=options.n_seeds,
        readout=options.readout,
        beside=beside,
        withheld=removed_pairs(without),
        cells=lambda _: cells,
        n_trained=len(extractors) * (1 + (len(trained_controls(())) if tests else 0)),
    )
    few = few_edges(model, training.references)
    if few:
        note(few)
    check_held_back(training)
    held = [HeldOut(training, training.known(one), corpus=options.corpus) for one in tests]
    for test in held:
        len(test.pairs)
    rows = [*own_rows(extractors), *trained_controls(tuple(extractors)), *UNTRAINED_CONTROLS]
    networks = {name: training.trained("own", name)[0] for name in extractors}
    weights = training.weights(ensemble_of(extractors))
    card = {
        "name": options.name,
        "title": options.title,
        "description": options.description,
        "model": model.load().record.name,  # what it holds, whatever name was given to it here
        "model_sha": network_digest(model.load()),
        "readout": training.readout,
        "background": "virtual",
        "extractors": {name: network.n_features for name, network in networks.items()},
        "cells": "" if cells is None else cells.dataset,
        "grid": list(model.record.grid),
        "members": len(model.record.members(training.readout)),
        "hidden": list(TrainingOptions().hidden),
        "seeds": list(range(options.n_seeds)),
        "weights": weights,
        # Asked unless others are named: what is no term, and of the terms those with a weight.
        "ensemble": sorted(name for name in extractors if weights.get(name, 1.0)),
        "temperature": {
            combined(some): training.temperature(ensemble_of(some), weights) for some in combinations_of(extractors)
        },
        "calibrated_to": 0.5,
        "prior": _prior(training.references),
        "training": [
            *(_provenance(*one) for one in zip(training.references, training.draws, strict=True)),
            *(_provenance(*one) | KNOWN_BESIDE for one in zip(training.beside, training.draws_beside, strict=True)),
        ],
        "without": [_removed(one, training) for one in without],
        "overlap": overlaps([*references, *beside, *tests]),
        "options": {key: value for key, value in vars(TrainingOptions()).items() if key != "hidden"},
        "evaluation": [
            _row(test, method)
            for test in sorted(held, key=lambda one: one.reference.name)
            for method in rows
            if method.score != "corpus" or options.corpus is not None
        ],
        "limits": f"{LIMITS} {few}".strip(),
    }
    return Translator(networks, card)


def _row(test: HeldOut, method: Method) -> dict[str, Any]:
    """One row of the card: AUPRC, mean and standard deviation over seeds, with its universe."""
    found = measure_method(test, method)["row"]
    sizes = {name: found[name] for name in ("universe", "n_sources", "n_targets", "n_positives", "prevalence")}
    return {
        "dataset": test.reference.dataset,
        "network": test.reference.network,
        "reference": test.reference.name,
        "split": SPLIT,
        "method": f"{method.name}: {ENSEMBLE}" if method.is_control and method.translator else method.name,
        "is_control": method.is_control,
        "mean": round(found["auprc"], 4),
        "sd": round(found["auprc_sd"], 4),
        "n_seeds": found["n_seeds"],
        **sizes,
    }


def _prior(known: Sequence[Reference]) -> float:
    """Share of edges among all pairs of the TFs and the genes of the training references."""
    edges = [positive_pairs(one.edges, one.genes) for one in known]
    pairs = sum(len(np.unique(own[:, 0])) * (len(one.genes) - 1) for own, one in zip(edges, known, strict=True))
    return float(sum(map(len, edges)) / pairs)


def _provenance(reference: Reference, draws: Sequence[Pairs]) -> dict[str, Any]:
    """What one training reference was."""
    first = draws[0]
    about = {"reference": reference.name, "universe": first.universe}
    return {**about, **first.describe(), "notes": list(reference.notes)}


def _removed(reference: Reference, training: Training) -> dict[str, Any]:
    """How many edges of the training references were left out because they are edges of this one; those beside too."""
    edges = removed_pairs([reference])
    known = removed_pairs([*training.references, *training.beside])
    return {"reference": reference.name, "edges": len(edges & known)}

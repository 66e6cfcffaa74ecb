"""Train a translator on reference networks, measure it and its controls on others, and write it with its card."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from grn_core.benchmark.features.corpus import corpus_controls
from grn_core.benchmark.features.degree import degree_score
from grn_core.benchmark.features.expression import own_cells
from grn_core.benchmark.protocol import evaluate as ev
from grn_core.benchmark.references.reference import Reference, restrict
from grn_core.errors import DataError, RequestError
from grn_core.extractors.batches import silent_note
from grn_core.extractors.engine import network_digest
from grn_core.extractors.registry import DEFAULT, check_cells, check_extractors
from grn_core.models.interface import FoundationModel
from grn_core.models.load import load_model
from grn_core.pretrain.corpus import corpus_files
from grn_core.progress import Progress, silent
from grn_core.translator.apply import Translator
from grn_core.translator.pairs import positive_pairs
from grn_core.translator.train import TrainingOptions, split_held_back

Seen = frozenset[tuple[str, str]]
SPLIT = "pairs of the training set left out"
LIMITS = (
    "Probabilities are calibrated on as many edges as non-edges; in a real panel edges are rarer, so read them as a "
    "ranking with a scale. Edges of a reference are evidence of many kinds, not proof of regulation in your cells."
)
FEWEST_EDGES = 50
"""With fewer, which ones they are decides more than what the model knows: the card of the translator says so."""
TO_CALIBRATE = 10
"""With fewer, the pairs that are held back are too few to find a temperature on."""


@dataclass(frozen=True)
class BundleOptions:
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
    n_seeds: int = 5
    corpus: Path | None = None

    def __post_init__(self) -> None:
        if self.n_seeds < 1:
            message = f"{self.n_seeds} seeds were asked for"
            raise RequestError(message, needed="at least 1", todo="change the number of seeds")
        if self.corpus is not None:
            corpus_files(self.corpus)


def train_and_measure(
    options: BundleOptions,
    references: Sequence[Reference],
    tests: Sequence[Reference],
    *,
    progress: Progress = silent,
    note: Callable[[str], object] = silent_note,
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
    note
        Called with a sentence on what the user should know.

    Returns
    -------
    Translator
        ``card["evaluation"]`` holds a row per test, method and control.

    Raises
    ------
    DataError
        If the references have too few edges between genes of the model to calibrate a translator.
    RequestError
        If the model has no features that a translator reads.
    """
    model = load_model(options.model)
    extractors = check_extractors(model.record, options.extractors)
    check_cells(extractors, has_cells=options.cells is not None, reads_order=not model.record.takes_values)
    cells = None if options.cells is None else own_cells(options.cells)
    few = _few_edges(model, references)
    if few:
        note(few)
    readout = options.readout or model.record.default_readout
    seeds = list(range(options.n_seeds))

    def prepared(network: FoundationModel, one: Reference, seen: Seen = frozenset()) -> ev.LabelledPairs:
        return ev.prepare(
            network,
            one,
            seeds,
            extractors=extractors,
            readout=readout,
            cells=cells,
            exclude=seen,
            progress=progress,
        )

    train = [prepared(model, one) for one in references]
    seen: Seen = frozenset().union(*(_names(one) for one in train))
    held = [prepared(model, one, seen) for one in tests]
    _check_held_back(train)
    networks, temperature = ev.fit(train)
    rows = [row for test in held for row in ev.measure(networks, test, split=SPLIT)]
    controls = _controls(train, held, options, prepared=prepared, seen=seen, progress=progress) if held else []
    card = {
        "name": options.name,
        "title": options.title,
        "description": options.description,
        "model": model.record.name,
        "model_sha": network_digest(model),
        "readout": readout,
        "background": "virtual",
        "extractors": {name: len(network.mean) for name, network in networks.items()},
        "cells": "" if cells is None else cells.dataset,
        "grid": list(model.record.grid),
        "members": len(model.record.members(readout)),
        "hidden": list(TrainingOptions().hidden),
        "seeds": seeds,
        "temperature": temperature,
        "training": [provenance(one) for one in train],
        "options": {key: value for key, value in vars(TrainingOptions()).items() if key != "hidden"},
        "evaluation": sorted(rows + controls, key=lambda row: row["reference"]),
        "limits": f"{LIMITS} {few}".strip(),
    }
    return Translator(networks, card)


def provenance(data: ev.LabelledPairs) -> dict:
    """What one training reference was."""
    notes = list(data.reference.notes)
    first = data.pairs[0]
    return {"reference": data.reference.name, "universe": first.universe, **first.describe(), "notes": notes}


def _controls(
    train: Sequence[ev.LabelledPairs],
    tests: Sequence[ev.LabelledPairs],
    options: BundleOptions,
    *,
    prepared: Callable[..., ev.LabelledPairs],
    seen: Seen,
    progress: Progress,
) -> list[dict]:
    """AUPRC rows of the controls on every test reference: each with a translator of its own, or with none."""
    shuffled, _ = ev.fit(train, shuffled=True)
    blank = load_model(options.model, weights="random")
    untrained, _ = ev.fit([prepared(blank, one.reference) for one in train])
    vocabulary, extra = blank.vocabulary, {}
    if options.corpus:
        extra = corpus_controls(options.corpus, vocabulary, progress=progress)
    rows = []
    for test in tests:
        blank_test = prepared(blank, test.reference, seen)
        rows += ev.measure(untrained, blank_test, split=SPLIT, prefix="Random weights: ", is_control=True)
        rows += ev.measure(shuffled, test, split=SPLIT, prefix="Shuffled labels: ", is_control=True)
        scores = {"Degree only": degree_score([one.reference for one in train], test.reference.genes)}
        scores |= {name: make(test.reference.genes) for name, make in extra.items()}
        rows += [ev.measure_score(name, score, test, split=SPLIT) for name, score in scores.items()]
    return rows


def _few_edges(model: FoundationModel, references: Sequence[Reference]) -> str:
    """Say that a translator learns from few edges, empty if it does not; `DataError` if they are too few."""
    known = [restrict(one, frozenset(model.vocabulary)) for one in references]
    n_edges = sum(len(positive_pairs(one.edges, one.genes)) for one in known)
    if n_edges < TO_CALIBRATE:
        message = f"the references have {n_edges} edges between genes that {model.record.title} knows"
        needed = f"at least {TO_CALIBRATE}, or the translator cannot be calibrated; {FEWEST_EDGES} or more are better"
        raise DataError(message, needed=needed, todo="check species and names of the reference, or take a larger one")
    if n_edges >= FEWEST_EDGES:
        return ""
    return f"It learnt from {n_edges} edges, fewer than {FEWEST_EDGES}: do not rely on its scores and probabilities."


def _check_held_back(train: Sequence[ev.LabelledPairs]) -> None:
    """Refuse pairs of which no edge or no non-edge is held back: a temperature fitted to them would mean nothing."""
    found = set()
    for seed in range(len(train[0].pairs)):
        label = torch.cat([torch.from_numpy(one.pairs[seed].label) for one in train])
        found |= set(label[split_held_back(len(label), TrainingOptions().held_back, seed=seed)].tolist())
    if len(found) < 2:
        message = (
            f"there is no {'non-edge' if found == {1.0} else 'edge'} among the pairs that are held back to calibrate"
        )
        raise DataError(message, needed="edges and non-edges", todo="take a larger reference, or more seeds")


def _names(data: ev.LabelledPairs) -> frozenset[tuple[str, str]]:
    genes = data.reference.genes
    return frozenset(
        (genes[source], genes[target])
        for pairs in data.pairs
        for source, target in zip(pairs.source, pairs.target, strict=True)
    )

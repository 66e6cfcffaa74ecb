"""The suite of BEELINE's four curated Boolean models: small networks whose signed edges are exactly known."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from grn_core.benchmark.cache import KINDS, ResultCache
from grn_core.benchmark.handle import ModelHandle
from grn_core.benchmark.metrics import Measured, measure, summarise, trapezoid_auprc
from grn_core.benchmark.references import read_reference
from grn_core.benchmark.runner import Outcome
from grn_core.coexpression import METHODS, find_method, score_pairs
from grn_core.datasets import boolean, catalog
from grn_core.datasets.curated import MODELS
from grn_core.datasets.values import log_cp10k
from grn_core.errors import RequestError, TranslatorError
from grn_core.genes import match_genes
from grn_core.progress import Progress, silent
from grn_core.translator.pairs import Pairs

UNIVERSE = "all ordered pairs"
MODEL_METHODS = {"VVP": ("vvp",), "GDT": ("gdt",), "Ensemble": KINDS}


@dataclass(frozen=True)
class Truth:
    """The exact network of one Boolean model over the genes that a foundation model knows.

    Attributes
    ----------
    ref
        Name of the Boolean model.
    genes
        Canonical human symbols, sorted.
    n_lost
        Genes of the network that the foundation model does not know.
    pairs
        Every ordered pair of two different genes, labelled.
    sign
        (N,) +1 activation, -1 repression, 0 both or no edge.
    """

    ref: str
    genes: tuple[str, ...]
    n_lost: int
    pairs: Pairs
    sign: np.ndarray


def truth_of(ref: str, vocabulary: frozenset[str]) -> Truth:
    """Return the network of a Boolean model.

    Raises
    ------
    RequestError
        If there is no such Boolean model, or no edge between genes of the vocabulary.
    """
    if ref not in MODELS:
        message = f"there is no curated model {ref!r}"
        raise RequestError(message, needed=f"one of {', '.join(MODELS)}")
    edges = boolean.gene_edges(MODELS[ref])
    names = sorted({*edges["source"], *edges["target"]})
    match = match_genes(names, species=MODELS[ref].species)
    symbol = {name: found for name, found in zip(names, match.symbols, strict=True) if found in vocabulary}
    genes = tuple(sorted(set(symbol.values())))
    position = {gene: index for index, gene in enumerate(genes)}
    signed = np.full((len(genes), len(genes)), np.nan)
    for source, target, sign in edges.itertuples(index=False):
        if source in symbol and target in symbol:
            signed[position[symbol[source]], position[symbol[target]]] = sign
    if np.isnan(signed).all():
        message = f"the model knows no edge of {ref}: {len(genes)} of {len(names)} genes are in its vocabulary"
        raise RequestError(message, needed="a model that knows the genes", todo="choose another model")
    source, target = np.nonzero(~np.eye(len(genes), dtype=bool))
    own = signed[source, target]
    pairs = Pairs(source, target, (~np.isnan(own)).astype(np.float32), UNIVERSE)
    return Truth(ref, genes, len(names) - len(symbol), pairs, np.nan_to_num(own))


def run_curated(
    model: ModelHandle,
    translator: Path,
    *,
    refs: Sequence[str] = tuple(MODELS),
    methods: Sequence[str] = tuple(METHODS),
    n_seeds: int = 5,
    home: Path | None = None,
    progress: Progress = silent,
) -> Outcome:
    """Measure VVP and GDT, without any cell, beside co-expression methods on the simulated cells.

    Parameters
    ----------
    model
        The foundation model.
    translator
        Folder of a translator for that model.
    refs
        Boolean models.
    methods
        Co-expression methods, names of `grn_core.coexpression.METHODS`.
    n_seeds
        Seeds of the co-expression methods that draw at random; a translator has its own.
    home
        Data folder of the cache; the one of the settings if None.
    progress
        Listener; may cancel: a later run goes on from the finished parts.

    Returns
    -------
    Outcome
        ``table``: a row per Boolean model and method, as in `run_protocol`, and ``auprc_beeline`` (trapezoids, as
        BEELINE measures), ``sign_accuracy`` (share of signed true edges whose sign is right; NaN where a method has no
        sign) and ``sign_majority`` (what always guessing the commoner sign gives).

    Raises
    ------
    RequestError
        If a Boolean model or method is not known.
    TranslatorError
        If the translator is not there or was trained on features of another model.
    """
    results, runner = ResultCache(home), _Runner(model, translator, n_seeds)
    names = [*MODEL_METHODS, *(find_method(name).name for name in methods)]
    rows, notes, n_computed = [], [], 0
    for number, ref in enumerate(refs):
        truth = truth_of(ref, frozenset(model.vocabulary))
        notes.append(_note(truth))
        for done, name in enumerate(names):
            runner.progress = _at(progress, number * len(names) + done, len(refs) * len(names))
            runner.progress("measure", 0, 1)
            key = {"suite": "curated", "dataset": ref, "genes": list(truth.genes), "method": name}
            key |= runner.key(name)
            found = results.get(key)
            if found is None:
                found = runner.measure(truth, name)
                results.put(key, found)
                n_computed += 1
            title = METHODS[name].title if name in METHODS else name
            reader = model.record.name if name in MODEL_METHODS else ""
            rows.append({"dataset": ref, "method": title, "model": reader, "is_control": False, **found})
    progress("measure", len(refs) * len(names), len(refs) * len(names))
    return Outcome(pd.DataFrame(rows), pd.DataFrame(), tuple(notes), n_computed)


def sign_scores(truth: Truth, sign: np.ndarray | None) -> dict[str, float]:
    """Share of signed true edges whose sign is right, beside what the commoner sign alone would give."""
    signed = truth.sign != 0
    right = float("nan") if sign is None else float((sign[signed] == truth.sign[signed]).mean())
    activating = float((truth.sign[signed] > 0).mean())
    return {"sign_accuracy": right, "sign_majority": max(activating, 1.0 - activating)}


def _at(progress: Progress, done: int, total: int) -> Progress:
    """Report the place in the table whatever the inner work reports, so that it can still be cancelled."""
    return lambda _stage, _done, _total: progress("measure", done, total)


def _note(truth: Truth) -> str:
    reference = read_reference("omnipath").edges
    listed = set(zip(reference["source"], reference["target"], strict=True))
    edges = truth.pairs.take(truth.pairs.label > 0)
    ends = zip(edges.source, edges.target, strict=True)
    n_known = sum((truth.genes[source], truth.genes[target]) in listed for source, target in ends)
    n_genes = len(truth.genes) + truth.n_lost
    return (
        f"{truth.ref}: {truth.n_lost} of {n_genes} genes are not in the model's vocabulary, which leaves them out for "
        f"every method; {n_known} of {len(edges)} true edges are in the bundled OmniPath network, so that a translator "
        "trained on it may have seen them."
    )


class _Runner:
    """Computes one row; the model, the translator and the cells are loaded when they are first needed."""

    def __init__(self, model: ModelHandle, translator: Path, n_seeds: int) -> None:
        self.model, self.folder, self.n_seeds, self.progress = model, translator, n_seeds, silent
        try:
            content = (translator / "translator.safetensors").read_bytes() + (translator / "card.json").read_bytes()
        except OSError as error:
            message = f"the translator in {translator} cannot be read ({error})"
            raise TranslatorError(message, needed="card.json and translator.safetensors") from error
        self.translator_sha = hashlib.sha256(content).hexdigest()

    def key(self, name: str) -> dict[str, Any]:
        """What decides a row beside the Boolean model and its genes."""
        if name in MODEL_METHODS:
            return {"model": self.model.sha, "translator": self.translator_sha}
        return {"n_seeds": self.n_seeds}

    def measure(self, truth: Truth, name: str) -> dict[str, Any]:
        """Measure one method."""
        scores, sign = self._model(truth, name) if name in MODEL_METHODS else self._coexpression(truth, name)
        extra = sign_scores(truth, sign)
        measured = []
        for score in scores:
            one = measure(truth.pairs, score)
            values = {**one.values, "auprc_beeline": trapezoid_auprc(truth.pairs.label, score)}
            measured.append(Measured(values, one.universe))
        return {**summarise(measured), **extra}

    def _model(self, truth: Truth, name: str) -> tuple[list[np.ndarray], np.ndarray]:
        """Logits of every seed, and signs, from virtual cells alone."""
        import torch

        from grn_core.extractors.engine import extract_features
        from grn_core.translator.apply import Translator, signs

        translator = Translator.load(self.folder)
        every = range(len(truth.genes))
        features = extract_features(self.model.load(), truth.genes, every, readout=translator.card["readout"])
        kinds = MODEL_METHODS[name]
        translator.check(features.spec, kinds)
        own = {kind: torch.from_numpy(features[kind][truth.pairs.source, truth.pairs.target]) for kind in kinds}
        sign, _ = signs(own, features.spec.levels)
        return list(translator.logits(own).numpy()), sign

    def _coexpression(self, truth: Truth, name: str) -> tuple[list[np.ndarray], np.ndarray | None]:
        """Sizes of the scores of every seed, and signs of the first, from the simulated cells."""
        data = catalog.load(truth.ref)
        column = {symbol: index for index, symbol in enumerate(data.match.symbols) if symbol}
        place = np.array([column[gene] for gene in truth.genes])
        source, target = place[truth.pairs.source], place[truth.pairs.target]
        record, expression = METHODS[name], log_cp10k(data.matrix, kind=data.value_kind)
        found = [
            score_pairs(expression, data.genes, range(data.n_genes), method=name, seed=seed, progress=self.progress)
            for seed in range(self.n_seeds if record.seeded else 1)
        ]
        values = [matrix[source, target] for matrix in found]
        return [np.abs(one) for one in values], np.sign(values[0]) if record.signed else None

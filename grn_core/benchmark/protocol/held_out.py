"""Cells of the table: one method on one test reference under one split, after one training reference."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from grn_core.benchmark.features.cache import KINDS
from grn_core.benchmark.features.degree import degree_score
from grn_core.benchmark.metrics.curves import RECALLS, precision_at_recalls, reliability
from grn_core.benchmark.metrics.ranking import (
    Measured,
    beeline_early_precision,
    measure,
    per_source,
    summarise,
    trapezoid_auprc,
)
from grn_core.benchmark.pairs.negatives import BEELINE, natural_prevalence
from grn_core.benchmark.pairs.splits import allowed_pairs
from grn_core.benchmark.protocol.methods import Method
from grn_core.benchmark.protocol.training import Training, seed_logits
from grn_core.benchmark.references.reference import Reference
from grn_core.coexpression import METHODS as COEXPRESSION
from grn_core.errors import DataError
from grn_core.translator.pairs import Pairs, positive_pairs

SMALL_PANEL = 100  # genes up to which a co-expression method that draws at random is run once a seed; else once


class HeldOut:
    """One test reference under one split; pairs and features are made when they are first asked for.

    Parameters
    ----------
    training
        What the translators are trained on.
    reference
        The test, restricted to the model's vocabulary.
    split
        One of `SPLITS`.
    measured
        Ask only pairs of genes that the dataset's own cells measure: the universe of co-expression.
    """

    def __init__(self, training: Training, reference: Reference, split: str, *, measured: bool = False) -> None:
        self.training, self.reference, self.split, self.measured = training, reference, split, measured

    @property
    def name(self) -> str:
        """The test in words."""
        return f"{self.reference.name}{', measured genes' if self.measured else ''}, split {self.split}"

    @cached_property
    def allowed(self) -> np.ndarray:
        """Pairs that may be asked, (genes, genes)."""
        allowed = allowed_pairs(self.reference.genes, self.training.seen, self.split)
        if self.measured:
            here = self.training.cells(self.reference).columns(self.reference.genes) >= 0
            allowed &= here[:, None] & here[None, :]
        return allowed

    @cached_property
    def positives(self) -> np.ndarray:
        """Edges of the reference, (N, 2)."""
        return positive_pairs(self.reference.edges, self.reference.genes)

    @cached_property
    def pairs(self) -> list[Pairs]:
        """Pairs that are asked, one draw a seed."""
        negatives = self.training.protocol.negatives
        if negatives == BEELINE:
            return self.training.draw(self.reference, self.allowed, negatives=negatives)[:1] * len(self.training.pairs)
        return self.training.draw(self.reference, self.allowed, negatives=negatives)

    @cached_property
    def signs(self) -> np.ndarray | None:
        """Signs of the edges, (genes, genes): +1, -1, 0 where nothing is said; None for a reference without signs."""
        edges, genes = self.reference.edges, self.reference.genes
        if "sign" not in edges or not (edges["sign"] != 0).any():
            return None
        position = {gene: index for index, gene in enumerate(genes)}
        signs = np.zeros((len(genes), len(genes)))
        signs[edges["source"].map(position), edges["target"].map(position)] = edges["sign"]
        return signs

    def measure(self, method: Method) -> dict[str, Any]:
        """Measure one method: ``row``, ``per_tf``, ``curve``, ``calibration``; ``note`` where nothing can be asked."""
        allowed = self.allowed  # training pairs are drawn first: an error there is no matter of this test
        try:
            draws = self.pairs
        except DataError as error:
            return {"note": f"{self.name}, is left out: {error.found}."}
        if any(one.label.all() for one in draws):
            return {"note": f"{self.name}, is left out: no non-edge is left."}
        negatives = self.training.protocol.negatives
        natural = natural_prevalence(self.positives, len(self.reference.genes), negatives=negatives, allowed=allowed)
        scores, signs = self.scores(method, draws)
        own = [per_source(p, s) for p, s in zip(draws, scores, strict=True)]
        measured = [self._measured(*one, natural) for one in zip(draws, scores, own, strict=True)]
        found = {"row": {**summarise(measured), **self._sign_scores(draws[0], signs)}, "per_tf": self._per_tf(own)}
        if self.split == "all" and negatives == "tf-restricted":
            curves = [precision_at_recalls(p.label, s) for p, s in zip(draws, scores, strict=True)]
            points = np.mean(curves, axis=0)
            found["curve"] = [[float(f"{r:.2f}"), round(float(p), 5)] for r, p in zip(RECALLS, points, strict=True)]
            if method.translator:
                scale = self.training.temperature(method)
                chance = [1.0 / (1.0 + np.exp(-np.asarray(s, dtype=np.float64) / scale)) for s in scores]
                found["calibration"] = reliability([p.label for p in draws], chance).to_dict("records")
        return found

    def _measured(self, pairs: Pairs, score: np.ndarray, own: pd.DataFrame, natural: float | None) -> Measured:
        one = measure(pairs, score, natural_prevalence=natural, own=own)
        if self.training.protocol.negatives != BEELINE:
            return one
        early = beeline_early_precision(pairs.label, score) / one.universe.prevalence
        return Measured(
            {**one.values, "auprc_beeline": trapezoid_auprc(pairs.label, score), "epr_beeline": early}, one.universe
        )

    def _per_tf(self, own: list[pd.DataFrame]) -> list[dict]:
        columns = ["n_positives", "auprc", "prevalence"]
        table = pd.concat(own).groupby("source")[columns].mean().reset_index()
        table["source"] = [self.reference.genes[int(position)] for position in table["source"]]
        return table.round(5).to_dict("records")

    def _sign_scores(self, pairs: Pairs, signs: np.ndarray | None) -> dict[str, float]:
        """Share of signed edges whose sign is right, beside what the commoner sign alone would give."""
        if self.signs is None:
            return {}
        truth = self.signs[pairs.source, pairs.target]
        signed = (pairs.label > 0) & (truth != 0)
        if not signed.any():
            return {}
        activating = float((truth[signed] > 0).mean())
        right = {} if signs is None else {"sign_accuracy": float((signs[signed] == truth[signed]).mean())}
        return {**right, "sign_majority": max(activating, 1.0 - activating), "n_signed": int(signed.sum())}

    def scores(self, method: Method, draws: list[Pairs]) -> tuple[list[np.ndarray], np.ndarray | None]:
        """Scores of every draw's pairs, and the signs of the first draw's where the method has any and truth too."""
        if method.score == "translator":
            logits = [
                seed_logits(
                    self.training.trained(method.translator, kind)[0],
                    self.training.features(self.reference, draws, kind, self.training.variant(self.reference, method)),
                )
                for kind in method.inputs
            ]
            return [np.mean([own[seed].numpy() for own in logits], axis=0) for seed in range(len(draws))], (
                self._model_signs(method, draws[0])
            )
        score = self._score(method)
        values = [score(pairs, seed) for seed, pairs in enumerate(draws)]
        return [np.abs(one) if method.score in ("pert", "cells") else one for one in values], (
            np.sign(values[0]) if self._is_signed(method) else None
        )

    def _score(self, method: Method) -> Any:
        """Function of pairs and seed."""
        training, bench, genes = self.training, self.training.bench, self.reference.genes
        cells = training.cells(self.reference) if method.reads_cells else None
        if method.score == "pert":
            readout = training.whole_readout
            return lambda pairs, _: bench.perturbed(genes, _ends(pairs), cells, readout=readout)
        if method.score == "attn":
            return lambda pairs, _: bench.attended(genes, _ends(pairs), cells)
        if method.score == "corpus":
            of_corpus = bench.corpus_score(method.name, training.protocol.corpus, genes)
            return lambda pairs, _: of_corpus(pairs.source, pairs.target)
        if method.score == "degree":
            of_degree = degree_score([training.reference], genes)
            return lambda pairs, _: of_degree(pairs.source, pairs.target)
        return self._coexpressed(method)

    def _coexpressed(self, method: Method) -> Any:
        cells, genes = self.training.cells(self.reference), self.reference.genes
        here = [index for index, column in enumerate(cells.columns(genes)) if column >= 0]
        sources = here
        if self.training.protocol.negatives in ("tf-restricted", "degree-matched"):
            sources = sorted(set(self.positives[:, 0].tolist()) & set(here))
        names, regulators = tuple(genes[one] for one in here), tuple(genes[one] for one in sources)
        row, column = np.full(len(genes), -1), np.full(len(genes), -1)
        row[sources], column[here] = np.arange(len(sources)), np.arange(len(here))
        record = COEXPRESSION[method.coexpression]

        def score(pairs: Pairs, seed: int) -> np.ndarray:
            draw = seed if record.seeded and len(names) <= SMALL_PANEL else 0
            matrix = self.training.bench.coexpressed(method.coexpression, cells, names, regulators, draw)
            return matrix[row[pairs.source], column[pairs.target]]

        return score

    def _is_signed(self, method: Method) -> bool:
        if method.score == "cells":
            return COEXPRESSION[method.coexpression].signed
        return method.score in ("pert", "corpus")

    def _model_signs(self, method: Method, pairs: Pairs) -> np.ndarray | None:
        """Signs that the extractors' features say, whatever the translator."""
        kinds = sorted(method.parts & set(KINDS))
        if self.signs is None or not kinds or method.is_control:
            return None
        from grn_core.translator.apply import signs

        variant = self.training.variant(self.reference, method)
        features = {kind: self.training.features(self.reference, [pairs], kind, variant)[0] for kind in kinds}
        return signs(features, self.training.bench.model.record.grid)[0]


def _ends(pairs: Pairs) -> np.ndarray:
    return np.stack([pairs.source, pairs.target], axis=1)

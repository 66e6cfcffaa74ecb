"""What all tables of one call share: models, features, cells, corpus; each is made when it is first asked for."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from grn_core.benchmark.features.cache import COEXPRESSION_CODE
from grn_core.benchmark.features.expression import Cells
from grn_core.benchmark.features.extracted import FeatureCache, read_together
from grn_core.benchmark.features.handle import ModelHandle
from grn_core.benchmark.features.rows import RowCache
from grn_core.errors import RequestError
from grn_core.executors import HERE, Executor
from grn_core.extractors import EXTRACTORS
from grn_core.progress import Progress, silent

if TYPE_CHECKING:
    from grn_core.benchmark.features.corpus import PairScore

PRODUCT = "product"
"""Element-wise product of the two gene embeddings: a feature of one row of the benchmark, and no extractor."""


class Bench:
    """A model to be measured, the same network untrained, and what has been found out about them.

    Parameters
    ----------
    model
        The foundation model.
    untrained
        The same network with random weights, for the control of that name; left out if None.
    home
        Data folder of the cache; the one of the settings if None.
    progress
        Listener; may cancel: what is finished stays.
    executor
        What asks the models, and scores targets by co-expression.
    """

    def __init__(
        self,
        model: ModelHandle,
        untrained: ModelHandle | None = None,
        *,
        home: Path | None = None,
        progress: Progress = silent,
        executor: Executor = HERE,
    ) -> None:
        self.executor = executor
        self.handles: dict[str, ModelHandle | None] = {"own": model, "shuffled": model, "untrained": untrained}
        self.model, self.home, self.progress = model, home, progress
        self._features = lru_cache(maxsize=24)(self._make_features)
        self.embedding = lru_cache(maxsize=8)(self._make_embedding)
        self.corpus = lru_cache(maxsize=1)(self._make_corpus)

    def handle(self, variant: str) -> ModelHandle:
        """Return whose features a variant reads; `RequestError` where there is no such model here."""
        found = self.handles.get(variant)
        if found is None:
            message = f"there is no model {variant!r} to be measured"
            raise RequestError(message, needed=f"one of {', '.join(n for n, one in self.handles.items() if one)}")
        return found

    def features(
        self,
        name: str,
        genes: tuple[str, ...],
        pairs: np.ndarray,
        *,
        variant: str = "own",
        readout: str,
        background: str = "virtual",
        cells: Cells | None = None,
    ) -> np.ndarray:
        """Features of pairs by one extractor.

        Parameters
        ----------
        name
            An extractor, or `PRODUCT`.
        genes
            Gene list; positions in pairs refer to it.
        pairs
            (N, 2) source, target.
        variant
            Whose: ``own``, ``shuffled`` (the same), ``untrained``, or a model that was made known in `handles`.
        readout
            Output of the model that is read.
        background, cells
            As of `FeatureCache`; they take part where an extractor reads a whole cell.

        Returns
        -------
        ndarray
            float32 (N, length of the feature).
        """
        if name == PRODUCT:
            whole: np.ndarray = self.embedding(variant, genes)
            return np.asarray(whole[pairs[:, 0]] * whole[pairs[:, 1]])
        handle = self.handle(variant)
        in_cell = EXTRACTORS[name].asks == "cell"
        cache: FeatureCache = self._features(
            handle.sha,
            read_together(name, handle.record),
            genes,
            readout,
            background if in_cell else "virtual",
            cells if in_cell else None,
        )
        return cache.get(pairs, progress=self.progress, executor=self.executor)[name]

    def coexpressed(
        self, name: str, cells: Cells, genes: tuple[str, ...], sources: tuple[str, ...], seed: int
    ) -> np.ndarray:
        """Co-expression scores (sources, genes) of genes that were all measured."""
        from grn_core.coexpression import score_pairs

        position = {gene: index for index, gene in enumerate(genes)}
        own = [position[gene] for gene in sources]
        key = {"coexpression": name, "cells": cells.sha, "genes": list(genes), "sources": list(sources), "seed": seed}
        kept = RowCache(key, code=COEXPRESSION_CODE, home=self.home)
        parts = kept.folder / "parts"

        def compute(_: np.ndarray) -> np.ndarray:
            values = cells.values[:, cells.columns(genes)]
            return score_pairs(
                values,
                genes,
                own,
                method=name,
                seed=seed,
                folder=parts,
                progress=self.progress,
                executor=self.executor,
            ).astype(np.float32)

        found = kept.get(np.arange(len(own)), compute)
        shutil.rmtree(parts, ignore_errors=True)
        return found

    def _make_features(
        self,
        sha: str,
        extractors: tuple[str, ...],
        genes: tuple[str, ...],
        readout: str,
        background: str,
        cells: Cells | None,
    ) -> FeatureCache:
        handle = next(one for one in self.handles.values() if one is not None and one.sha == sha)
        return FeatureCache(
            handle,
            genes,
            extractors=extractors,
            readout=readout,
            background=background,
            cells=cells,
            home=self.home,
        )

    def _make_embedding(self, variant: str, genes: tuple[str, ...]) -> np.ndarray:
        return self.handle(variant).load().embed(genes).float().cpu().numpy()

    def _make_corpus(self, folder: Path) -> dict[str, Callable[[Sequence[str]], PairScore]]:
        """Controls that need the corpus and no model: name -> function of a gene list."""
        from grn_core.benchmark.features.corpus import corpus_controls

        return corpus_controls(folder, self.model.vocabulary, progress=self.progress)

    def corpus_score(self, name: str, folder: Path | None, genes: Sequence[str]) -> PairScore:
        """Score of a control that needs the corpus, as a function of pairs of positions in a gene list."""
        if folder is None:
            message = f"{name} needs the pre-training data"
            raise RequestError(message, needed="a folder with them", todo="name it with --corpus")
        of_genes: Callable[[Sequence[str]], PairScore] = self.corpus(Path(folder))[name]
        return of_genes(genes)

"""What all tables of one call share: models, features, cells, corpus; each is made when it is first asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from grn_core.benchmark.features.cache import (
    COEXPRESSION_CODE,
    KINDS,
    ORIGIN_CODE,
    SOURCES_AT_ONCE,
    FeatureCache,
)
from grn_core.benchmark.features.expression import Cells
from grn_core.benchmark.features.handle import ModelHandle
from grn_core.benchmark.features.rows import RowCache
from grn_core.errors import RequestError
from grn_core.progress import Progress, silent

if TYPE_CHECKING:
    from grn_core.benchmark.features.corpus import PairScore


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
    """

    def __init__(
        self,
        model: ModelHandle,
        untrained: ModelHandle | None = None,
        *,
        home: Path | None = None,
        progress: Progress = silent,
    ) -> None:
        self.handles: dict[str, ModelHandle | None] = {"own": model, "shuffled": model, "untrained": untrained}
        self.model, self.home, self.progress = model, home, progress
        self._features = lru_cache(maxsize=24)(self._make_features)
        self._rows = lru_cache(maxsize=64)(self._make_rows)
        self.embedding = lru_cache(maxsize=8)(self._make_embedding)
        self.corpus = lru_cache(maxsize=1)(self._make_corpus)

    def handle(self, variant: str) -> ModelHandle:
        """Return whose features a variant reads; `RequestError` where there is no such model here."""
        found = self.handles.get(variant)
        if found is None:
            message = f"there is no model {variant!r} to be measured"
            raise RequestError(message, needed=f"one of {', '.join(n for n, one in self.handles.items() if one)}")
        return found

    def part(
        self,
        name: str,
        genes: tuple[str, ...],
        pairs: np.ndarray,
        *,
        variant: str = "own",
        readout: str,
        whole_readout: str | None = None,
        cells: Cells | None = None,
    ) -> np.ndarray:
        """One feature of pairs.

        Parameters
        ----------
        name
            An extractor, or ``product``; see `Method`.
        genes
            Gene list; positions in pairs refer to it.
        pairs
            (N, 2) source, target.
        variant
            Whose: ``own``, ``shuffled`` (the same) or ``untrained``.
        readout, whole_readout
            Readout of the extractors, and of ``pert``.
        cells
            Measured cells, for extractors that are read in a whole cell.

        Returns
        -------
        ndarray
            float32 (N, length of the feature).
        """
        if name in KINDS:
            return self._features(self.handle(variant).sha, genes, readout).get(pairs, progress=self.progress)[name]
        if name == "pert" and self.handle(variant) is self.model:
            return self.perturbed(genes, pairs, cells, readout=whole_readout)[:, None]
        if name not in ("emb", "product"):
            return self._extracted(name, genes, pairs, variant=variant, readout=readout, cells=cells)
        whole: np.ndarray = self.embedding(variant, genes)
        source, target = whole[pairs[:, 0]], whole[pairs[:, 1]]
        return np.asarray(source + target if name == "emb" else source * target)

    def _extracted(
        self,
        name: str,
        genes: tuple[str, ...],
        pairs: np.ndarray,
        *,
        variant: str,
        readout: str,
        cells: Cells | None,
    ) -> np.ndarray:
        """One feature of pairs that is kept nowhere, of each pair once."""
        from grn_core.benchmark.features.origin import mean_cell
        from grn_core.extractors.engine import extract_for_pairs

        model = self.handle(variant).load()
        unique, row = np.unique(pairs, axis=0, return_inverse=True)
        context = None if cells is None else mean_cell(model, genes, cells)[0]
        found = extract_for_pairs(
            model, genes, unique, extractors=name, readout=readout, context=context, progress=self.progress
        )
        return found[name][row.ravel()]

    def perturbed(
        self, genes: tuple[str, ...], pairs: np.ndarray, cells: Cells | None, *, readout: str | None
    ) -> np.ndarray:
        """Answer (N,) of the targets to setting the sources to 0 in the mean cell, see `origin.perturbation`."""
        from grn_core.benchmark.features.origin import perturbation

        if readout is None:
            message = f"every readout of {self.model.record.name} hides the other genes"
            raise RequestError(message, needed="one that shows them")

        def compute(some: np.ndarray) -> np.ndarray:
            self.progress("perturb", 0, len(some))
            return perturbation(self.model.load(), genes, cells, some.tolist(), readout=readout)

        sources, row = np.unique(pairs[:, 0], return_inverse=True)
        rows = self._rows("pert", genes, "" if cells is None else cells.sha, readout)
        return np.asarray(rows.get(sources, compute, at_once=SOURCES_AT_ONCE)[row, pairs[:, 1]])

    def attended(self, genes: tuple[str, ...], pairs: np.ndarray, cells: Cells | None) -> np.ndarray:
        """Attention (N,) of targets to sources in the mean cell, see `origin.attention`."""
        from grn_core.benchmark.features.origin import attention

        rows = self._rows("attn", genes, "" if cells is None else cells.sha, "")
        every = np.arange(len(genes))
        weights = rows.get(every, lambda _: attention(self.model.load(), genes, cells))
        return np.asarray(weights[pairs[:, 0], pairs[:, 1]])

    def coexpressed(
        self, name: str, cells: Cells, genes: tuple[str, ...], sources: tuple[str, ...], seed: int
    ) -> np.ndarray:
        """Co-expression scores (sources, genes) of genes that were all measured."""
        from grn_core.coexpression import score_pairs

        position = {gene: index for index, gene in enumerate(genes)}
        own = [position[gene] for gene in sources]

        def compute(_: np.ndarray) -> np.ndarray:
            values = cells.values[:, cells.columns(genes)]
            return score_pairs(values, genes, own, method=name, seed=seed, progress=self.progress).astype(np.float32)

        key = {"coexpression": name, "cells": cells.sha, "genes": list(genes), "sources": list(sources), "seed": seed}
        return RowCache(key, code=COEXPRESSION_CODE, home=self.home).get(np.arange(len(own)), compute)

    def _make_features(self, sha: str, genes: tuple[str, ...], readout: str) -> FeatureCache:
        handle = next(one for one in self.handles.values() if one is not None and one.sha == sha)
        return FeatureCache(handle, genes, readout=readout, home=self.home)

    def _make_rows(self, name: str, genes: tuple[str, ...], cells_sha: str, readout: str) -> RowCache:
        record = self.model.record
        key = {"origin": name, "model": self.model.sha, "genes": list(genes), "cells": cells_sha, "readout": readout}
        return RowCache({**key, "background": record.background}, code=ORIGIN_CODE, home=self.home)

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

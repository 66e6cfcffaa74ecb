"""The extraction engine: batches virtual cells, runs the joint pass, streams chunks of sources to disk."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from grn_core.datasets import GenePanel
from grn_core.errors import RequestError
from grn_core.extractors import gdt, vvp
from grn_core.extractors.features import FeatureSpec, FeatureWriter, PairFeatures
from grn_core.extractors.records import EXTRACTORS
from grn_core.models.interface import FoundationModel
from grn_core.progress import Progress, silent

BACKGROUNDS = ("virtual", "context")
TOKENS_PER_BATCH = 6144
CHUNK = 8


def extract(model: FoundationModel, panel: GenePanel, *, background: str = "virtual", **options: Any) -> PairFeatures:
    """Extract pair features for every source of a panel against every gene of it.

    Parameters
    ----------
    model
        Frozen foundation model.
    panel
        Genes and sources; its means are the background of ``context``.
    background, **options
        As in `extract_features`.

    Returns
    -------
    PairFeatures
        ``features[name]``: float32 (sources, genes, levels), row = source, column = target.
    """
    context = model.to_units(panel.genes, panel.mean) if background == "context" and panel.dataset_ref else None
    return extract_features(model, panel.genes, panel.sources, background=background, context=context, **options)


def extract_features(
    model: FoundationModel,
    genes: Sequence[str],
    sources: Sequence[int],
    *,
    extractors: Sequence[str] = ("vvp", "gdt"),
    readout: str | None = None,
    background: str = "virtual",
    context: np.ndarray | None = None,
    levels: Sequence[float] | None = None,
    folder: Path | None = None,
    chunk: int = CHUNK,
    batch: int | None = None,
    progress: Progress = silent,
) -> PairFeatures:
    """Extract pair features for every source against every gene.

    Parameters
    ----------
    model
        Frozen foundation model.
    genes
        L gene names of the model's vocabulary: the targets.
    sources
        Positions of the sources in `genes`.
    extractors
        Names out of `EXTRACTORS`; one pass serves them all.
    readout
        Output of the model that is read; its default if None.
    background
        ``virtual``: every other gene at the model's background value. ``context``: at its own mean, `context`.
    context
        (L,) background values in the model's units, for ``context``.
    levels
        Values that the source takes, model units; the model's grid if None.
    folder
        Where the arrays go; finished chunks found there are kept. Temporary if None.
    chunk
        Sources per chunk on disk.
    batch
        Virtual cells per pass; chosen so that a batch stays in cache if None. It changes nothing but the speed.
    progress
        Listener; may cancel between two chunks.

    Returns
    -------
    PairFeatures
        ``features[name]``: float32 (sources, genes, levels), row = source, column = target.

    Raises
    ------
    RequestError
        For options that contradict each other.
    ModelError, GeneError
        From the model.
    """
    readout = readout or model.record.default_readout
    levels = tuple(float(level) for level in (model.record.grid if levels is None else levels))
    base = _background(model, genes, background, context, readout)
    unknown = [name for name in extractors if name not in EXTRACTORS]
    if unknown or not extractors:
        message = f"extractors {unknown or 'empty'}"
        raise RequestError(message, needed=f"one or more of {', '.join(EXTRACTORS)}")
    spec = FeatureSpec(
        model=model.record.name,
        model_sha=network_digest(model),
        genes=tuple(genes),
        sources=tuple(int(source) for source in sources),
        levels=levels,
        readout=readout,
        background=background,
        context="" if context is None else hashlib.sha256(base.cpu().numpy().tobytes()).hexdigest(),
        chunk=chunk,
    )
    writer = FeatureWriter(spec, extractors, folder)
    probe = _Probe(model, genes, base, readout, batch or cells_per_batch(len(genes)), extractors)
    for number in range(spec.n_chunks):
        progress("extract", min(number * chunk, len(spec.sources)), len(spec.sources))
        if number not in writer.done:
            writer.write(number, probe.run(spec.sources[number * chunk : (number + 1) * chunk], levels))
    progress("extract", len(spec.sources), len(spec.sources))
    return writer.features


def extract_for_pairs(
    model: FoundationModel,
    genes: Sequence[str],
    pairs: np.ndarray,
    *,
    extractors: Sequence[str] = ("vvp", "gdt"),
    readout: str | None = None,
    progress: Progress = silent,
) -> dict[str, np.ndarray]:
    """Extract the features of given pairs only, as training and benchmarks need them.

    Where a pair's feature does not depend on the other genes of the panel (`FoundationModel.ignores_the_panel`), each
    source meets its own targets alone; elsewhere every source meets the whole panel.

    Parameters
    ----------
    model, genes, extractors, readout, progress
        As in `extract_features`.
    pairs
        (N, 2) positions in `genes`: source, target.

    Returns
    -------
    dict
        Extractor -> float32 (N, levels).
    """
    readout = readout or model.record.default_readout
    levels, base = model.record.grid, _background(model, genes, "virtual", None, readout)
    alone = model.ignores_the_panel(readout)
    result = {kind: np.empty((len(pairs), len(levels)), dtype=np.float32) for kind in extractors}
    sources = np.unique(pairs[:, 0])
    for done, source in enumerate(sources):
        progress("extract", done, len(sources))
        rows = np.flatnonzero(pairs[:, 0] == source)
        members = np.union1d(pairs[rows, 1], source) if alone else np.arange(len(genes))
        names = [genes[member] for member in members]
        probe = _Probe(model, names, base[: len(names)], readout, cells_per_batch(len(names)), extractors)
        found = probe.run([int(np.searchsorted(members, source))], levels)
        for kind in extractors:
            result[kind][rows] = found[kind][0, np.searchsorted(members, pairs[rows, 1])]
    progress("extract", len(sources), len(sources))
    return result


def cells_per_batch(n_genes: int) -> int:
    """Virtual cells of `n_genes` whose tokens make up a batch that stays in cache."""
    return max(1, TOKENS_PER_BATCH // max(1, n_genes))


def network_digest(model: FoundationModel) -> str:
    """SHA-256 of a network's tensors, so that features of other weights are never taken for these."""
    digest = hashlib.sha256()
    for name, tensor in sorted(model.network.state_dict().items()):
        digest.update(name.encode())
        digest.update(tensor.detach().cpu().contiguous().view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()


def _background(
    model: FoundationModel, genes: Sequence[str], background: str, context: np.ndarray | None, readout: str
) -> Tensor:
    if background not in BACKGROUNDS:
        message = f"background {background!r} is not known"
        raise RequestError(message, needed="virtual or context")
    if background == "virtual":
        return torch.full((len(genes),), model.record.background, dtype=model.dtype, device=model.device)
    if model.record.hides_targets(readout):
        shown = ", ".join(r for r in model.record.readouts if not model.record.hides_targets(r))
        message = f"the readout {readout!r} hides every gene but the source, so a context background would not be seen"
        raise RequestError(message, needed=f"for a context background the readout {shown}", todo="choose that readout")
    if context is None or len(context) != len(genes):
        message = "a context background was asked for without the mean of each gene"
        raise RequestError(message, needed=f"{len(genes)} values", todo="use a dataset with cells, not a gene list")
    return torch.as_tensor(context, dtype=model.dtype, device=model.device)


class _Probe:
    """Runs virtual cells of some sources through the model."""

    def __init__(
        self, model: FoundationModel, genes: Sequence[str], base: Tensor, readout: str, batch: int, kinds: Sequence[str]
    ) -> None:
        self.model, self.genes, self.base, self.readout, self.batch = model, genes, base, readout, batch
        self.kinds = tuple(kinds)
        self.hides = model.record.hides_targets(readout)
        self.shared: Tensor | None = None

    def cells(self, sources: Tensor, levels: Tensor | None) -> tuple[Tensor, Tensor]:
        """Virtual cells (N, L), source n at level n (at the background if None), and one-hot sources (N, L)."""
        at_source = torch.nn.functional.one_hot(sources, len(self.genes)).bool()
        values = self.base.expand(len(sources), -1)
        return (values if levels is None else torch.where(at_source, levels[:, None], values)), at_source

    def run(self, sources: Sequence[int], levels: Sequence[float]) -> dict[str, np.ndarray]:
        """Features (S, L, levels) of some sources."""
        own = torch.tensor(sources, device=self.base.device)
        grid = torch.tensor(levels, dtype=self.base.dtype, device=self.base.device)
        values, tangents = self._joint(own.repeat_interleave(len(grid)), grid.repeat(len(own)))
        shape = (len(own), len(grid), len(self.genes))
        result = {}
        if "vvp" in self.kinds:
            result["vvp"] = vvp.response(values.view(shape), self._baseline(own))
        if "gdt" in self.kinds:
            result["gdt"] = gdt.slopes(tangents.view(shape))
        return {kind: result[kind].float().cpu().numpy() for kind in self.kinds}

    def _joint(self, sources: Tensor, levels: Tensor) -> tuple[Tensor, Tensor]:
        with_tangent = any(EXTRACTORS[kind].needs_tangent for kind in self.kinds)
        values, tangents = [], []
        for part in torch.arange(len(sources)).split(self.batch):
            cells, at_source = self.cells(sources[part], levels[part])
            shown = at_source if self.hides else None
            if with_tangent:
                value, tangent = self.model.value_and_tangent(
                    self.genes, cells, at_source.to(cells.dtype), readout=self.readout, shown=shown
                )
                tangents.append(tangent)
            else:
                value = self.model.predict(self.genes, cells, readout=self.readout, shown=shown)
            values.append(value)
        return torch.cat(values), torch.cat(tangents) if tangents else torch.empty(0)

    def _baseline(self, sources: Tensor) -> Tensor:
        """Reconstruction at the background: one row for all sources, or one each where the source alone is shown."""
        if not self.hides:
            if self.shared is None:
                self.shared = self.model.predict(self.genes, self.base[None], readout=self.readout)
            return self.shared
        rows = []
        for part in torch.arange(len(sources)).split(self.batch):
            cells, at_source = self.cells(sources[part], None)
            rows.append(self.model.predict(self.genes, cells, readout=self.readout, shown=at_source))
        return torch.cat(rows)

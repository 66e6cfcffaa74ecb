"""The extraction engine: batches virtual cells, runs the joint pass, streams chunks of sources to disk."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch

from grn_core.datasets import GenePanel
from grn_core.extractors.blocks import blocks_for, probe_in_blocks
from grn_core.extractors.features import FeatureSpec, FeatureWriter, PairFeatures
from grn_core.extractors.options import background_values
from grn_core.extractors.probe import Batch, probes_of, silent_note
from grn_core.extractors.records import check_extractors
from grn_core.models.interface import FoundationModel
from grn_core.progress import Progress, silent

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
    extractors: str | Sequence[str] = ("vvp", "gdt"),
    readout: str | None = None,
    background: str = "virtual",
    context: np.ndarray | None = None,
    levels: Sequence[float] | None = None,
    folder: Path | None = None,
    chunk: int = CHUNK,
    batch: int | None = None,
    block: int | None = None,
    seed: int = 0,
    precision: str = "float32",
    progress: Progress = silent,
    note: Callable[[str], object] = silent_note,
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
        Names out of `EXTRACTORS`, or one of them; one pass serves them all.
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
        Virtual cells per pass; chosen so that a batch stays in cache if None. It changes nothing but the speed. Where
        memory runs out it is halved, and a note says so.
    block
        Most genes that the model reads at once; what its record says if None, and all of them in a readout in which a
        pair does not depend on the other genes. A longer panel is extracted in overlapping blocks, see Notes.
    seed
        Decides which genes share a block.
    precision
        ``float32``, or ``bfloat16``: autocast of the matrix products, see Notes.
    progress
        Listener; may cancel between two chunks.
    note
        Called with a sentence on what the user should know: blocks, memory that ran out.

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
    RunError
        If the memory does not hold a single virtual cell, or features are not finite.

    Notes
    -----
    A panel of L genes on a model that reads K at once is cut into L // (K - 1) + 1 blocks of K - 1 genes
    (`overlapping_blocks`). Every source is asked once with each block, together with itself, in virtual cells that
    hold these genes and no others, VVP's baseline included. So every pair of source and target is covered, those in the
    overlap of blocks twice, and a pair's feature is the mean over the blocks that hold its target. Which genes share a
    block depends on the names of the panel's genes and on `seed` alone: not on the order of the genes, on chunks or
    batches, or on the other sources.

    ``bfloat16`` is off by default. Tolerance: a root mean square difference to float32 of 0.01 standard deviations of
    the feature, and 0.002 of AUPRC. Measured on CPU, 600 genes and 16 sources: the compact model's readout ``masked``
    keeps it (0.007 VVP, 0.008 GDT; AUPRC -0.0012 to 0.0000 on hHEP and mDC, STRING) and is twice as fast on processors
    with bfloat16 units, but slower where a source meets few genes. ``plain`` does not (0.07, 0.01), nor do scGPT-shaped
    checkpoints with random weights (0.08 to 1.9, 0.07 to 0.16; no faster at that size): VVP is a small difference of
    large values, which three digits do not hold. Not measured on graphics processors.
    """
    extractors = check_extractors(model.record, extractors)
    readout = readout or model.record.default_readout
    levels = tuple(float(level) for level in (model.record.grid if levels is None else levels))
    base = background_values(model, genes, background, context, readout)
    blocks = blocks_for(model, genes, readout=readout, size=block, seed=seed)
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
        block=len(blocks[0]) if len(blocks) > 1 else 0,
        seed=seed if len(blocks) > 1 else 0,
        precision=precision,
        adapted_from=model.adapted_from,
        members=len(model.record.members(readout)),
    )
    if len(blocks) > 1:
        note(
            f"The model reads {spec.block + 1:,} genes at once and the panel has {len(genes):,}: every TF was asked in "
            f"{len(blocks)} overlapping blocks of genes, and a pair that stands in several has their mean."
        )
    writer = FeatureWriter(spec, extractors, folder)
    probes = probes_of(model, genes, base, readout, extractors, Batch(batch, precision=precision, note=note))
    for number in range(spec.n_chunks):
        progress("extract", min(number * chunk, len(spec.sources)), len(spec.sources))
        if number in writer.done:
            continue
        asked = spec.sources[number * chunk : (number + 1) * chunk]
        if len(blocks) == 1:
            found = [probe.run(asked, levels) for probe in probes]
        else:
            found = [
                _stacked([probe_in_blocks(probe, source, levels, blocks) for source in asked], np.stack)
                for probe in probes
            ]
        writer.write(number, _stacked(found, partial(np.concatenate, axis=-1)))
    progress("extract", len(spec.sources), len(spec.sources))
    return writer.features


def extract_for_pairs(
    model: FoundationModel,
    genes: Sequence[str],
    pairs: np.ndarray,
    *,
    extractors: str | Sequence[str] = ("vvp", "gdt"),
    readout: str | None = None,
    block: int | None = None,
    seed: int = 0,
    progress: Progress = silent,
    note: Callable[[str], object] = silent_note,
) -> dict[str, np.ndarray]:
    """Extract the features of given pairs only, as training and benchmarks need them.

    Where a pair's feature does not depend on the other genes of the panel (`FoundationModel.ignores_the_panel`), each
    source meets its own targets alone; elsewhere every source meets the whole panel, in blocks if it is long.

    Parameters
    ----------
    model, genes, extractors, readout, block, seed, progress, note
        As in `extract_features`.
    pairs
        (N, 2) positions in `genes`: source, target.

    Returns
    -------
    dict
        Extractor -> float32 (N, levels).
    """
    extractors = check_extractors(model.record, extractors)
    readout = readout or model.record.default_readout
    levels, base = model.record.grid, background_values(model, genes, "virtual", None, readout)
    blocks = blocks_for(model, genes, readout=readout, size=block, seed=seed)
    probes = probes_of(model, genes, base, readout, extractors, Batch(None, precision="float32", note=note))
    result = {kind: np.empty((len(pairs), len(levels) * len(probes)), dtype=np.float32) for kind in extractors}
    sources = np.unique(pairs[:, 0])
    for done, source in enumerate(sources):
        progress("extract", done, len(sources))
        rows = np.flatnonzero(pairs[:, 0] == source)
        targets = pairs[rows, 1]
        if len(blocks) > 1:
            needed = [one for one in blocks if np.isin(targets, one).any()]
            found = [probe_in_blocks(probe, source, levels, needed) for probe in probes]
        elif model.ignores_the_panel(readout):
            own = (np.unique(targets),)
            found = [probe_in_blocks(probe, source, levels, own) for probe in probes]
        else:
            found = [{kind: array[0] for kind, array in probe.run([source], levels).items()} for probe in probes]
        for kind in extractors:
            result[kind][rows] = np.concatenate([one[kind][targets] for one in found], axis=-1)
    progress("extract", len(sources), len(sources))
    return result


def _stacked(parts: Sequence[dict], how: Callable[[list], np.ndarray]) -> dict[str, np.ndarray]:
    return {kind: how([part[kind] for part in parts]) for kind in parts[0]}


def network_digest(model: FoundationModel) -> str:
    """SHA-256 of a network's tensors, so that features of other weights are never taken for these."""
    digest = hashlib.sha256()
    for name, tensor in sorted(model.network.state_dict().items()):
        digest.update(name.encode())
        digest.update(tensor.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()

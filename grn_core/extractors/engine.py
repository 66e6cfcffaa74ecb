"""The extraction engine: asks a model chunk by chunk of sources and streams the features to disk."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from grn_core.datasets import GenePanel
from grn_core.executors import HERE, Executor, Parcel, Work
from grn_core.extractors import remote
from grn_core.extractors.batches import Batch, silent_note
from grn_core.extractors.features import FeatureSpec, FeatureWriter, PairFeatures
from grn_core.extractors.readings import Reading, lengths, merged, readings, request_of
from grn_core.extractors.registry import DEFAULT
from grn_core.models.interface import FoundationModel
from grn_core.models.weights import network_digest
from grn_core.progress import Progress, silent

CHUNK, CHUNK_OF_CUDA = 8, 64
"""Sources per chunk: a graphics processor has to be given more at once than a processor to be busy."""


def extract(
    model: FoundationModel,
    panel: GenePanel,
    *,
    extractors: str | Sequence[str] = DEFAULT,
    readout: str | None = None,
    background: str = "virtual",
    levels: Sequence[float] | None = None,
    folder: Path | None = None,
    chunk: int | None = None,
    batch: int | None = None,
    block: int | None = None,
    seed: int = 0,
    precision: str = "float32",
    progress: Progress = silent,
    note: Callable[[str], object] = silent_note,
    executor: Executor = HERE,
    called: str = "",
) -> PairFeatures:
    """Extract pair features for every source of a panel against every gene of it.

    Parameters
    ----------
    model
        Frozen foundation model.
    panel
        Genes and sources; its means are the background of ``context``, and the cell of extractors that need one.
    extractors, readout, background, levels, folder, chunk, batch, block, seed, precision, progress, note
        As in `extract_features`.
    executor, called
        As in `extract_features`.

    Returns
    -------
    PairFeatures
        ``features[name]``: float32 (sources, genes, length), row = source, column = target. What its numbers are
        its record in `grn_core.extractors.EXTRACTORS` describes: values of genes, and derivatives of them, are in the
        model's own units (``model.record.units``).

    Raises
    ------
    RequestError
        For options that contradict each other, extractors that the model cannot serve, or no measured cells where they
        are needed.
    ModelError, GeneError
        From the model.
    RunError
        If the memory does not hold a single virtual cell, or features are not finite.
    """
    return extract_features(
        model,
        panel.genes,
        panel.sources,
        extractors=extractors,
        readout=readout,
        background=background,
        context=model.to_units(panel.genes, panel.mean) if panel.dataset_ref else None,
        levels=levels,
        folder=folder,
        chunk=chunk,
        batch=batch,
        block=block,
        seed=seed,
        precision=precision,
        progress=progress,
        note=note,
        executor=executor,
        called=called,
    )


def extract_features(
    model: FoundationModel,
    genes: Sequence[str],
    sources: Sequence[int],
    *,
    extractors: str | Sequence[str] = DEFAULT,
    readout: str | None = None,
    background: str = "virtual",
    context: np.ndarray | None = None,
    levels: Sequence[float] | None = None,
    folder: Path | None = None,
    chunk: int | None = None,
    batch: int | None = None,
    block: int | None = None,
    seed: int = 0,
    precision: str = "float32",
    progress: Progress = silent,
    note: Callable[[str], object] = silent_note,
    executor: Executor = HERE,
    called: str = "",
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
        Names out of `grn_core.extractors.EXTRACTORS`, or one of them; those that ask the same share a pass.
    readout
        Output of the model that is read; its default if None.
    background
        ``virtual``: every other gene at the model's background value. ``context``: at its own mean, `context`.
    context
        (L,) values in the model's units at the mean of measured cells: the background ``context``, and the cell of
        extractors that need measured ones.
    levels
        Values that the source takes, model units; the model's grid if None.
    folder
        Where the arrays go; finished chunks found there are kept. Temporary if None.
    chunk
        Sources per chunk on disk; by the device if None.
    batch
        Virtual cells per pass; if None, as many as stay in cache, or as a graphics processor is found to be quickest
        with. It changes nothing but the speed. Where memory runs out it is halved, and a note says so.
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
    executor
        What computes the chunks; the features are the same.
    called
        Name or folder by which other processes load the model; without one its chunks are computed in this process.

    Returns
    -------
    PairFeatures
        ``features[name]``: float32 (sources, genes, length), row = source, column = target.

    Raises
    ------
    RequestError
        For options that contradict each other, extractors that the model cannot serve, or no measured cells where they
        are needed.
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
    large values, which three digits do not hold. For a graphics processor see docs/performance.md.
    """
    chunk = chunk or (CHUNK_OF_CUDA if model.device.type == "cuda" else CHUNK)
    request = request_of(
        model,
        genes,
        extractors=extractors,
        readout=readout,
        background=background,
        context=context,
        levels=levels,
        block=block,
        seed=seed,
    )
    asked = readings(model, request, Batch(batch, precision=precision, note=note))
    cut = max((one.blocks for one in asked), key=len)
    spec = FeatureSpec(
        model=model.record.name,
        model_sha=network_digest(model),
        genes=request.genes,
        sources=tuple(int(source) for source in sources),
        levels=request.levels,
        readout=request.readout,
        background=background,
        context=_digest_of_cell(asked, background),
        chunk=chunk,
        block=len(cut[0]) if len(cut) > 1 else 0,
        seed=seed if len(cut) > 1 else 0,
        precision=precision,
        adapted_from=model.adapted_from,
        members=len(model.record.members(request.readout)),
    )
    if len(cut) > 1:
        note(
            f"The model reads {spec.block + 1:,} genes at once and the panel has {len(genes):,}: every TF was asked in "
            f"{len(cut)} overlapping blocks of genes, and a pair that stands in several has their mean."
        )
    writer = FeatureWriter(spec, lengths(model, request), folder)

    def of(number: int) -> tuple[int, ...]:
        return spec.sources[number * chunk : (number + 1) * chunk]

    work = Work(
        here=lambda number: merged([one.kept(of(number)) for one in asked]),
        module=remote.__name__,
        given=lambda: remote.given_of(
            model, request, called=called, sha=spec.model_sha, batch=batch, precision=precision
        ),
        part=lambda number: Parcel(arrays={"sources": np.array(of(number))}),
        note=note,
    )
    left = [number for number in range(spec.n_chunks) if number not in writer.done]

    def listen() -> None:
        progress("extract", sum(len(of(number)) for number in writer.done), len(spec.sources))

    for number, found in (executor if called else HERE).results(work, left, listen=listen):
        writer.write(number, found)
    progress("extract", len(spec.sources), len(spec.sources))
    return writer.features


def _digest_of_cell(asked: Sequence[Reading], background: str) -> str:
    """SHA-256 of the mean measured cell if it takes part, else empty."""
    cell = asked[0].questions[0].cell
    takes_part = background == "context" or any(one.reads_measured for one in asked)
    return hashlib.sha256(cell.cpu().numpy().tobytes()).hexdigest() if takes_part and cell is not None else ""

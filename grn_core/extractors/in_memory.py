"""Features in memory: of given pairs, as training and benchmarks need them, or of the whole rows of some sources."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from grn_core.extractors.batches import Batch, silent_note
from grn_core.extractors.readings import lengths, merged, readings, request_of
from grn_core.extractors.registry import DEFAULT
from grn_core.models.interface import FoundationModel
from grn_core.progress import Progress, silent


def extract_for_pairs(
    model: FoundationModel,
    genes: Sequence[str],
    pairs: np.ndarray,
    *,
    extractors: str | Sequence[str] = DEFAULT,
    readout: str | None = None,
    background: str = "virtual",
    context: np.ndarray | None = None,
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
    model, genes, extractors, readout, background, context, block, seed, progress, note
        As in `grn_core.extractors.engine.extract_features`.
    pairs
        (N, 2) positions in `genes`: source, target.

    Returns
    -------
    dict
        Extractor -> float32 (N, length).
    """
    request = request_of(
        model,
        genes,
        extractors=extractors,
        readout=readout,
        background=background,
        context=context,
        levels=None,
        block=block,
        seed=seed,
    )
    asked = readings(model, request, Batch(None, precision="float32", note=note))
    result = {
        name: np.empty((len(pairs), length), dtype=np.float32) for name, length in lengths(model, request).items()
    }
    sources = np.unique(pairs[:, 0])
    for done, source in enumerate(sources):
        progress("extract", done, len(sources))
        rows = np.flatnonzero(pairs[:, 0] == source)
        for name, array in merged([one.pairs(int(source), pairs[rows, 1]) for one in asked]).items():
            result[name][rows] = array
    progress("extract", len(sources), len(sources))
    return result


def extract_rows(
    model: FoundationModel,
    genes: Sequence[str],
    sources: Sequence[int],
    *,
    extractors: str | Sequence[str],
    readout: str | None = None,
    background: str = "virtual",
    context: np.ndarray | None = None,
    note: Callable[[str], object] = silent_note,
) -> dict[str, np.ndarray]:
    """Extract the features of some sources with every gene, in memory: where a pair costs what its whole row does.

    Parameters
    ----------
    model, genes, sources, extractors, readout, background, context, note
        As in `grn_core.extractors.engine.extract_features`.

    Returns
    -------
    dict
        Extractor -> float32 (S, L, length), row = source, column = target; a source has features of itself, too.
    """
    request = request_of(
        model,
        genes,
        extractors=extractors,
        readout=readout,
        background=background,
        context=context,
        levels=None,
        block=None,
        seed=0,
    )
    asked = readings(model, request, Batch(None, precision="float32", note=note))
    return merged([one.rows(sources) for one in asked])

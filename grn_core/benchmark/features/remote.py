"""Features of pairs asked here or on a worker elsewhere: the same question, and what is sent for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass

import numpy as np

from grn_core.benchmark.features.handle import ModelHandle
from grn_core.executors import Parcel
from grn_core.extractors import in_memory
from grn_core.extractors.remote import model_there, told_of_model
from grn_core.models.device import device_name
from grn_core.models.interface import FoundationModel


@dataclass(frozen=True)
class Asked:
    """What a model is asked about pairs.

    Attributes
    ----------
    genes, extractors, readout, background
        As of `grn_core.benchmark.features.extracted.FeatureCache`.
    asks
        What the records of the extractors say.
    at_once
        Sources that are asked about together, where that matters.
    """

    genes: tuple[str, ...]
    extractors: tuple[str, ...]
    readout: str
    background: str
    asks: str
    at_once: int


def features_of(
    model: FoundationModel, asked: Asked, pairs: np.ndarray, *, context: np.ndarray | None = None
) -> dict[str, np.ndarray]:
    """Ask a model about pairs.

    Parameters
    ----------
    model, asked
        The model, and what it is asked.
    pairs
        (N, 2) positions in the genes: source, target.
    context
        (genes,) values of the cell that extractors of a whole cell are read at.

    Returns
    -------
    dict
        Extractor -> float32 (N, length).
    """
    if asked.asks == "levels":
        return in_memory.extract_for_pairs(
            model,
            asked.genes,
            pairs,
            extractors=asked.extractors,
            readout=asked.readout,
            background=asked.background,
        )
    parts: list[dict[str, np.ndarray]] = []
    sources, row = np.unique(pairs[:, 0], return_inverse=True)
    step = len(sources) if asked.asks == "cell" else asked.at_once
    order = np.argsort(row, kind="stable")
    for start in range(0, len(sources), step):
        own = order[(row[order] >= start) & (row[order] < start + step)]
        rows = in_memory.extract_rows(
            model,
            asked.genes,
            sources[start : start + step].tolist(),
            extractors=asked.extractors,
            readout=asked.readout,
            background=asked.background,
            context=context,
        )
        parts.append({name: array[row[own] - start, pairs[own, 1]] for name, array in rows.items()})
    back = np.argsort(order, kind="stable")
    return {name: np.concatenate([part[name] for part in parts])[back] for name in asked.extractors}


def given_of(handle: ModelHandle, asked: Asked, *, context: np.ndarray | None) -> Parcel:
    """Return what all parts of pairs share.

    Parameters
    ----------
    handle
        The model; it is loaded, so that its weights are compared.
    asked, context
        As of `features_of`.
    """
    of_model = told_of_model(handle.load(), called=handle.called, weights=handle.weights)
    arrays: Mapping[str, np.ndarray] = {} if context is None else {"context": context}
    return Parcel({**of_model.told, "asked": asdict(asked)}, {**of_model.arrays, **arrays})


def prepared(given: Parcel) -> Callable[[Parcel], Parcel]:
    """Load the model and return what asks it about the ``pairs`` of a part; `ModelError` as `model_there`."""
    model, told = model_there(given), given.told["asked"]
    asked = Asked(
        genes=tuple(told["genes"]),
        extractors=tuple(told["extractors"]),
        readout=told["readout"],
        background=told["background"],
        asks=told["asks"],
        at_once=told["at_once"],
    )

    def compute(part: Parcel) -> Parcel:
        found = features_of(model, asked, part.arrays["pairs"], context=given.arrays.get("context"))
        return Parcel({"device": device_name(model.device.type)}, found)

    return compute

"""Chunks of features asked on a worker elsewhere: what is sent there, and what is done with it."""

from __future__ import annotations

from collections.abc import Callable

from grn_core.errors import ModelError
from grn_core.executors import Parcel
from grn_core.extractors.batches import Batch
from grn_core.extractors.readings import Request, merged, readings
from grn_core.models.device import device_name
from grn_core.models.interface import FoundationModel
from grn_core.models.load import load_model, resident_model
from grn_core.models.weights import network_digest, on_weights, tensors_as_bytes, tensors_from_bytes


def given_of(
    model: FoundationModel, request: Request, *, called: str, sha: str, batch: int | None, precision: str
) -> Parcel:
    """Return what every chunk shares.

    A worker loads the model by its name or folder, as it would here; weights are sent only of one that was adapted.

    Parameters
    ----------
    model, request
        The model, and what it is asked.
    called
        Name or folder that the model is loaded by.
    sha
        Its `network_digest`.
    batch, precision
        As of `grn_core.extractors.engine.extract_features`.
    """
    of_model = told_of_model(model, called=called, sha=sha)
    told = {
        **of_model.told,
        "genes": request.genes,
        "extractors": request.extractors,
        "readout": request.readout,
        "background": request.background,
        "levels": request.levels,
        "block": request.block,
        "seed": request.seed,
        "batch": batch,
        "precision": precision,
    }
    context = {} if request.context is None else {"context": request.context}
    return Parcel(told, {**of_model.arrays, **context})


def told_of_model(model: FoundationModel, *, called: str, sha: str = "", weights: str = "pretrained") -> Parcel:
    """Return what `model_there` has the same model by on another machine.

    Parameters
    ----------
    model
        The model, as it is in this process.
    called, weights
        Name or folder, and weights, that it is loaded with.
    sha
        Its `network_digest`, if that is known.
    """
    told = {"called": called, "weights": weights, "sha": sha or network_digest(model)}
    return Parcel(told, {"tensors": tensors_as_bytes(model)} if model.adapted_from else {})


def model_there(given: Parcel) -> FoundationModel:
    """Load the model that `told_of_model` tells of; a pretrained one stays in the worker's memory.

    Raises
    ------
    ModelError
        The model is not there, or has other weights there.
    """
    told = given.told
    usual = told["weights"] == "pretrained"
    model = resident_model(told["called"]) if usual else load_model(told["called"], weights=told["weights"])
    if "tensors" in given.arrays:
        model = on_weights(model, tensors_from_bytes(given.arrays["tensors"]))
    if network_digest(model) != told["sha"]:
        message = f"a worker has other weights of the model {told['called']}"
        raise ModelError(message, needed="the same files", todo="let GRN_MODELS be one folder that all machines share")
    return model


def prepared(given: Parcel) -> Callable[[Parcel], Parcel]:
    """Load the model, which stays in the worker's memory, and return what asks it about the ``sources`` of a part.

    Raises
    ------
    ModelError
        As `model_there`.
    """
    told, model = given.told, model_there(given)
    request = Request(
        genes=tuple(told["genes"]),
        extractors=tuple(told["extractors"]),
        readout=told["readout"],
        background=told["background"],
        context=given.arrays.get("context"),
        levels=tuple(told["levels"]),
        block=told["block"],
        seed=told["seed"],
    )
    notes: list[str] = []
    asked = readings(model, request, Batch(told["batch"], precision=told["precision"], note=notes.append))

    def compute(part: Parcel) -> Parcel:
        notes.clear()
        found = merged([one.kept(part.arrays["sources"].tolist()) for one in asked])
        return Parcel({"notes": tuple(notes), "device": device_name(model.device.type)}, found)

    return compute

"""A model to be measured: what a cache must know of it, and how to load it when something has to be computed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from grn_core.models import registry
from grn_core.models.load import load_model

if TYPE_CHECKING:
    from grn_core.models.interface import FoundationModel
    from grn_core.models.record import ModelRecord


@dataclass(frozen=True)
class ModelHandle:
    """A foundation model that need not be in memory.

    Attributes
    ----------
    record, vocabulary
        As the model's.
    sha
        Hash of its weights; of one that nobody else could load that of its network's tensors.
    load
        Loads it.
    called, weights
        What `load_model` is given for it, or for the base of an adapted one; empty where nobody else could load it.
    """

    record: ModelRecord
    vocabulary: tuple[str, ...]
    sha: str
    load: Callable[[], FoundationModel]
    called: str = ""
    weights: str = "pretrained"

    @property
    def network_sha(self) -> str:
        """Digest by which translators know it, whatever name was given to it here."""
        return registry.network_sha(self.called) if self.called else self.sha


def model_handle(name: str, *, weights: str = "pretrained") -> ModelHandle:
    """Return the handle of a registered model without loading it, or of a checkpoint folder by loading it.

    Parameters
    ----------
    name
        As in `load_model`.
    weights
        ``pretrained``, or ``random``: the control, a network of the same shape that was never trained.

    Raises
    ------
    ModelError
        As `load_model`.
    """
    known = {record.name: record for record in registry.records()}

    @lru_cache(maxsize=1)
    def load() -> FoundationModel:
        return load_model(name, weights=weights)

    if name in known:
        sha = registry.weights_sha(name) if weights == "pretrained" else f"random-{registry.weights_sha(name)}"
        return ModelHandle(known[name], registry.vocabulary(name), sha, load, name, weights)
    from grn_core.models.weights import network_digest

    model = load()
    return ModelHandle(model.record, tuple(model.vocabulary), network_digest(model), load, name, weights)

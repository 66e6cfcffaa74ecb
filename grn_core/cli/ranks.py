"""What ``infer`` asks of a model that reads an order of genes: one of its readouts, and no translator."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from grn_core.errors import RequestError
from grn_core.models.record import offers_of

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping


def chosen(arguments: argparse.Namespace, card: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the options change in a `RunRequest`: the kind, for a model that takes no values.

    Parameters
    ----------
    arguments
        Parsed options; ``of_models`` holds the defaults of those that belong to foundation models.
    card
        The model's.

    Raises
    ------
    RequestError
        Options of extractors and translators were given without a translator for such a model.
    """
    if "value" in offers_of(card) or arguments.translator is not None:
        return {}
    defaults = {name: default for name, default in arguments.of_models.items() if name != "readout"}
    foreign = [name for name, default in defaults.items() if getattr(arguments, name) != default]
    if foreign:
        message = f"--{foreign[0]} was given with {card['title']}: {card['unavailable']}"
        needed = f"--readout with one of {', '.join(card['readouts'])}"
        raise RequestError(message, needed=needed, todo=f"leave out --{foreign[0]}")
    return {"kind": "ranks"}

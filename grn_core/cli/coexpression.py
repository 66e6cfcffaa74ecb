"""The options of ``infer`` that choose a co-expression method instead of a foundation model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from grn_core.coexpression import METHODS
from grn_core.errors import RequestError

if TYPE_CHECKING:
    import argparse

OF_MODELS = ("readout", "background", "methods", "translator", "adapt")
OPTIONS = {option.name: option for record in METHODS.values() for option in record.options}
SEED = 0


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add ``--method`` and the options of the methods; the options of models must be there already."""
    group = parser.add_argument_group(
        "co-expression",
        "Score the pairs from the measured cells alone. --model then only says which genes the panel may hold, so that "
        "the edges are those of a run of that model, and --seeds takes one number, for methods that draw.",
    )
    group.add_argument("--method", choices=tuple(METHODS), help="a co-expression method instead of a foundation model")
    parser.set_defaults(of_models={name: parser.get_default(name) for name in OF_MODELS})
    for option in OPTIONS.values():
        users = ", ".join(name for name, record in METHODS.items() if option in record.options)
        text = f"{option.title} ({users}; default {option.default})"
        group.add_argument(f"--{option.name}", type=int, metavar="N", help=text)


def chosen(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return what the options change in a `RunRequest`: nothing without ``--method``.

    Raises
    ------
    RequestError
        Options of methods and of models are mixed.
    """
    given = {name: getattr(arguments, name) for name in OPTIONS if getattr(arguments, name) is not None}
    if arguments.method is None:
        if given:
            message = f"--{next(iter(given))} was given without a co-expression method"
            raise RequestError(message, needed=f"--method with one of {', '.join(METHODS)}", todo="add it")
        return {}
    foreign = [name for name, default in arguments.of_models.items() if getattr(arguments, name) != default]
    if foreign:
        message = f"--method {arguments.method} was given with --{foreign[0]}, which belongs to foundation models"
        raise RequestError(message, needed="one of the two", todo=f"leave out --{foreign[0]} or --method")
    seeds = (SEED,) if arguments.seeds is None else arguments.seeds
    return {"kind": "coexpression", "methods": (arguments.method,), "seeds": seeds, "extra": given}

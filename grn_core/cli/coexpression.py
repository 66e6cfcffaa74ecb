"""The options of ``infer`` that choose a co-expression method instead of a foundation model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from grn_core.coexpression import METHODS
from grn_core.errors import RequestError

if TYPE_CHECKING:
    import argparse

    from grn_core.runs import CoexpressionRequest

OF_MODELS = ("readout", "background", "extractors", "translator", "adapt", "signs", "with_coexpression")
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


@dataclass(frozen=True)
class Choice:
    """The method that a command names, its options and its seed."""

    name: str
    options: tuple[tuple[str, int], ...]
    seed: int


def chosen(arguments: argparse.Namespace) -> Choice | None:
    """Return the method that was chosen; None without ``--method``.

    Raises
    ------
    RequestError
        Options of methods and of models are mixed, or more than one seed was given.
    """
    given = tuple((name, getattr(arguments, name)) for name in OPTIONS if getattr(arguments, name) is not None)
    if arguments.method is None:
        if given:
            message = f"--{given[0][0]} was given without a co-expression method"
            raise RequestError(message, needed=f"--method with one of {', '.join(METHODS)}", todo="add it")
        return None
    foreign = [name for name, default in arguments.of_models.items() if getattr(arguments, name) != default]
    if foreign:
        option = f"--{foreign[0].replace('_', '-')}"
        message = f"--method {arguments.method} was given with {option}, which belongs to foundation models"
        raise RequestError(message, needed="one of the two", todo=f"leave out {option} or --method")
    if arguments.data is None:
        message = "co-expression was asked of a gene list without cells"
        raise RequestError(message, needed="a dataset with cells", todo="name a dataset, or ask a foundation model")
    seeds = (SEED,) if arguments.seeds is None else arguments.seeds
    if len(seeds) != 1:
        message = f"1 co-expression method and {len(seeds)} seeds were given"
        raise RequestError(message, needed="one of each for one run", todo="start a run for each")
    return Choice(arguments.method, given, seeds[0])


def words_of(request: CoexpressionRequest) -> list[str]:
    """Return the words that choose the method of a request."""
    words = [f"--method={request.method}", *(f"--{name}={value}" for name, value in request.options)]
    return words if request.seed == SEED else [*words, f"--seeds={request.seed}"]

"""A request as a command line that asks for the same run, and the way back."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any

from grn_core.cli import consensus, data, infer, models

if TYPE_CHECKING:
    from collections.abc import Callable

    from grn_core.runs import Request

START = ("python", "-m", "grn_core")


def command_of(request: Request) -> list[str]:
    """Return the words of a command that asks for the same run: what differs from the defaults is written out.

    Parameters
    ----------
    request
        Of any kind.

    Returns
    -------
    list of str
        The words, ``python -m grn_core`` first; `shown` quotes them for a shell.
    """
    return [*START, *_WORDS[request.kind](request)]


def shown(request: Request, *options: str) -> str:
    """Return `command_of` with further options as text that can be pasted into a shell."""
    return shlex.join([*command_of(request), *options])


def requests_of(words: list[str]) -> list[Request]:
    """Return what a command asks for, by the parser that runs it: of `command_of` an equal request.

    Parameters
    ----------
    words
        A command without ``python -m grn_core``.
    """
    from grn_core.cli import build_parser

    arguments = build_parser(words[0]).parse_args(words)
    return arguments.requests(arguments)


def _later(module: str) -> Callable[[Any], list[str]]:
    """Return the words of a command whose module is loaded when it is needed."""

    def words_of(request: Request) -> list[str]:
        from importlib import import_module

        return import_module(module).words_of(request)

    return words_of


_WORDS: dict[str, Callable[[Any], list[str]]] = {
    "infer": infer.words_of,
    "ranks": infer.words_of,
    "coexpression": infer.words_of,
    "consensus": consensus.consensus_words,
    "umap": consensus.umap_words,
    "download": data.words_of,
    "pull": models.words_of,
    "add": models.words_of,
    "adapt": _later("grn_core.cli.adapt"),
    "benchmark": _later("grn_core.cli.benchmark"),
    "pretrain": _later("grn_core.cli.pretrain"),
    "train-translator": _later("grn_core.cli.train_translator"),
}

"""A request as a command line that asks for the same run; `grn_core.cli.parser.requests_of` is the way back."""

from __future__ import annotations

import shlex
from importlib import import_module
from typing import TYPE_CHECKING, Any

from grn_core import shell
from grn_core.cli import consensus, data, import_network, infer, models, umap

if TYPE_CHECKING:
    from collections.abc import Callable

    from grn_core.runs import Request

START = tuple(shell.START.split())


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


def _later(module: str, name: str = "words_of") -> Callable[[Any], list[str]]:
    """Return the words of a command whose module is loaded when it is needed."""

    def words_of(request: Request) -> list[str]:
        words: list[str] = getattr(import_module(module), name)(request)
        return words

    return words_of


_WORDS: dict[str, Callable[[Any], list[str]]] = {
    "infer": infer.words_of,
    "ranks": infer.words_of,
    "coexpression": infer.words_of,
    "consensus": consensus.words_of,
    "against": _later("grn_core.cli.compare"),
    "umap": umap.words_of,
    "import": import_network.words_of,
    "download": data.words_of,
    "pull": models.words_of,
    "add": models.words_of,
    "measure": _later("grn_core.cli.machine", "measure_words"),
    "activity": _later("grn_core.cli.activity"),
    "groups": _later("grn_core.cli.groups"),
    "all-groups": _later("grn_core.cli.groups"),
    "adapt": _later("grn_core.cli.adapt"),
    "benchmark": _later("grn_core.cli.benchmark"),
    "pretrain": _later("grn_core.cli.pretrain"),
    "what-if": _later("grn_core.cli.what_if"),
    "train-translator": _later("grn_core.cli.train_translator"),
}

"""What the words of ``benchmark`` ask for, as one value."""

from __future__ import annotations

import argparse
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from grn_core.benchmark.perturbed.names import SUITE as PERTURBATION
from grn_core.benchmark.perturbed.names import named
from grn_core.cli.benchmark_refused import refuse_other_switches, refuse_what_changes_nothing
from grn_core.cli.inputs import cells_file_of
from grn_core.cli.output import StageLine
from grn_core.errors import DataError, RequestError
from grn_core.models import registry as models
from grn_core.translator import registry as translators

if TYPE_CHECKING:
    from grn_core.benchmark.options import BenchmarkOptions


def options_of(arguments: argparse.Namespace) -> BenchmarkOptions:
    """Return what a command asks for; the suite ugrn asks the whole protocol unless told otherwise.

    Raises
    ------
    RequestError, DataError
        As `BenchmarkOptions`, and where a file or folder is not here.
    """
    from grn_core.benchmark.options import BenchmarkOptions, listed
    from grn_core.benchmark.pairs.negatives import BEELINE, NEGATIVES
    from grn_core.benchmark.pairs.splits import STRICT
    from grn_core.benchmark.protocol.protocol import FEWEST_SEEDS
    from grn_core.benchmark.results import published
    from grn_core.coexpression import METHODS as COEXPRESSION

    if arguments.protocol and arguments.suite != "ugrn":
        message = f"--protocol {arguments.protocol} was given with the suite {arguments.suite}"
        raise RequestError(message, needed="the suite ugrn", todo="leave out one of them")
    if arguments.suite == PERTURBATION:
        refuse_what_changes_nothing(arguments)
    whole = arguments.suite == "ugrn"
    references = _references(arguments)
    sizes = tuple(_sizes(references)) if whole else ()
    splits: tuple[str, ...] = STRICT if whole else ("all",)
    drawn = tuple(kind for kind in NEGATIVES if kind != BEELINE) if whole else ()
    trains: tuple[str, ...] = ()
    methods = tuple(COEXPRESSION)
    if arguments.protocol:
        refuse_other_switches(arguments)
        sizes, splits, drawn = published.SIZE, published.SPLITS, published.NEGATIVES
        trains, methods = published.TRAIN, ()
    coexpression = listed(arguments.coexpression) if arguments.coexpression else methods
    return BenchmarkOptions(
        suite=arguments.suite,
        model=models.located(arguments.model),
        readout=arguments.readout,
        n_seeds=FEWEST_SEEDS if arguments.seeds is None else arguments.seeds,
        references=references,
        expression=_from_anywhere(arguments.expression),
        size=tuple(arguments.size or sizes),
        train=tuple(arguments.train or trains),
        tests=listed(arguments.tests or ""),
        splits=tuple(arguments.split or splits),
        negatives=tuple(arguments.negatives or drawn),
        coexpression=() if coexpression == ("none",) else coexpression,
        corpus=_from_anywhere(arguments.corpus),
        adapt=arguments.adapt,
        extractors=listed(arguments.extractors),
        reference=_network(arguments.reference or ""),
        genes=_panel(arguments.genes),
        cells=Path(cells) if (cells := cells_file_of(arguments)) else None,
        tables=tuple(map(_table, arguments.table)),
        translator=translators.located(arguments.translator) if arguments.translator else "",
    )


def _table(text: str) -> str:
    """Return a table as it is called from any folder; `DataError` if there is no such file."""
    title, path = named(text)
    if not path.is_file():
        message = f"there is no file {path}"
        raise DataError(message, needed="a table of what changed when TFs were perturbed", todo="check the path")
    return f"{title}={path.expanduser().absolute()}"


def _from_anywhere(folder: Path | None) -> Path | None:
    """Return a folder as it is called from any other: the worker measures in one of its own."""
    return None if folder is None else folder.expanduser().absolute()


def _network(text: str) -> str:
    """Return the user's network as it is called from any folder; the name of an upload stays."""
    path = Path(text).expanduser()
    return str(path.absolute()) if text and path.is_file() else text


def _references(arguments: argparse.Namespace) -> Path | None:
    """Return the folder of references that was named, or else the one of the settings or of the downloads."""
    named = _from_anywhere(arguments.references)
    if named is not None or arguments.suite not in ("ugrn", "transfer"):
        return named
    from grn_core.downloads import references_folder

    with StageLine() as progress:
        found = references_folder(progress=progress)
    if found is None:
        message = "there are no reference networks here"
        todo = "run `python -m grn_core data pull beeline-networks`, or name a folder with --references"
        raise RequestError(message, needed="BEELINE's networks", todo=todo)
    return found


def _sizes(references: Path | None) -> list[str]:
    """Return the gene sets that a folder of references has."""
    from grn_core.benchmark.protocol.protocol import available
    from grn_core.benchmark.references.called import BEELINE_SETS

    there: list[str] = []
    if references is None:
        return there
    for size in BEELINE_SETS:
        with suppress(DataError):  # none of that size
            available(references, size=size)
            there.append(size)
    return there


def _panel(text: str | None) -> tuple[str, ...]:
    """Read a gene panel: a file, or names separated by commas."""
    from grn_core.benchmark.options import listed
    from grn_core.benchmark.references.reference import read_panel

    if not text:
        return ()
    if Path(text).is_file() or "," not in text:
        return read_panel(Path(text))
    return listed(text)

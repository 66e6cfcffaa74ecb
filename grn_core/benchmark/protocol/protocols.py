"""From what a benchmark is asked for to the protocols that are run: the one place where names meet what is there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from grn_core.benchmark.options import BenchmarkOptions
from grn_core.benchmark.protocol.protocol import OWN, Protocol, available, other_datasets, parts_of
from grn_core.benchmark.references.curated import PREFIX
from grn_core.benchmark.references.uploads import RUN, reference_path, uploaded
from grn_core.errors import DataError, RequestError
from grn_core.files import KEPT
from grn_core.genes.usual import OMNIPATH


def protocols(options: BenchmarkOptions) -> list[Protocol]:
    """Return the protocols that options ask for: one for each training reference, gene set and kind of negatives.

    Parameters
    ----------
    options
        What is asked for.

    Returns
    -------
    list of Protocol
        Those of one gene set and kind of negatives side by side.

    Raises
    ------
    RequestError
        There are no reference networks, or one that was named is not among them: the error lists those that are there.
    DataError
        A file or folder is not here, or there is nothing to test.
    """
    folder, expression = options.references, measured_cells(options)
    if options.needs_references and folder is None:
        message = "there are no reference networks of BEELINE here"
        raise RequestError(message, needed="a folder with them", todo="download them, or name their folder: GRN_DATA")
    found = []
    for size in options.size or ("500",):
        for negatives in options.negatives:
            found += [
                Protocol(
                    train=train,
                    tests=tests,
                    folder=folder,
                    size=size,
                    splits=options.splits,
                    negatives=negatives,
                    n_seeds=options.n_seeds,
                    readout=options.readout,
                    corpus=options.corpus,
                    expression=expression,
                    coexpression=options.coexpression,
                    adapt=options.adapt,
                    extractors=options.extractors,
                    own=own_network(options.reference) if options.suite == "own" else None,
                    genes=options.genes,
                    cells=options.cells,
                )
                for train, tests in _trainings(options, size)
            ]
    return found


def own_network(reference: str) -> Path:
    """Return the file of the user's network: an upload by its name here, or the path of an edge list.

    Raises
    ------
    DataError
        There is neither.
    """
    is_kept = reference in uploaded()
    if not is_kept and Path(reference).is_file():
        return Path(reference)
    if is_kept or KEPT.search(reference) or RUN.fullmatch(reference):
        return reference_path(reference)
    message = f"there is no reference network {reference!r}"
    needed = "the path of an edge list, or one that was uploaded"
    raise DataError(message, needed=needed, todo="check the name or the path")


def _trainings(options: BenchmarkOptions, size: str) -> list[tuple[str, tuple[str, ...]]]:
    """Pair every training reference with its tests."""
    there: tuple[str, ...] = ()
    if options.needs_references and options.references is not None:
        there = available(options.references, size=size)
        _check_there((name for name in options.train if name != OMNIPATH), there, size)
    if options.suite == "own":
        return [(train, (OWN,)) for train in options.train]
    if options.suite == "curated":
        return [(train, tuple(PREFIX + name for name in options.tests)) for train in options.train]
    _check_there(options.tests, there, size)
    return [(train, _tests(options, train, there)) for train in options.train or there]


def _tests(options: BenchmarkOptions, train: str, there: Sequence[str]) -> tuple[str, ...]:
    """Return the tests of one training reference, never itself."""
    if options.tests == (train,):
        message = f"{train} would be tested on itself"
        raise RequestError(message, needed="test references other than the training reference")
    if options.tests or options.suite == "transfer":
        return tuple(name for name in options.tests or there if name != train)
    return other_datasets(train, there)


def _check_there(names: Iterable[str], there: Sequence[str], size: str) -> None:
    """Refuse names of references that are not there, with those that are."""
    missing = [name for name in names if name not in there]
    if not missing:
        return
    dataset, network = parts_of(missing[0])
    message = f"there is no network {network} of {dataset}, TFs+{size}"
    raise RequestError(message, needed=f"one of {', '.join(there)}", todo="check the names and the folder")


def measured_cells(options: BenchmarkOptions) -> Path | None:
    """Return the folder with measured cells: the one that was named, or ``expression`` beside the references."""
    if options.expression is not None:
        if not options.expression.is_dir():
            message = f"there is no folder {options.expression}"
            raise DataError(message, needed="a folder with DATASET/ExpressionData.csv", todo="correct --expression")
        return options.expression
    beside = None if options.references is None else options.references.absolute().parent / "expression"
    return beside if beside is not None and beside.is_dir() else None

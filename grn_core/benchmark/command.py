"""A benchmark as a command line that measures the same."""

from __future__ import annotations

import shlex
from pathlib import Path

from grn_core.benchmark.options import BenchmarkOptions
from grn_core.benchmark.perturbed.names import SUITE as PERTURBATION
from grn_core.benchmark.perturbed.names import named
from grn_core.coexpression import METHODS as COEXPRESSION
from grn_core.datasets.local import named_file, options_of_named
from grn_core.datasets.questions import TRUST
from grn_core.pretrain.doubts import asks
from grn_core.pretrain.files import profiles_beside

START = ("python", "-m", "grn_core", "benchmark")


def command_of(options: BenchmarkOptions, *, paths: bool = True) -> str:
    """Return the command.

    Parameters
    ----------
    options
        What is measured.
    paths
        Write out paths; without, only the names of files and folders, as in a record that others read.

    Returns
    -------
    str
        What the command line reads back as equal options.
    """
    usual = BenchmarkOptions(suite=options.suite, reference=options.reference, tables=options.tables)
    perturbed = options.suite == PERTURBATION
    whole = options.suite == "ugrn"  # the command line asks the whole protocol unless told otherwise

    def path(value: Path | str | None) -> str:
        return "" if value is None else str(value) if paths else Path(value).name

    model = options.model if paths or not Path(options.model).is_dir() else Path(options.model).name
    words = ["--suite", options.suite, "--model", model]
    words += ["--readout", options.readout] if options.readout else []
    if options.references and (options.needs_references or perturbed):
        words += ["--references", path(options.references)]
    words += ["--expression", path(options.expression)] if options.expression else []
    for size in options.size if whole or options.size != usual.size else ():
        words += ["--size", size]
    for train in options.train if whole or options.train != usual.train else ():
        words += ["--train", train]
    words += ["--tests", ",".join(options.tests)] if options.tests != usual.tests else []
    for split in options.splits if whole or options.splits != usual.splits else ():
        words += ["--split", split]
    for negatives in options.negatives if whole or options.negatives != usual.negatives else ():
        words += ["--negatives", negatives]
    words += [] if perturbed else ["--seeds", str(options.n_seeds)]
    words += ["--corpus", path(options.corpus)] if options.corpus else []
    words += ["--adapt", str(options.adapt)] if options.adapt else []
    words += ["--extractors", ",".join(options.extractors)] if options.extractors else []
    if options.coexpression != tuple(COEXPRESSION) and not perturbed:
        words += ["--coexpression", ",".join(options.coexpression) or "none"]
    for text in options.tables:
        title, file = named(text)
        words += ["--table", f"{title}={path(file)}"]
    words += ["--translator", path(options.translator)] if options.translator != usual.translator else []
    words += ["--reference", path(options.reference)] if options.reference else []
    panel = ",".join(options.genes) + ("," if len(options.genes) == 1 else "")  # a comma tells names from a file
    words += ["--genes", panel] if panel else []
    said: list[str] = []
    if options.cells:
        words += ["--cells", path(named_file(str(options.cells))[0])]
        said += options_of_named(str(options.cells))
    if options.corpus and asks(options.corpus, profiles=profiles_beside(options.corpus)):
        said.append(TRUST)
    words += list(dict.fromkeys(said))
    return shlex.join([*START, *words])

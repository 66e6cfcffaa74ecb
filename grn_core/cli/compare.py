"""``compare``: how far finished runs agree beside what chance would give, and how they recover a reference."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from grn_core.cli.actions import add_shared
from grn_core.cli.follow import check_file
from grn_core.cli.output import note, say_json
from grn_core.errors import RequestError
from grn_core.files import write_atomic
from grn_core.runs import RunStore
from grn_core.runs.names import title_of

if TYPE_CHECKING:
    import argparse

    import pandas as pd

    from grn_core.networks.matched import Matched

MOST, N_DRAWS, MOST_DRAWS = 6, 500, 10_000
"""The second as in `grn_core.benchmark.metrics.resampled`, which brings numpy."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    add_shared(parser)
    parser.add_argument("runs", nargs="+", metavar="RUN", help=f"two to {MOST} ids of finished networks")
    k_help = "length of the lists of best edges (default 20,100,500)"
    parser.add_argument("--best", metavar="K[,K]", help=k_help)
    reference_help = "measure the runs, and their consensus, against a reference: omnipath, mCAD, GSD, HSC, VSC, "
    reference_help += (
        "an upload or import by its name here, or a file of edges; the table is then that of AUPRC and AUROC"
    )
    parser.add_argument("--reference", metavar="NAME|FILE", help=reference_help)
    draws_help = f"draws of whole TFs for the 95 %% intervals (default {N_DRAWS})"
    parser.add_argument("--draws", type=int, default=N_DRAWS, metavar="N", help=draws_help)
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of the draws (default 0)")
    parser.add_argument("-o", "--output", type=Path, metavar="TABLE.TSV", help="where the table goes (default: stdout)")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Compare, and write the table."""
    from grn_core.networks.agreement import KS, agreement
    from grn_core.networks.edge_table import table_tsv
    from grn_core.runs.matched import identical_by_construction, match_runs

    check_file(arguments.output)
    ids = tuple(dict.fromkeys(arguments.runs))
    if not 2 <= len(ids) <= MOST:
        message = f"{len(ids)} different runs were given"
        raise RequestError(message, needed=f"two to {MOST}", todo="see `runs list`")
    if not 2 <= arguments.draws <= MOST_DRAWS or arguments.seed < 0:
        message = f"--draws is {arguments.draws} and --seed {arguments.seed}"
        raise RequestError(message, needed=f"2 to {MOST_DRAWS:,} draws, a seed from 0", todo="correct it")
    store = RunStore()
    matched = match_runs(ids)
    requests = {run_id: store.request(run_id) for run_id in ids}
    table = agreement(matched, ks=KS if arguments.best is None else _ks(arguments.best))
    pairs = list(zip(table["a"], table["b"], strict=True))
    table["identical_by_construction"] = [
        identical_by_construction(matched, (requests[a], requests[b]), names=(a, b)) for a, b in pairs
    ]
    for info in store.list_runs():
        if info.run_id in ids:
            note(f"{info.run_id}: {title_of(info)}")
    for row in table.itertuples():
        same = " identical by construction: no measured cell takes part;" if row.identical_by_construction else ""
        note(f"{row.a} and {row.b}:{same} {row.words}")
    found: object = table.to_dict("records")
    if arguments.reference is not None:
        measured, words = _against(arguments, matched)
        found = {"agreement": found, "reference": measured.to_dict("records"), "words": words}
        table = measured
    text = table_tsv(table)
    if arguments.output is not None:
        write_atomic(arguments.output, lambda path: path.write_bytes(text))
        what = "comparisons" if arguments.reference is None else "networks"
        note(f"{len(table):,} {what} written to {arguments.output}")
    if arguments.json:
        say_json(found)
    elif arguments.output is None:
        sys.stdout.write(text.decode("utf-8"))
    return 0


def _against(arguments: argparse.Namespace, matched: Matched) -> tuple[pd.DataFrame, list[str]]:
    """Measure the runs and their consensus against the reference, say it, and return the table and the words."""
    from grn_core.benchmark.metrics.against import against_reference
    from grn_core.benchmark.references.named import any_reference
    from grn_core.networks.consensus import with_consensus

    reference = any_reference(arguments.reference)
    found = against_reference(with_consensus(matched), reference.edges, n_draws=arguments.draws, seed=arguments.seed)
    words = [f"Reference: {reference.name}.", *found.words]
    for text in words:
        note(text)
    return found.table, words


def _ks(words: str) -> tuple[int, ...]:
    try:
        found = tuple(int(word) for word in words.split(","))
    except ValueError:
        found = ()
    if not found or min(found) < 1:
        message = f"--best is {words!r}"
        raise RequestError(message, needed="whole numbers from 1, separated by commas", todo="e.g. --best 20,100")
    return found

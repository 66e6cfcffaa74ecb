"""``compare``: how far finished runs agree beside what chance would give, and how they recover a reference."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from grn_core.benchmark.metrics.draws import N_DRAWS
from grn_core.cli.actions import add_shared
from grn_core.cli.follow import check_file, computed
from grn_core.cli.given import a_name, a_path
from grn_core.cli.output import note, put, put_out, say_json
from grn_core.errors import RequestError
from grn_core.runs import AgainstRequest, RunStore
from grn_core.runs.called import reference_called
from grn_core.runs.kinds.against import MOST
from grn_core.runs.names import title_of

if TYPE_CHECKING:
    import argparse

    from grn_core.benchmark.metrics.found_against import Against
    from grn_core.networks.matched import Matched


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    add_shared(parser)
    parser.add_argument("runs", nargs="+", metavar="RUN", help=f"two to {MOST} ids of finished networks")
    k_help = "length of the lists of best edges (default 20,100,500)"
    parser.add_argument("--best", metavar="K[,K]", help=k_help)
    reference_help = "measure the runs, and their consensus, against a reference: omnipath, mCAD, GSD, HSC, VSC, "
    reference_help += (
        "an upload or import by its name here, or a file of edges, which is kept here under a name; the table is then "
        "that of AUPRC and AUROC"
    )
    parser.add_argument("--reference", type=a_name, metavar="NAME|FILE", help=reference_help)
    draws_help = f"draws of whole TFs for the 95 %% intervals (default {N_DRAWS})"
    parser.add_argument("--draws", type=int, default=N_DRAWS, metavar="N", help=draws_help)
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of the draws (default 0)")
    parser.add_argument(
        "-o", "--output", type=a_path, metavar="TABLE.TSV", help="where the table goes (default: stdout)"
    )
    parser.set_defaults(run=run, requests=requests)


def requests(arguments: argparse.Namespace) -> list[AgainstRequest]:
    """Return the run that the command asks for: none without a reference, as agreement is counted at once."""
    if arguments.reference is None:
        return []
    from grn_core.benchmark.references.named import kept_reference

    asked = _of_any_reference(arguments)  # no file is kept for what cannot be asked
    return [replace(asked, reference=kept_reference(arguments.reference))]


def _of_any_reference(arguments: argparse.Namespace) -> AgainstRequest:
    """Return what is asked but for the reference."""
    return AgainstRequest(runs=tuple(arguments.runs), n_draws=arguments.draws, seed=arguments.seed)


def words_of(request: AgainstRequest) -> list[str]:
    """Return the words that measure runs against a reference."""
    words = ["compare", *request.runs, f"--reference={request.reference}"]
    words += [] if request.n_draws == N_DRAWS else [f"--draws={request.n_draws}"]
    return words + ([] if request.seed == 0 else [f"--seed={request.seed}"])


def run(arguments: argparse.Namespace) -> int:
    """Compare, and write the table."""
    from grn_core.benchmark.metrics.against import labelled_pairs
    from grn_core.benchmark.references.named import any_reference, reference_there
    from grn_core.networks.agreement import KS, agreement
    from grn_core.networks.edge_table import table_tsv
    from grn_core.runs.matched import identical_by_construction, match_runs, same_scores

    check_file(arguments.output)
    _of_any_reference(arguments)  # refuses words that ask for nothing before anything is read or kept
    ks = KS if arguments.best is None else _ks(arguments.best)
    ids, store = tuple(dict.fromkeys(arguments.runs)), RunStore()
    matched = match_runs(ids)
    if arguments.reference is not None:  # nothing to measure shows before a file is kept and there is a run
        labelled_pairs(matched, any_reference(str(reference_there(arguments.reference))).edges)
    questions = {run_id: store.request(run_id) for run_id in ids}
    table = agreement(matched, ks=ks)
    pairs = list(zip(table["a"], table["b"], strict=True))
    table["identical_by_construction"] = [
        identical_by_construction(matched, (questions[a], questions[b]), names=(a, b)) for a, b in pairs
    ]
    for info in store.list_runs():
        if info.run_id in ids:
            note(f"{info.run_id}: {title_of(info)}")
    for (a, b), row in zip(pairs, table.itertuples(), strict=True):
        same = ""
        if row.identical_by_construction:
            same = " identical by construction: no measured cell takes part;"
        elif same_scores(matched, names=(a, b)):
            same = " identical: every common pair has the same score in both;"
        note(f"{a} and {b}:{same} {row.words}")
    found: object = table.to_dict("records")
    for request in requests(arguments):
        if request.reference != arguments.reference:
            note(f"The reference is kept here as {request.reference}, by which --reference takes it as well.")
        against, words = _against(request, ids, matched)
        found = {"agreement": found, "reference": against.table.to_dict("records"), "words": words}
        table = against.table
    text = table_tsv(table)
    if arguments.output is not None:
        put(text, arguments.output)
        what = "comparisons" if arguments.reference is None else "networks"
        note(f"{len(table):,} {what} written to {arguments.output}")
    if arguments.json:
        say_json(found)
    elif arguments.output is None:
        put_out(text)
    return 0


def _against(request: AgainstRequest, ids: tuple[str, ...], matched: Matched) -> tuple[Against, list[str]]:
    """Measure the runs and their consensus against the reference, say it, and return what was found and the words."""
    from grn_core.benchmark.metrics.against import asked_edges
    from grn_core.benchmark.references.named import any_reference
    from grn_core.benchmark.references.seen import not_known_in_words, seen_in_words
    from grn_core.runs.scored_by import of_unknown_origin, translators_of

    run_id, _ = computed(request)
    found = RunStore().against(run_id).renamed({one: one for one in ids})
    seen = seen_in_words(translators_of(ids, matched), asked_edges(matched, any_reference(request.reference).edges))
    unknown = not_known_in_words(sorted(of_unknown_origin(ids, matched)))
    words = [f"Reference: {reference_called(request.reference)}.", *filter(None, [seen, unknown]), *found.words]
    for text in words:
        note(text)
    return found, words


def _ks(words: str) -> tuple[int, ...]:
    try:
        found = tuple(int(word) for word in words.split(","))
    except ValueError:
        found = ()
    if not found or min(found) < 1:
        message = f"--best is {words!r}"
        raise RequestError(message, needed="whole numbers from 1, separated by commas", todo="e.g. --best 20,100")
    return found

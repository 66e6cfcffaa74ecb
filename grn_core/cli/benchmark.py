"""``benchmark``: how well a model's edges generalise, beside controls; computed once, then read from disk."""

from __future__ import annotations

import argparse
import shlex
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from grn_core.benchmark.job import MEASURES
from grn_core.cli.benchmark_options import options_of
from grn_core.cli.benchmark_tables import print_published, print_table
from grn_core.cli.follow import computed
from grn_core.cli.given import a_name, a_path
from grn_core.cli.inputs import add_reading, check_told
from grn_core.cli.output import note, say_json
from grn_core.errors import RequestError
from grn_core.files import read_json
from grn_core.homes import as_usual
from grn_core.runs import BenchmarkRequest, RunStore, manager
from grn_core.settings import check_writable
from grn_core.translator.registry import DEFAULT as TRANSLATOR

if TYPE_CHECKING:
    from collections.abc import Sequence


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    from grn_core.adapt.options import DEFAULT_STEPS
    from grn_core.benchmark.options import SUITES
    from grn_core.benchmark.pairs.negatives import NEGATIVES
    from grn_core.benchmark.pairs.splits import SPLITS
    from grn_core.benchmark.protocol.methods import ON_REQUEST
    from grn_core.benchmark.references.called import BEELINE_SETS

    option = parser.add_argument
    suites = "ugrn (default); transfer: train on each; curated; own; perturbation: what changed with perturbed TFs"
    option("--suite", choices=SUITES, default="ugrn", help=suites)
    protocol = "published: as the paper's, as far as it can be read; what is left open is measured either way"
    option("--protocol", choices=("published",), help=protocol)
    option("--model", type=a_name, default="compact", help="foundation model or checkpoint folder (default compact)")
    option("--readout", help="output of the model that is read (default: the model's)")
    option("--references", type=a_path, metavar="FOLDER", help="holds NETWORK_DATASET_TFsplusN.tsv.gz")
    option("--expression", type=a_path, metavar="FOLDER", help="holds DATASET/ExpressionData.csv: adds co-expression")
    option("--size", action="append", choices=BEELINE_SETS, help="gene set TFs+N (ugrn: each that is there; 500)")
    option(
        "--train",
        type=a_name,
        action="append",
        metavar="DATASET:NETWORK",
        help="or omnipath, the default of curated and own",
    )
    option("--tests", metavar="LIST", help="test on these, separated by commas (default: same network, other datasets)")
    option("--split", action="append", choices=tuple(SPLITS), help="may be repeated (ugrn: each but kept; all)")
    kinds = "a table each (ugrn: each but beeline; tf-restricted)"
    option("--negatives", action="append", choices=NEGATIVES, help=kinds)
    option("--seeds", type=int, help="number of seeds (default 5)")
    option("--corpus", type=a_path, metavar="FOLDER", help="pre-training data: adds the controls that need no model")
    adapted = f"adds rows of the model adapted to each test's cells (default {DEFAULT_STEPS})"
    option("--adapt", type=int, nargs="?", const=DEFAULT_STEPS, default=0, metavar="STEPS", help=adapted)
    more = f"adds rows of translators that tables have only where they are asked for: {', '.join(ON_REQUEST)}"
    option("--extractors", default="", metavar="LIST", help=more)
    option("--coexpression", metavar="LIST", help="methods on measured cells, separated by commas, or none (all)")
    option(
        "--reference",
        type=a_name,
        metavar="FILE",
        help="suite own: edge list with source, target and, if known, sign",
    )
    panel = "suite own: gene panel, names separated by commas or a file, one a line (default: the network's)"
    option("--genes", type=a_name, metavar="LIST", help=panel)
    option("--cells", type=a_path, metavar="FILE", help="suite own: measured cells, .h5ad or table: adds co-expression")
    table = (
        "suite perturbation: a row a gene that changed, columns tf and target, and if known perturbation_class (LOF, "
        "GOF) and regulation (1, -1); or differential expression with log fold change and adjusted p, of which those "
        "below 0.05 count; may be repeated"
    )
    option("--table", type=a_name, action="append", default=[], metavar="TITLE=FILE", help=table)
    option("--translator", type=a_name, help=f"suite perturbation: name or folder (default {TRANSLATOR})")
    add_reading(parser)
    option("--title", default="", help="heading of the results (default: the model's)")
    option("--chosen-on", default="", metavar="LIST", help="tests on which anything was chosen, for the record")
    option("--home", type=a_path, help="data folder that keeps what was computed (default: GRN_HOME)")
    option("--out", type=a_path, metavar="FOLDER", help="write a results folder, or add to it")
    option("--json", action="store_true", help="print every measure as JSON to stdout")
    parser.set_defaults(run=run, requests=requests)


def run(arguments: argparse.Namespace) -> int:
    """Measure, or read what was measured before, and print a table for each gene set and kind of negatives."""
    from grn_core.benchmark.job import RESULTS, measures, names_of_tests
    from grn_core.benchmark.protocol.protocol import FEWEST_SEEDS
    from grn_core.benchmark.results.export import save
    from grn_core.benchmark.results.tables import read_results
    from grn_core.pretrain.files import profiles_beside

    if arguments.out is not None and not arguments.out.absolute().parent.is_dir():
        message = f"{arguments.out} cannot be written"
        raise RequestError(message, needed="a folder in one that exists", todo="correct --out")
    (request,) = requests(arguments)
    options = request.options
    profiles = None if options.corpus is None else profiles_beside(options.corpus)
    check_told(arguments, cells=str(options.cells or ""), corpus=options.corpus, profiles=profiles)
    chosen_on = _chosen_on(arguments.chosen_on, sorted(set(names_of_tests(options))))
    if options.n_seeds < FEWEST_SEEDS:
        note(f"note: {options.n_seeds} seeds; figures that are reported take at least {FEWEST_SEEDS}")
    if arguments.out is not None:  # before anything is measured
        _check_out(arguments.out, model=options.model)
    done = manager.status_if_known(request.run_id())
    run_id, _ = computed(request)
    folder, result = RunStore().file(run_id, MEASURES).parent, RunStore().record(run_id)["result"]
    n_computed = 0 if done is not None and done.state == "done" else result["computed"]
    note(f"{n_computed:,} of {result['measurements']:,} measurements computed now, the others were there")
    if arguments.out is not None:
        made = read_results(RunStore().file(run_id, RESULTS))
        title = arguments.title or made.manifest["title"]
        with as_usual():
            save(replace(made, manifest={**made.manifest, "title": title, "chosen_on": list(chosen_on)}), arguments.out)
        note(f"written to {arguments.out}")
    if arguments.json:
        say_json([row for rows in read_json(folder / MEASURES) or () for row in rows])
        return 0
    tables = measures(folder)
    if not tables:
        note("nothing could be measured, for the reasons given above")
    elif arguments.protocol:
        print_published(tables)
    else:
        for found in tables:
            print_table(found, options.suite)
    return 0


def _check_out(out: Path, *, model: str) -> None:
    """Refuse a folder that cannot be written, or holds results of other weights."""
    from grn_core.benchmark.features.handle import model_handle
    from grn_core.benchmark.results.export import earlier

    check_writable(out, todo="choose another --out")
    if (out / "manifest.json").is_file():
        earlier(out, model_sha=model_handle(model).sha)


def requests(arguments: argparse.Namespace) -> list[BenchmarkRequest]:
    """Return what a command asks for."""
    options = options_of(arguments)
    where = ", ".join(options.train) or options.reference
    return [BenchmarkRequest(title=arguments.title or f"Benchmark {options.suite} {where}".strip(), options=options)]


def words_of(request: BenchmarkRequest) -> list[str]:
    """Return the words that ask for a benchmark."""
    from grn_core.benchmark.command import START, command_of

    return shlex.split(command_of(request.options))[len(START) - 1 :]


def _chosen_on(text: str, tests: Sequence[str]) -> tuple[str, ...]:
    """Return the tests on which anything was chosen; `RequestError` if one of them is no test of the command."""
    from grn_core.benchmark.options import listed

    odd = [name for name in listed(text) if name not in tests]
    if odd:
        message = f"--chosen-on names {', '.join(odd)}, which is not tested"
        raise RequestError(message, needed=f"some of {', '.join(tests)}", todo="correct the names")
    return listed(text)

"""``enrich``: which regulons or gene sets are over-represented among a TF's targets, or among genes of a run."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from grn_core.cli.actions import add_shared
from grn_core.cli.export import genes_of
from grn_core.cli.follow import check_file
from grn_core.cli.given import a_name, a_path
from grn_core.cli.output import note, put, put_out, say_json
from grn_core.errors import RequestError
from grn_core.runs import RunStore
from grn_core.runs.enriched import BEST, of_genes, of_tf, universe_of

if TYPE_CHECKING:
    import argparse

    from grn_core.networks.enrichment import Enrichment


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    add_shared(parser)
    option = parser.add_argument
    option("run_id", metavar="RUN", help="id of a finished run, see `runs list`; its genes are the universe")
    option("--tf", help="test the best targets of this TF")
    option("--best", type=int, metavar="N", help=f"so many of them (default {BEST})")
    option("--gene-list", metavar="GENE[,GENE]", help="test these genes of the run")
    sets_help = "a GMT file (default: the regulons of the bundled references)"
    option("--sets", type=a_name, metavar="FILE.GMT", help=sets_help)
    option("-o", "--output", type=a_path, metavar="SETS.TSV", help="where the table goes (default: stdout)")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Test, and write the table."""
    from grn_core.networks.edge_table import table_tsv

    check_file(arguments.output)
    found = _tested(arguments)
    note(found.words)
    text = table_tsv(found.table)
    if arguments.output is not None:
        put(text, arguments.output)
        note(f"{len(found.table):,} sets written to {arguments.output}")
    if arguments.json:
        say_json({**asdict(found), "table": found.table.to_dict("records")})
    elif arguments.output is None:
        put_out(text)
    return 0


def _tested(arguments: argparse.Namespace) -> Enrichment:
    from grn_core.benchmark.references.gene_sets import REFERENCES

    if (arguments.tf is None) == (arguments.gene_list is None):
        message = "both --tf and --gene-list were given" if arguments.tf else "neither a TF nor genes were given"
        raise RequestError(message, needed="--tf TF, or --gene-list GENE,GENE", todo="give one of them")
    store = RunStore()
    sets = REFERENCES if arguments.sets is None else arguments.sets
    edges, names = store.edges(arguments.run_id), store.gene_names(arguments.run_id)
    if arguments.tf is not None:
        best = BEST if arguments.best is None else arguments.best
        tf = names.labels_of([arguments.tf.strip()])[0] or arguments.tf
        return of_tf(edges, tf, sets=sets, best=best, universe=universe_of(arguments.run_id))
    if arguments.best is not None:
        message = "--best was given with --gene-list"
        raise RequestError(message, needed="--best with --tf", todo="leave out --best")
    genes = genes_of(arguments.gene_list, names) or ()
    return of_genes(names, genes, sets=sets)

"""Write what the code knows into the documentation: commands, settings, methods, and the measured figures.

Usage, in the checkout: ``python -m scripts.make_docs``; with ``--check`` nothing is written, and files that are not
current are named. In a document, a block that is made stands between ``<!-- made: NAME -->`` and ``<!-- end -->``;
everything else is written by hand.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

from grn_core.assets import BESIDE, SUMMED, SUMS, asset
from grn_core.sums import file_sum, sums_below, write_summed
from scripts import docs_candidates, docs_commands, docs_measured, docs_methods, docs_parsing, docs_performance
from scripts.measure_translator import CUTS

DOCS = Path(__file__).resolve().parents[1] / "docs"
BLOCK = re.compile(r"<!-- made: (?P<name>[\w-]+) -->\n.*?<!-- end -->", re.DOTALL)
MAKERS: dict[str, Callable[[], str]] = {
    "command-list": docs_commands.command_list,
    "command-sections": docs_commands.command_sections,
    "settings": docs_commands.settings_table,
    "extractors": docs_methods.extractor_table,
    "coexpression": docs_methods.coexpression_table,
    "activity": docs_methods.activity_table,
    "families": docs_methods.family_table,
    "checkpoints": docs_methods.checkpoint_table,
    "formats": docs_methods.format_table,
    "networks": docs_methods.network_table,
    "exports": docs_methods.export_table,
    "values": docs_methods.value_table,
    "datasets": docs_methods.dataset_table,
    "parsing": docs_parsing.parsing_table,
    "signs": docs_measured.sign_table,
    "precision": docs_measured.precision_table,
    "reliability": docs_candidates.reliability_table,
    "coverage": docs_measured.coverage_table,
    "training-spread": docs_measured.training_spread_table,
    "signs-known": docs_measured.known_sign_table,
    "sign-candidates": docs_candidates.sign_candidates_table,
    "boolean": docs_candidates.boolean_table,
    "own-cells": docs_candidates.own_cells_table,
    "own-cells-apart": docs_candidates.own_cells_apart_table,
    "tissues": docs_candidates.tissues_table,
    "contexts": docs_candidates.contexts_table,
    "training-sets": docs_candidates.training_sets_table,
    "degree-matched": docs_candidates.matched_table,
    "perturbations": docs_measured.perturbation_table,
    "gpu": docs_performance.gpu_table,
    "speed": docs_performance.speed_table,
    "peers": docs_performance.peers_table,
    "pages": docs_performance.pages_table,
    "drawing": docs_performance.drawing_table,
    "translators": docs_measured.translator_table,
    "tested": docs_measured.tested_line,
    **{f"scores-{name}": partial(docs_measured.score_table, name) for name in docs_measured.TABLES},
    **{f"own-{network}": partial(docs_candidates.own_table, network) for network in docs_candidates.NETWORKS},
    **{f"own-{name}": partial(docs_candidates.own_cut_table, name) for name in CUTS},
}
"""Name of a block -> what makes its text."""


def renewed(text: str) -> str:
    """Return a document with every block made anew; a block that nobody makes is a `KeyError`."""
    return BLOCK.sub(lambda block: f"<!-- made: {block['name']} -->\n{MAKERS[block['name']]()}\n<!-- end -->", text)


def write_sums() -> None:
    """Write the sums of the assets that decide results, before anything reads them."""
    found: dict[str, str] = {}
    for name in SUMMED:
        found |= {f"{name}/{own}": sha for own, sha in sums_below(asset() / name).items()}
    beside = sorted(path for path in asset().iterdir() if path.suffix in BESIDE and path.name != SUMS)
    found |= {path.name: file_sum(path) for path in beside}
    write_summed(asset(SUMS), found)


def main(arguments: list[str]) -> int:
    """Write, or check with ``--check``; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true")
    check = parser.parse_args(arguments).check
    if not check:
        write_sums()
    old = {path: path.read_text(encoding="utf-8") for path in sorted(DOCS.glob("*.md"))}
    stale = {path: new for path, text in old.items() if (new := renewed(text)) != text}
    for path, text in stale.items():
        if not check:
            path.write_text(text, encoding="utf-8")
        print(f"{path.name}: {'is not current; run `make docs`' if check else 'written'}")
    return 1 if stale and check else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

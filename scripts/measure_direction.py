"""Measure how often the direction between two TFs is right; writes ``assets/direction.json``.

    python -m scripts.measure_direction --table 'GEO, RNA-seq=geo.tsv.gz' --table ...

Asked are the pairs of TFs of the suite ``perturbation``: one changed with the other and not the other way round.
**right** is the share whose edge has the higher score in the direction that was seen, mean over a translator's seeds;
**error** its standard error over TFs drawn anew (`grn_core.benchmark.perturbed.measuring.error_over_tfs`). Two rows a
translator and table: what it asks together, and the same without the terms of genes and of known edges, so that the
response of the target to the TF decides alone. Tables with fewer than ten such pairs are left out.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch

from grn_core.assets import asset
from grn_core.benchmark.perturbed.measuring import error_over_tfs, one_way, told_right
from grn_core.benchmark.perturbed.names import named
from grn_core.benchmark.perturbed.tables import FEWEST, Changes, changes_of, read_table
from grn_core.extractors.in_memory import extract_for_pairs
from grn_core.extractors.registry import is_term
from grn_core.files import write_json
from grn_core.models.interface import FoundationModel
from grn_core.models.load import load_model
from grn_core.translator.registry import fitting, load_translator, translator_sha
from grn_core.translator.translator import Translator


def rows_of(model: FoundationModel, translator: Translator, changes: Changes) -> Iterator[dict[str, Any]]:
    """Yield a row for all that a translator asks together, and one without terms; none where pairs are too few."""
    first, second = one_way(changes)
    if len(first) < FEWEST:
        return
    names = tuple(sorted(changes.genes[place] for place in changes.tfs))
    place = np.array([names.index(changes.genes[one]) for one in changes.tfs])
    seen = np.stack([place[first], place[second]], axis=1)
    whole = tuple(translator.card["ensemble"])
    found = extract_for_pairs(
        model,
        names,
        np.concatenate([seen, seen[:, ::-1]]),
        extractors=whole,
        readout=translator.card["readout"],
    )
    features = {name: torch.from_numpy(np.ascontiguousarray(one)) for name, one in found.items()}
    for asked in (whole, tuple(one for one in whole if not is_term(one))):
        scores = translator.logits({name: features[name] for name in asked}).numpy()
        right = told_right(scores[:, : len(first)], scores[:, len(first) :]).mean(axis=0)
        error = error_over_tfs(right, first, second)
        sizes = {"pairs": len(first), "tfs": len({*first, *second})}
        told = {"right": round(float(right.mean()), 4), "error": round(error, 4)}
        yield {"table": changes.title, "extractors": sorted(asked), **sizes, **told}


def main() -> None:
    """Measure every bundled translator that the default model is asked with in the generic cell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--table", action="append", required=True, metavar="TITLE=FILE")
    given = parser.parse_args()
    model, found = load_model("compact"), {}
    tables = [
        changes_of(read_table(path), frozenset(model.vocabulary), title=title)
        for title, path in map(named, given.table)
    ]
    for record in fitting("compact"):
        if record.readout == model.record.default_readout:
            translator = load_translator(record.name)
            rows = [row for changes in tables for row in rows_of(model, translator, changes)]
            found[record.name] = {"sha": translator_sha(record.name), "rows": rows}
    write_json(asset() / "direction.json", found)


if __name__ == "__main__":
    main()

"""Measure how often the sign of a model's response is right on edges whose sign is known; writes ``assets/signs.json``.

    python -m scripts.measure_signs --model compact --reference TRRUST=trrust_v2_human.tsv.gz

The edges are those of the bundled OmniPath table with two references or more that are either activating or repressing.
Further tables (columns tf or source, target, sign or mode) are named with ``--reference TITLE=FILE``. What was measured
of other models stays in the file.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import pandas as pd
import torch

from grn_core.assets import asset
from grn_core.extractors.in_memory import extract_for_pairs
from grn_core.files import sha256_of, write_json
from grn_core.models.load import load_model
from grn_core.models.registry import folder_of
from grn_core.translator.apply import signs

OMNIPATH = "OmniPath"
SIGN_WORDS = {"activation": 1, "repression": -1, "1": 1, "-1": -1}


def read_signed(path: Path) -> pd.DataFrame:
    """Read a table of signed edges as ``source``, ``target``, ``sign``; what has no sign has 0."""
    table = pd.read_csv(path, sep="\t", dtype=str, keep_default_na=False)
    sign = table["mode" if "mode" in table else "sign"].str.lower().map(SIGN_WORDS).fillna(0).astype(int)
    return pd.DataFrame({"source": table["tf" if "tf" in table else "source"], "target": table["target"], "sign": sign})


def signed_edges(table: pd.DataFrame, known: frozenset[str]) -> pd.DataFrame:
    """Return the edges between known genes that have one sign, each once."""
    kept = table[table["sign"].isin([1, -1]) & table["source"].isin(known) & table["target"].isin(known)]
    kept = kept[kept["source"] != kept["target"]].drop_duplicates()
    return kept.drop_duplicates(["source", "target"], keep=False).reset_index(drop=True)


def right(said: np.ndarray, truth: np.ndarray) -> dict[str, float]:
    """Return accuracy, balanced accuracy, and the accuracy of the commoner sign alone."""
    of_each = [float((said[truth == sign] == sign).mean()) for sign in (1, -1)]
    activating = float((truth > 0).mean())
    found = {"accuracy": float((said == truth).mean()), "balanced": sum(of_each) / 2}
    return {name: round(value, 4) for name, value in {**found, "commoner": max(activating, 1 - activating)}.items()}


def main() -> None:
    """Measure one model."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="compact")
    parser.add_argument("--reference", action="append", default=[], metavar="TITLE=FILE")
    parser.add_argument("-o", "--output", type=Path, default=asset() / "signs.json")
    arguments = parser.parse_args()
    model = load_model(arguments.model)
    tables = {OMNIPATH: pd.read_csv(asset("networks", "omnipath_human.tsv.gz"), sep="\t")}
    for title, _, file in (one.partition("=") for one in arguments.reference):
        tables[title] = read_signed(Path(file))
    rows = []
    for title, table in tables.items():
        edges = signed_edges(table[["source", "target", "sign"]], frozenset(model.vocabulary))
        genes = tuple(sorted({*edges["source"], *edges["target"]}))
        place = {gene: position for position, gene in enumerate(genes)}
        pairs = np.stack([edges[end].map(place).to_numpy(dtype=np.int64) for end in ("source", "target")], axis=1)
        features = extract_for_pairs(model, genes, pairs)
        read = {name: torch.from_numpy(one) for name, one in features.items()}
        said, _ = signs(read, model.record.grid, n=len(pairs))
        sizes = {"reference": title, "n_edges": len(edges), "n_sources": edges["source"].nunique()}
        rows.append({**sizes, **right(said, edges["sign"].to_numpy())})
    sha = sha256_of(folder_of(arguments.model) / "model.safetensors")
    known = json.loads(arguments.output.read_text(encoding="utf-8")) if arguments.output.exists() else {}
    write_json(arguments.output, {**known, sha: {"model": model.record.name, "signs": rows}})


if __name__ == "__main__":
    main()

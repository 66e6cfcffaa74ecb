"""Set the edges of a translator beside what changed when TFs were perturbed; writes ``assets/perturbations.json``.

    python -m scripts.measure_perturbations --translator beeline-hesc-string --table "LINCS, over-expression=FILE"

A table names ``tf``, ``target``, ``perturbation_class`` (LOF, GOF) and ``regulation`` (+1, -1: the sign of the
regulation that the change implies), a row a gene that changed; a gene that changed both ways has no sign. Asked are,
for every TF with `FEWEST` such genes or more, all genes that stand in the table: the changes are total, not direct.

- **ranking**: AUPRC of each TF over the share of its genes that changed, 1 for a guess, and the same of its first
  hundred (early precision), mean over TFs; beside it, how often the gene changed with the other TFs of the table, the
  cosine of the model's vectors, and the bare response to the TF's lowest level (LOF) or highest (GOF).
- **sign**: balanced accuracy of the sign of the model's response.
- **direction**: of pairs of TFs of which one changed with the other and not the other way round, the share whose edge
  has the higher score in the direction that was seen.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from sklearn.metrics import average_precision_score

from grn_core.assets import asset
from grn_core.extractors.in_memory import extract_rows
from grn_core.files import write_json
from grn_core.genes import match_genes
from grn_core.models.interface import FoundationModel
from grn_core.models.load import load_model
from grn_core.translator.apply import Translator, signs
from grn_core.translator.registry import load_translator, translator_sha

FEWEST, EARLY, ROWS = 10, 100, 16
OFTEN, LIKE, BARE = "changes often", "cosine of the model's vectors", "bare response"


def changes(path: Path, known: frozenset[str]) -> pd.DataFrame:
    """Return ``tf``, ``target``, ``gain`` and ``sign`` of every gene that changed, in symbols that the model knows."""
    table = pd.read_csv(path, sep="\t", usecols=lambda name: name in (*REQUIRED, *CLEAN))
    for column, value in CLEAN.items():
        if column in table:
            table = table[table[column] == value]
    names = sorted({*table["tf"].astype(str), *table["target"].astype(str)})
    symbol = dict(zip(names, match_genes(names, species="human").symbols, strict=True))
    table = table.assign(tf=table["tf"].map(symbol), target=table["target"].map(symbol))
    table = table[table["tf"].isin(known) & table["target"].isin(known) & (table["tf"] != table["target"])]
    table["gain"] = table["perturbation_class"] == "GOF"
    found = table.groupby(["tf", "target"]).agg(gain=("gain", "mean"), sign=("regulation", "mean")).reset_index()
    found["sign"] = np.where(found["sign"].abs() == 1, found["sign"], 0).astype(int)
    return found


REQUIRED = ("tf", "target", "perturbation_class", "regulation")
CLEAN = {"measured": "measured", "own_tf": "as expected"}
"""Where a table has such a column, only rows with this value count: others were inferred, or the TF did not change."""


def scored(model: FoundationModel, translator: Translator, genes: list[str], tfs: list[int]) -> dict[str, np.ndarray]:
    """Return scores (TFs, genes) of the translator, signs of the response, and the response at both ends."""
    asked = [*translator.card["ensemble"]]
    parts: dict[str, list[np.ndarray]] = {"score": [], "sign": [], "low": [], "high": []}
    for start in range(0, len(tfs), ROWS):
        rows = extract_rows(
            model, genes, tfs[start : start + ROWS], extractors=asked, readout=translator.card["readout"]
        )
        flat = {name: torch.from_numpy(one.reshape(-1, one.shape[-1])) for name, one in rows.items()}
        shape = rows["vvp"].shape[:2]
        parts["score"].append(translator.logits(flat).mean(0).numpy().reshape(shape))
        parts["sign"].append(signs({"gdt": flat["gdt"]}, model.record.grid)[0].reshape(shape))
        parts["low"].append(np.abs(rows["vvp"][..., 0]))
        parts["high"].append(np.abs(rows["vvp"][..., -1]))
    return {name: np.concatenate(one) for name, one in parts.items()}


def ranking(label: np.ndarray, score: np.ndarray, own: np.ndarray) -> tuple[float, float]:
    """Return AUPRC and early precision over the share of genes that changed, mean over TFs; `own`: the TF itself."""
    ratios = []
    for every, scores, itself in zip(label, score, own, strict=True):
        truth, said = every[~itself], scores[~itself]
        best = np.argsort(-said, kind="stable")[:EARLY]
        ratios.append((average_precision_score(truth, said) / truth.mean(), truth[best].mean() / truth.mean()))
    auprc, early = np.mean(ratios, axis=0)
    return round(float(auprc), 4), round(float(early), 4)


def measured(model: FoundationModel, translator: Translator, title: str, path: Path) -> dict[str, object]:
    """Measure one table."""
    table = changes(path, frozenset(model.vocabulary))
    enough = table.groupby("tf")["target"].transform("size") >= FEWEST
    table = table[enough]
    genes = sorted({*table["tf"], *table["target"]})
    place = {gene: position for position, gene in enumerate(genes)}
    names = sorted(set(table["tf"]))
    tfs, row = [place[name] for name in names], {name: number for number, name in enumerate(names)}
    at = (table["tf"].map(row).to_numpy(), table["target"].map(place).to_numpy())
    label, sign = (np.zeros((len(tfs), len(genes)), dtype=int) for _ in range(2))
    label[at], sign[at] = 1, table["sign"]
    universe = np.isin(np.arange(len(genes)), at[1])
    gain = table.groupby("tf")["gain"].mean().loc[names].to_numpy() >= 0.5
    found = scored(model, translator, genes, tfs)
    vectors = torch.nn.functional.normalize(model.embed(genes).float(), dim=-1).numpy()
    others = {
        translator.card["name"]: found["score"],
        BARE: np.where(gain[:, None], found["high"], found["low"]),
        LIKE: vectors[tfs] @ vectors.T,
        OFTEN: label.sum(0) - label,
    }
    own = np.arange(len(genes))[None] == np.array(tfs)[:, None]
    ranks = {name: ranking(label[:, universe], score[:, universe], own[:, universe]) for name, score in others.items()}
    signed = sign != 0
    right = [float((found["sign"][sign == one] == one).mean()) for one in (1, -1)]
    among = label[:, tfs]
    one_way = (among == 1) & (among.T == 0)
    scores = found["score"][:, tfs]
    return {
        "table": title,
        "tfs": len(tfs),
        "genes": int(universe.sum()),
        "changes": int(label.sum()),
        "share": round(float(label[:, universe].mean()), 4),
        "auprc_ratio": {name: one[0] for name, one in ranks.items()},
        "early_ratio": {name: one[1] for name, one in ranks.items()},
        "signed": int(signed.sum()),
        "balanced_accuracy": round(sum(right) / 2, 4),
        "pairs_one_way": int(one_way.sum()),
        "direction": round(float((scores > scores.T)[one_way].mean()), 4),
    }


def main() -> None:
    """Measure one translator."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--translator", required=True)
    parser.add_argument("--model", default="compact")
    parser.add_argument("--table", action="append", required=True, metavar="TITLE=FILE")
    parser.add_argument("-o", "--output", type=Path, default=asset("perturbations.json"))
    given = parser.parse_args()
    model, translator = load_model(given.model), load_translator(given.translator)
    tables = [one.partition("=")[::2] for one in given.table]
    rows = [measured(model, translator, title, Path(file)) for title, file in tables]
    known = json.loads(given.output.read_text(encoding="utf-8")) if given.output.exists() else {}
    told = {"translator": translator.card["name"], "extractors": translator.card["ensemble"], "tables": rows}
    write_json(given.output, {**known, translator_sha(given.translator): told})


if __name__ == "__main__":
    main()

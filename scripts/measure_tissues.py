"""Measure whether two kinds of cells with one panel differ where the truth does; writes ``assets/tissues.json``.

    python -m scripts.measure_tissues --shared data --references networks --expression expression
        --data hESC --data hHEP --data mDC --data mESC

Truth: genes that a TF binds in one kind of cells and not in another (ChEA 2016), and genes that changed with it in
one and not in another (perturbations of RNA-seq with a cell type; knock-downs in mouse embryonic stem cells and
dendritic cells; CRISPRi in cardiomyocytes). How a kind of cells expresses genes is read of averages and of cells of
the training data of the model (`scripts.tissues.KINDS`). The panel is the same everywhere: the TFs, and the genes
that vary most over the kinds; a TF that is not measured in a kind stands at the model's middle value there.

Of the genes of which a TF has the edge in one of two kinds alone, ``auroc`` is how often the higher score is where
the edge is, 0.5 being a coin: mean over TFs, and its standard error. **Generic** is 0.5, for no cell takes part.
**Context**: the translator that the app takes for cells; with ``--data`` also **in contexts** and **in contexts,
ChIP-seq**, as `scripts.measure_contexts`, trained on these data sets without any pair of these TFs; **expression of the
gene**: no model, where the gene is higher.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
import torch

from grn_core.assets import asset
from grn_core.extractors.in_memory import extract_rows
from grn_core.files import write_json
from grn_core.models.interface import FoundationModel
from grn_core.models.load import load_model
from grn_core.models.registry import weights_sha
from grn_core.translator.registry import FOR_CELLS, load_translator
from grn_core.translator.translator import Translator
from scripts.measure_contexts import BOUND, CONTEXTS, Measuring, read_asked
from scripts.measure_own_cells import CONTEXT
from scripts.tissues import KINDS, Targets, bound, changed, contrasts, expression, summary, together

EXPRESSED = "expression of the gene"
PANEL = 1000


def truths(shared: Path) -> dict[str, Targets]:
    """What TFs do in several kinds of cells, by how it is known; TFs that were looked at in one alone are left out."""
    causal, tests, signatures = shared / "networks/causal", shared / "networks/do_not_train", shared / "signatures"
    heart = changed(tests / "hon_tf_crispri_ipsc_cardiomyocyte_unsigned.tsv.gz", species="human", kind="CARDIOMYOCYTE")
    moved = together(
        [
            changed(signatures / "geo_rnaseq_tf_perturbations.tsv.gz", species="human"),
            changed(causal / "mESC_KDUnion.txt.gz", species="mouse", kind="MESC"),
            changed(causal / "mDC_KDUnion.txt.gz", species="mouse", kind="DENDRITIC"),
            heart,
        ]
    )
    every = {"ChIP-seq": bound(tests / "chea_2016_chip.gmt.gz"), "perturbation": moved}
    return {name: {tf: own for tf, own in truth.items() if len(own) > 1} for name, truth in every.items()}


def asked(
    model: FoundationModel, like: Translator, panel: tuple[str, ...], values: pd.DataFrame, tfs: dict[str, list[str]]
) -> dict[str, dict[str, torch.Tensor]]:
    """Features (TFs x panel, length) by kind of cells and extractor, on its mean values, a column of `values` each."""
    return {
        kind: {
            name: torch.from_numpy(np.ascontiguousarray(one.reshape(-1, one.shape[-1])))
            for name, one in extract_rows(
                model,
                panel,
                [panel.index(tf) for tf in own],
                extractors=list(like.card["ensemble"]),
                readout=like.card["readout"],
                background="context",
                context=np.nan_to_num(
                    model.to_units(panel, values.loc[list(panel), kind].to_numpy()), nan=model.record.background
                ),
            ).items()
        }
        for kind, own in tfs.items()
    }


def scored(
    translator: Translator, features: dict[str, dict[str, torch.Tensor]], tfs: dict[str, list[str]]
) -> dict[tuple[str, str], np.ndarray]:
    """Scores of every TF in every kind of cells in which it is asked."""
    found = {}
    for kind, own in tfs.items():
        whole = translator.logits(features[kind]).mean(0).reshape(len(own), -1).numpy()
        found |= {(tf, kind): row for tf, row in zip(own, whole, strict=True)}
    return found


def panel_of(values: pd.DataFrame, tfs: list[str]) -> tuple[str, ...]:
    """TFs, and of the genes that are measured in all kinds of cells those that vary most over them, sorted."""
    vary = values.dropna().var(axis=1).sort_values(ascending=False, kind="stable").index[:PANEL]
    return tuple(sorted({*tfs, *vary}))


def main() -> None:
    """Measure every way on every truth."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, required=True)
    parser.add_argument("--references", type=Path, help="as of scripts.measure_contexts, where --data is given")
    parser.add_argument("--expression", type=Path)
    parser.add_argument("--data", action="append", default=[], help="train in the cells of these data sets, too")
    given = parser.parse_args()
    model = load_model("compact")
    known = truths(given.shared)
    kinds = sorted({kind for truth in known.values() for own in truth.values() for kind in own})
    in_order = sorted(kinds, key=lambda kind: KINDS[kind][0])  # kinds of one file together, which is read once
    values = pd.DataFrame({kind: expression(given.shared, kind) for kind in in_order}).reindex(model.vocabulary)
    panel = panel_of(values, sorted({tf for truth in known.values() for tf in truth} & set(model.vocabulary)))
    measured = values.loc[list(panel)].notna().all(axis=1).to_numpy()
    found = {
        name: contrasts({tf: own for tf, own in truth.items() if tf in panel}, panel, asked=measured)
        for name, truth in known.items()
    }
    every = [one for several in found.values() for one in several]
    tfs = {kind: sorted({one.tf for one in every if kind in (one.one, one.other)}) for kind in kinds}
    tfs = {kind: own for kind, own in tfs.items() if own}
    like = load_translator(FOR_CELLS)
    translators = {CONTEXT: like}
    if given.data:
        data = {name: read_asked(model, given.references, given.expression, name, without=None) for name in given.data}
        measuring = Measuring(model, data)
        withheld = frozenset((one.tf, gene) for one in every for own in data.values() for gene in own.genes)
        translators |= {
            CONTEXTS: measuring.translator("STRING", withheld=withheld),
            BOUND: measuring.translator("Specific", withheld=withheld),
        }
    features = asked(model, like, panel, values, tfs)
    ways = {way: scored(one, features, tfs) for way, one in translators.items()}
    level = {kind: values.loc[list(panel), kind].to_numpy() for kind in tfs}
    ways[EXPRESSED] = {(tf, kind): level[kind] for kind, own in tfs.items() for tf in own}
    rows = [{"truth": name, "panel": len(panel), **summary(own, ways)} for name, own in found.items()]
    write_json(asset() / "tissues.json", {"model_sha": weights_sha("compact"), "apart": rows})


if __name__ == "__main__":
    main()

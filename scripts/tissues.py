"""Two kinds of cells with one panel: what is known to differ between them, and how the cells express genes."""

from __future__ import annotations

import gzip
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd

from grn_core.benchmark.metrics.ranking import area_under_roc
from grn_core.datasets import Dataset, read
from grn_core.datasets.values import by_symbol
from grn_core.genes import match_genes

Targets = dict[str, dict[str, frozenset[str]]]
"""TF -> kind of cells -> genes, in human symbols."""
Scores = Mapping[tuple[str, str], np.ndarray]
"""TF and kind of cells -> scores (panel,)."""

FEWEST = 10
"""Genes that have the edge in one kind of cells alone, at least so many in each, for two kinds to be compared."""
HPA, MOUSE, ENCODE = "profiles/hpa_cell_line", "profiles/mouse_rnaseq_celltypes", "profiles/mouse_encode_tissue"
BLOOD, STEM, HEART = "profiles/hpa_blood_cells", "corpus/zinger_islam_mesc_mef", "corpus/scds_ipsc_cardiomyocyte"
KINDS: dict[str, tuple[str, str, str]] = {
    "A549": (HPA, "profile", "A549"),
    "CACO2": (HPA, "profile", "CACO-2"),
    "HACAT": (HPA, "profile", "HaCaT"),
    "HCT116": ("corpus/cimseq_lines_hos_hct116_a375", "cell_line", "HCT116"),
    "HEK293": (HPA, "profile", "HEK 293"),
    "HEL": (HPA, "profile", "HEL"),
    "HELA": (HPA, "profile", "HeLa"),
    "HEPG2": (HPA, "profile", "Hep G2"),
    "HESC": (HEART, "time", "D0"),
    "HL60": (HPA, "profile", "HL-60"),
    "HMEC": (HPA, "profile", "hTERT-HME1"),
    "K562": (HPA, "profile", "K-562"),
    "MCF7": (HPA, "profile", "MCF7"),
    "MYOBLAST": (HPA, "profile", "LHCN-M2"),
    "NB4": (HPA, "profile", "NB-4"),
    "PC3": (HPA, "profile", "PC-3"),
    "SHSY5Y": (HPA, "profile", "SH-SY5Y"),
    "T47D": (HPA, "profile", "T-47d"),
    "THP1": (HPA, "profile", "THP-1"),
    "U2OS": (HPA, "profile", "U-2 OS"),
    "U87": (HPA, "profile", "U-87 MG"),
    "MONOCYTE": (BLOOD, "profile", "classical_monocyte"),
    "CD4T": (BLOOD, "profile", "naive_CD4_T_cell"),
    "MESC": (STEM, "cell_type", "mESC"),
    "MEF": (STEM, "cell_type", "MEF"),
    "CARDIOMYOCYTE": (HEART, "time", "D30"),
    "MURINE CARDIOMYOCYTE": (MOUSE, "profile", "Cardiomyocytes"),
    "ADIPOCYTE": (MOUSE, "profile", "Adipocytes"),
    "B CELL": (MOUSE, "profile", "B cells"),
    "DENDRITIC": (MOUSE, "profile", "Dendritic cells"),
    "MACROPHAGE": (MOUSE, "profile", "Macrophages"),
    "NEURON": (MOUSE, "profile", "Neurons"),
    "OLIGODENDROCYTE": (MOUSE, "profile", "Oligodendrocytes"),
    "T CELL": (MOUSE, "profile", "T cells"),
    "LIVER": (ENCODE, "profile", "Liver"),
    "FETAL LIVER": (ENCODE, "profile", "E14.5.Liver"),
    "TESTIS": (ENCODE, "profile", "Testis"),
    "PLACENTA": (ENCODE, "profile", "E14.5.Placenta"),
    "PROGENITOR": ("corpus/spring_mouse_BM_HPC_P9A", "", ""),
}
"""Kind of cells -> file of the shared folder, its column and the label there; the whole file where none is named."""
ALSO = {
    "HEK293T": "HEK293",
    "ERYTHROLEUKEMIA": "HEL",
    "HUMAN HESC": "HESC",
    "MYOBLASTSANDMYOTUBES": "MYOBLAST",
    "NEUROBLASTOMA": "SHSY5Y",
    "MONOCYTES": "MONOCYTE",
    "CD4": "CD4T",
    "HL1": "MURINE CARDIOMYOCYTE",
    "GCB": "B CELL",
    "J774": "MACROPHAGE",
    "MACROPHAGES": "MACROPHAGE",
    "THIOMACROPHAGE": "MACROPHAGE",
    "NEURONS": "NEURON",
    "OLIGODENDROCYTES": "OLIGODENDROCYTE",
    "TLYMPHOCYTE": "T CELL",
    "FETALLIVERERYTHROID": "FETAL LIVER",
    "PRIMARYFETALLIVERERYTHROID": "FETAL LIVER",
    "TESTES": "TESTIS",
    "GC1SPG": "TESTIS",
    "TROPHOBLASTSTEMCELLS": "PLACENTA",
    "HPC7": "PROGENITOR",
    "EML": "PROGENITOR",
}
"""What experiments call these kinds; those of no such name have no expression here and take no part."""
EXPERIMENT = re.compile(r"(?P<tf>[^_]+)_\d+_[^_]+_(?P<cells>.+)_(HUMAN|MOUSE|RAT)")


@dataclass(frozen=True)
class Contrast:
    """What a TF does in one of two kinds of cells alone.

    Attributes
    ----------
    tf, one, other
        The TF, and the kinds of cells.
    places, label
        Places in the panel of the genes that have the edge in one of the two alone, and whether that is the first.
    """

    tf: str
    one: str
    other: str
    places: np.ndarray
    label: np.ndarray


def kind_of(name: str) -> str:
    """Kind of cells of an experiment's word; empty if there is none."""
    return ALSO.get(name, name if name in KINDS else "")


def in_human(table: pd.DataFrame, *, species: str) -> Targets:
    """Targets by TF and kind; ``tf``, ``kind`` and ``gene`` in symbols of a species."""
    names = sorted({*table["tf"], *table["gene"]})
    symbol = dict(zip(names, match_genes(names, species=species).symbols, strict=True))
    table = table.assign(tf=table["tf"].map(symbol), gene=table["gene"].map(symbol)).dropna()
    found: Targets = {}
    for (tf, kind), own in table[table["tf"] != table["gene"]].groupby(["tf", "kind"]):
        found.setdefault(str(tf), {})[str(kind)] = frozenset(own["gene"])
    return found


def together(several: Sequence[Targets]) -> Targets:
    """Targets of several sources; of a TF and kind that are in two of them all."""
    found: Targets = {}
    for targets in several:
        for tf, own in targets.items():
            for kind, genes in own.items():
                mine = found.setdefault(tf, {})
                mine[kind] = mine.get(kind, frozenset()) | genes
    return found


def bound(path: Path) -> Targets:
    """Genes that TFs bind, of a table of ChEA: a line an experiment, ``TF_STUDY_ASSAY_CELLS_SPECIES`` and genes."""
    rows = []
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            name, _, *genes = line.rstrip("\n").split("\t")
            told = EXPERIMENT.fullmatch(name)
            kind = kind_of(told["cells"]) if told else ""
            rows += [(told["tf"], kind, gene) for gene in genes if gene] if told and kind else []
    return in_human(pd.DataFrame(rows, columns=["tf", "kind", "gene"]), species="human")


def changed(path: Path, *, species: str, kind: str = "") -> Targets:
    """Genes that changed with TFs: columns ``tf, target, cell_type``, or two without names of one kind of cells."""
    table = pd.read_csv(path, sep="\t", header=None, dtype=str, keep_default_na=False)
    if table.iat[0, 0] == "tf":
        table = table.iloc[1:].set_axis(table.iloc[0].tolist(), axis=1)
    else:
        table = table.iloc[:, :2].set_axis(["tf", "target"], axis=1)
    table = table.assign(kind=kind or table["cell_type"].map(kind_of)).rename(columns={"target": "gene"})
    return in_human(table.loc[table["kind"] != "", ["tf", "kind", "gene"]], species=species)


def expression(folder: Path, kind: str) -> pd.Series:
    """Mean log1p of counts per 10,000 of every gene in a kind of cells, by human symbol."""
    name, column, label = KINDS[kind]
    data = _file(folder / f"{name}.h5ad")
    rows = slice(None) if not column else np.flatnonzero(data.obs[column].astype(str).to_numpy() == label)
    genes, values = by_symbol(data.matrix[rows], data.match.symbols, kind="counts")
    return pd.Series(np.asarray(values.mean(0)).ravel(), index=list(genes))


@lru_cache(maxsize=2)
def _file(path: Path) -> Dataset:
    return read(path, values="counts")


def contrasts(truth: Targets, panel: Sequence[str], *, asked: np.ndarray | None = None) -> list[Contrast]:
    """Find every two kinds of cells in which a TF was looked at, with genes enough in each alone.

    Parameters
    ----------
    truth
        What TFs do in each kind of cells.
    panel
        The genes that are asked, the same in all kinds.
    asked
        (panel,): the genes that count; all if None.
    """
    found, counts = [], np.ones(len(panel), dtype=bool) if asked is None else asked
    for tf, own in sorted(truth.items()):
        bound_in = {kind: np.array([gene in genes and gene != tf for gene in panel]) for kind, genes in own.items()}
        for one, other in combinations(sorted(own), 2):
            places = np.flatnonzero((bound_in[one] != bound_in[other]) & counts)
            label = bound_in[one][places]
            if min(label.sum(), (~label).sum()) >= FEWEST:
                found.append(Contrast(tf, one, other, places, label))
    return found


def auroc_of(contrast: Contrast, scores: Scores) -> float:
    """How often the higher score goes with the edge that only one of two kinds of cells has; a coin has 0.5."""
    one, other = (scores[contrast.tf, kind][contrast.places] for kind in (contrast.one, contrast.other))
    return area_under_roc(contrast.label, one - other)


def summary(found: Sequence[Contrast], ways: Mapping[str, Scores]) -> dict[str, object]:
    """Mean over TFs of every way's `auroc_of`, with its standard error; a TF of several pairs of kinds counts once."""
    rows = [{"tf": one.tf} | {way: auroc_of(one, scores) for way, scores in ways.items()} for one in found]
    table = pd.DataFrame(rows).groupby("tf").mean()
    error = table.std(ddof=1) / np.sqrt(len(table))
    return {
        "tfs": len(table),
        "kinds": len({kind for one in found for kind in (one.one, one.other)}),
        "contrasts": len(found),
        "genes": sum(len(one.places) for one in found),
        "auroc": {way: [round(float(table[way].mean()), 4), round(float(error[way]), 4)] for way in table},
    }

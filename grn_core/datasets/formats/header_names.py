"""Which names of a header stand above which fields, where the header is shorter or longer than the rows."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from grn_core.errors import DataError
from grn_core.genes import match_genes

CORNERS = frozenset(
    ("", "barcode", "barcodes", "cell", "cells", "ensembl", "entrez", "feature", "features", "gene", "genes", "geneid",
     "geneids", "genename", "genenames", "genesymbol", "genesymbols", "cellid", "cellids", "cellname", "cellnames",
     "hgnc", "id", "ids", "identifier", "index", "name", "names", "observation", "observations", "obs", "probe",
     "probes", "row", "rows", "rowname", "rownames", "sample", "samples", "symbol", "symbols", "transcript",
     "transcripts", "unnamed", "var", "x")
)  # fmt: skip
"""Words that stand in the corner of a table, above the names of its rows."""
LOOKED_AT = 200
MOST_GENES = 0.9
"""Share of known genes from which on a header is one of genes."""


def names_over(
    names: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    called: str,
    where: str = "",
    fits: Callable[[Sequence[str]], bool] | None = None,
) -> tuple[str, ...]:
    """Return a name for each field of the rows; no name is ever moved above another column by a guess.

    A header may be shorter by one where it lacks the corner (as R writes it), or where each row ends in a delimiter;
    and longer by one where it ends in a delimiter itself.

    Parameters
    ----------
    names
        Fields of the header.
    rows
        Fields of the rows, as many in each.
    called
        Name of the file.
    where
        Which lines these are, in words, for the message.
    fits
        Whether the fields below fit the names, asked where the corner lacks; any where it is not given.

    Returns
    -------
    tuple
        The names without white space around them; ``""`` for a corner, or a field at the end, that has none.

    Raises
    ------
    DataError
        Header and rows have different numbers of fields, and none of these explains it.
    """
    plain = tuple(name.strip() for name in names)
    width = len(rows[0]) if rows else len(plain)
    if len(plain) == width:
        return plain
    if len(plain) == width + 1 and not plain[-1]:
        return plain[:-1]
    if len(plain) == width - 1:
        if all(not row[-1].strip() for row in rows):
            return (*plain, "")
        if lacks_corner(plain) and (fits is None or fits(("", *plain))):
            return ("", *plain)
    message = f"the header of {called} has {len(plain):,} fields and the rows {width:,}"
    if where:
        message = f"{message} ({where})"
    todo = "name each column in the header, or remove what stands above it or behind the last column, and try again"
    raise DataError(message, needed="as many names as fields in each line", todo=todo)


def lacks_corner(names: Sequence[str]) -> bool:
    """Whether the first name of a header can stand above the second field of its rows.

    It cannot where it is what stands in a corner (``cell``, ``gene_id``, ``Unnamed: 0``), or is no gene where nearly
    all other names are.
    """
    first = names[0].strip()
    if is_corner(first):
        return False
    others = match_genes(list(names[1 : LOOKED_AT + 1]))
    if not others.names or len(names) == 2 or others.n_unknown > (1 - MOST_GENES) * len(others.names):
        return True
    return match_genes([first]).n_unknown == 0 or _may_be_gene(first)


def without_copies(names: Sequence[str]) -> list[str]:
    """Return names of columns as they were before a program numbered those that came again: ``gene.1`` is ``gene``.

    Only where the name without a number is there, too.
    """
    plain = [name.strip() for name in names]
    bare = [re.sub(r"[.]\d+$", "", name) for name in plain]
    return [one if one in plain else name for name, one in zip(plain, bare, strict=True)]


def is_corner(name: str) -> bool:
    """Whether a name is one of those that stand above the names of rows."""
    words = re.sub(r"([a-z])([A-Z])", r"\1 \2", name.strip()).lower()
    parts = re.split(r"[\W_]+", words)
    if parts[0] == "unnamed":
        return True
    return all(part in CORNERS for part in parts)


def _may_be_gene(name: str) -> bool:
    """Whether an unknown name has the shape of a gene's, such as that of a clone: ``AL627309.1``, ``Gm1992``."""
    return re.fullmatch(r"[A-Za-z0-9.-]+", name) is not None and any(sign.isdigit() for sign in name)

"""Which genes of a measurement are among those that a model is asked, before it is asked and after."""

from __future__ import annotations

from collections.abc import Collection

import pandas as pd

from grn_core.errors import DataError
from grn_core.experiments.left_out import left_out_in_words
from grn_core.genes import match_genes

FEWEST_GENES = 20
FEWEST_CUT = 5
"""Changes of one largest size, from which on they look cut there."""


def named(measured: pd.DataFrame, species: str | None) -> pd.DataFrame:
    """Return the measurement with the ``symbol`` of each gene, None where its name is no gene's, and of each TF."""
    names = sorted({*measured["gene"], *measured["tf"]} - {""})
    symbol = dict(zip(names, match_genes(names, species=species, common=True).symbols, strict=True))
    tf = measured["tf"].map(symbol).fillna(measured["tf"])
    return measured.assign(symbol=measured["gene"].map(symbol), tf=tf)


def left_out(rows: pd.DataFrame, symbols: Collection[str], tfs: Collection[str]) -> list[str]:
    """Say which genes of the rows of `tfs`, or of all where none is named, are not compared, and where they are cut.

    Parameters
    ----------
    rows
        As of `named`.
    symbols
        Of the genes that the model is asked.
    tfs
        Canonical symbols of the TFs that are changed.
    """
    ours = _rows_of(rows, tfs)
    known, asked = ours["symbol"].dropna(), set(symbols) - set(tfs)
    told = left_out_in_words(
        {
            gene: symbol if isinstance(symbol, str) else None
            for gene, symbol in zip(ours["gene"], ours["symbol"], strict=True)
        },
        asked=asked,
        tfs=tfs,
        repeated=set(known[known.duplicated()]) & asked,
    )
    return told + cut_in_words(ours["change"].abs())


def cut_in_words(size: pd.Series) -> list[str]:
    """Say so where changes look cut at a largest value: many have it exactly, among many that differ."""
    if size.nunique() < FEWEST_GENES:
        return []
    tied = int((size == size.max()).sum())
    told = f"{tied:,} changes are exactly {size.max():g} up or down and none is larger: they look cut there."
    return [told] if tied >= FEWEST_CUT else []


def too_few(n: int, *, of: int, reasons: Collection[str]) -> DataError:
    """Return the error of a measurement that shares too few genes with those that a model is asked."""
    message = f"{n:,} of the {of:,} predicted genes are in the table of measured changes"
    return DataError(
        f"{message}. {' '.join(reasons)}".removesuffix(". ").removesuffix("."),
        needed=f"at least {FEWEST_GENES}",
        todo="check its gene names and their species, or ask about more genes",
    )


def check_fit(
    measured: pd.DataFrame, *, symbols: Collection[str], tfs: Collection[str], species: str | None = None
) -> str:
    """Say how many genes of a measurement are among those that a model is to be asked, before it is asked.

    Parameters
    ----------
    measured
        As of `grn_core.experiments.tables.read_measured`.
    symbols, tfs
        As of `left_out`.
    species
        Of the genes of the measurement; recognised from their names if None.

    Returns
    -------
    str
        Sentences.

    Raises
    ------
    DataError
        They are too few, or the table is of other TFs.
    """
    rows = named(measured, species)
    ours, asked = _rows_of(rows, tfs), set(symbols) - set(tfs)
    check_tfs(rows, tfs)
    n = len(set(ours["symbol"].dropna()) & asked)
    reasons = left_out(rows, symbols, tfs)
    if n < FEWEST_GENES:
        raise too_few(n, of=len(asked), reasons=reasons)
    return " ".join([f"{n:,} of the {len(asked):,} genes that are asked are in it.", *reasons])


def check_tfs(rows: pd.DataFrame, tfs: Collection[str]) -> None:
    """Refuse a measurement that names TFs but none of those that are changed: `DataError`."""
    names = sorted(set(rows["tf"]) - {""})
    if names and not set(names) & set(tfs):
        message = f"the table of measured changes is of {', '.join(names[:5])}, not of {', '.join(sorted(tfs))}"
        raise DataError(message, needed="changes of the same TF", todo="give the table of that TF")


def _rows_of(rows: pd.DataFrame, tfs: Collection[str]) -> pd.DataFrame:
    return rows[rows["tf"].isin(tfs)] if (rows["tf"] != "").any() else rows

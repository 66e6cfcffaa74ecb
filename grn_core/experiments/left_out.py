"""Genes of a measurement that are not compared with a prediction, each kind with its reason, in words."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

MOST_NAMED = 5
LONGEST = 40


def left_out_in_words(
    symbols: Mapping[str, str | None], *, asked: Collection[str], tfs: Collection[str], repeated: Collection[str] = ()
) -> list[str]:
    """Say which genes of a measurement are not compared, and why.

    Parameters
    ----------
    symbols
        Name in the table -> canonical symbol; None where the name is no known gene's.
    asked
        Symbols of the genes that were predicted.
    tfs
        Symbols of the TFs that were changed: they are moved, not predicted.
    repeated
        Symbols with several rows.

    Returns
    -------
    list of str
        Nothing where each gene is compared by a row of its own.
    """
    kinds = {
        "no known gene": [name for name, symbol in symbols.items() if symbol is None],
        "changed on purpose": [name for name, symbol in symbols.items() if symbol in tfs and symbol not in asked],
        "not among the genes that the model was asked": [
            name for name, symbol in symbols.items() if symbol is not None and symbol not in {*asked, *tfs}
        ],
    }
    parts = [f"{len(names):,} {kind} ({_some(names)})" for kind, names in kinds.items() if names]
    n_left = sum(map(len, kinds.values()))
    said = [f"Left out: {n_left:,} of {len(symbols):,} names of the table: {'; '.join(parts)}."] if parts else []
    if repeated:
        several = f"{len(repeated):,} {'gene has' if len(repeated) == 1 else 'genes have'} several rows"
        said.append(f"{several} ({_some(repeated)}): the mean of the changes counts, and the largest p.")
    return said


def _some(names: Iterable[str]) -> str:
    ordered = sorted(names)
    more = ", ..." if len(ordered) > MOST_NAMED else ""
    return ", ".join(name[:LONGEST] for name in ordered[:MOST_NAMED]) + more

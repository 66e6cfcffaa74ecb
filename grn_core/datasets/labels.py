"""What a gene is called in results: the symbol in the user's data, and beside it the id that stood there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from grn_core.genes import GeneMatch, is_ensembl

BETWEEN = ";"
"""Between the ids of one gene, where the data hold several (their values are summed)."""


@dataclass(frozen=True)
class GeneName:
    """How one canonical gene is shown.

    Attributes
    ----------
    label
        The symbol in the user's data; where the data have ids, the symbol that the file or our table gives.
    id
        The Ensembl id in the user's data as it stands there; ``""`` where it has none.
    """

    label: str
    id: str


def names_in_data(
    match: GeneMatch, *, labels: Sequence[str] = (), ids: Sequence[str] = ()
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return a label and an id for each name of a match.

    Parameters
    ----------
    match
        The names by which genes were recognised.
    labels, ids
        What else the file calls each of them: symbols, and Ensembl ids; ``""``, or nothing at all, where it does not.

    Returns
    -------
    labels, ids
        Of each name, in the order of the match. A name that is a symbol stays as it is written.
    """
    shown, known_ids = [], []
    for place, (name, own) in enumerate(zip(match.names, match.own_symbols, strict=True)):
        given = labels[place] if labels else match.labels[place] if match.labels else ""
        if is_ensembl(name) or match.id_type in ("transcript", "ncbi"):
            shown.append((given if not is_ensembl(given) else "") or own or name)
            known_ids.append(name)
        else:
            shown.append(name)
            known_ids.append(ids[place] if ids else "")
    return tuple(shown), tuple(known_ids)


def gene_names(symbols: Sequence[str | None], labels: Sequence[str], ids: Sequence[str]) -> dict[str, GeneName]:
    """Canonical symbol -> how it is shown, from parallel lists of symbols, labels and ids.

    Where several names of the data share a symbol the label is the symbol itself, if that is among them, or the first
    by name; their ids are all kept.
    """
    found: dict[str, str] = {}
    known: dict[str, set[str]] = {}
    for label, gene_id, symbol in sorted(zip(labels, ids, symbols, strict=True), key=lambda row: row[:2]):
        if symbol is None:
            continue
        if symbol not in found or label == symbol:
            found[symbol] = label
        known.setdefault(symbol, set()).update(filter(None, gene_id.split(BETWEEN)))
    return {symbol: GeneName(label, BETWEEN.join(sorted(known[symbol]))) for symbol, label in found.items()}


def unlike(genes: Iterable[str], labels: Iterable[str]) -> tuple[str, ...]:
    """Return the labels of a panel so that no two are alike: shared ones carry the canonical symbol in brackets.

    The gene whose canonical symbol is the label keeps it bare.
    """
    genes, labels = tuple(genes), tuple(labels)
    times, taken = Counter(labels), set(labels)
    made = []
    for gene, label in zip(genes, labels, strict=True):
        shown = label
        if times[label] > 1 and gene != label:
            while shown in taken:
                shown = f"{shown} ({gene})"
            taken.add(shown)
        made.append(shown)
    return tuple(made)


def together(names: Sequence[str], group: Sequence[int], *, joined: bool) -> tuple[str, ...]:
    """Return for each group of names the first by name, or all different ones `joined`; nothing for no names at all."""
    if not names:
        return ()
    parts: list[set[str]] = [set() for _ in range(max(group) + 1)]
    for name, number in zip(names, group, strict=True):
        parts[number].update(filter(None, name.split(BETWEEN) if joined else (name,)))
    if joined:
        return tuple(BETWEEN.join(sorted(part)) for part in parts)
    return tuple(min(part, default="") for part in parts)

"""Sets of genes from a GMT file: read in a process of its own, then matched with canonical symbols."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from grn_core.datasets.formats.plain_text import encoding_of, opened
from grn_core.datasets.isolation import read_apart
from grn_core.errors import DataError
from grn_core.files import read_json, write_json
from grn_core.genes import match_genes

SETS = "sets.json"
MOST_SETS, MOST_GENES, LONGEST = 100_000, 5_000_000, 300
NEEDED = "GMT: a line a set, its name, a description and its genes, with tabs between"


def read_gene_sets(path: str | Path, *, species: str | None = None) -> dict[str, frozenset[str]]:
    """Read sets of genes.

    Parameters
    ----------
    path
        A GMT file, plain, gzip or bzip2.
    species
        ``human`` or ``mouse``; recognised from the names if None. Mouse genes become their human counterparts.

    Returns
    -------
    dict
        Name -> canonical human symbols; a name that is there twice has a number behind it. Sets none of whose genes is
        known are left out.

    Raises
    ------
    DataError
        It is no such file, or none of its genes is known.
    """
    place = Path(path).expanduser()
    if not place.is_file():
        message = f"there is no file {place}"
        raise DataError(message, needed=NEEDED, todo="check the path")
    given = read_apart(place, reader=__name__, options={}, load=_load, keep=True)
    names = sorted({gene for _, genes in given for gene in genes})
    match = match_genes(names, species=species)
    symbols = {name: symbol for name, symbol in zip(names, match.symbols, strict=True) if symbol}
    found: dict[str, frozenset[str]] = {}
    times: dict[str, int] = {}
    for name, genes in given:
        known = frozenset(symbols[gene] for gene in genes if gene in symbols)
        times[name] = times.get(name, 0) + 1
        if known:
            found[name if times[name] == 1 else f"{name} ({times[name]})"] = known
    if not found:
        message = f"no gene of {place.name} is known"
        raise DataError(message, needed="human or mouse symbols, or Ensembl ids", todo="check the file")
    return found


def read_into(path: Path, folder: Path, options: Mapping[str, Any]) -> None:  # noqa: ARG001
    """Read the sets in the reader's process; see `grn_core.datasets.isolation`."""
    sets: list[tuple[str, list[str]]] = []
    n_genes = 0
    try:
        with opened(path, encoding_of(path)) as lines:
            for line in lines:
                name, *fields = line.rstrip("\r\n").split("\t")
                genes = [gene.partition(",")[0].strip()[:LONGEST] for gene in fields[1:] if gene.strip()]
                if name.strip() and genes:
                    sets.append((name.strip()[:LONGEST], genes))
                    n_genes += len(genes)
                if len(sets) > MOST_SETS or n_genes > MOST_GENES:
                    message = f"{path.name} has more than {MOST_SETS:,} sets or {MOST_GENES:,} genes in them"
                    raise DataError(message, needed="fewer sets", todo="keep those that matter")
    except (UnicodeError, EOFError, OSError) as error:
        message = f"{path.name} is no text of sets"
        raise DataError(message, needed=NEEDED, todo="export it again") from error
    if not sets:
        message = f"{path.name} has no line with a name, a description and genes"
        raise DataError(message, needed=NEEDED, todo="export it as GMT")
    write_json(folder / SETS, sets)


def _load(folder: Path) -> list[tuple[str, list[str]]]:
    kept = read_json(folder / SETS)
    if not isinstance(kept, list):
        message = "no sets"
        raise TypeError(message)
    return [(str(name), [str(gene) for gene in genes]) for name, genes in kept]

"""Sets of genes from a GMT file: read, and matched with canonical symbols, in a process of its own."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from grn_core.datasets.formats.plain_text import encoding_of, opened
from grn_core.datasets.isolation import read_apart
from grn_core.errors import DataError
from grn_core.files import read_json, write_json
from grn_core.genes import human_symbols, match_genes

SETS, GENES, ENDS = "sets.json", "genes.npy", "ends.npy"
MOST_SETS, MOST_GENES, LONGEST = 100_000, 5_000_000, 300
MOST_NAMES = 100_000
"""Different names of genes; all that are known are fewer."""
MOST_BYTES = 100 * 10**6
"""Of a file; all sets of MSigDB are a third of it."""
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
        Name -> canonical human symbols; a name that is there twice has a number behind it. A set without genes, or none
        of whose genes is known (in a file of mouse genes one of human genes), is empty, so that a test can name it.

    Raises
    ------
    DataError
        It is no such file, or none of its genes is known.
    """
    place = Path(path).expanduser()
    if not place.is_file():
        message = f"there is no file {place}"
        raise DataError(message, needed=NEEDED, todo="check the path")
    check_bytes(place.name, place.stat().st_size)
    return read_apart(place, reader=__name__, options={"species": species}, load=_load, keep=True)


def check_bytes(name: str, n_bytes: int) -> None:
    """Refuse a file of sets that is too large, `DataError`."""
    if n_bytes > MOST_BYTES:
        message = f"{name} has {n_bytes / 1e6:z,.0f} MB"
        raise DataError(message, needed=f"at most {MOST_BYTES / 1e6:z,.0f} MB", todo="keep the sets that matter")


def read_into(path: Path, folder: Path, options: Mapping[str, Any]) -> None:
    """Read and match the sets in the reader's process; see `grn_core.datasets.isolation`."""
    sets, number = _read(path)
    match = match_genes(list(number), species=options["species"])
    symbols = sorted({symbol for symbol in match.symbols if symbol})
    place = {symbol: at for at, symbol in enumerate(symbols)}
    called = [-1 if symbol is None else place[symbol] for symbol in match.symbols]
    names: list[str] = []
    genes: list[list[int]] = []
    taken, times = {name for name, _ in sets}, dict.fromkeys((name for name, _ in sets), 0)
    for name, given in sets:
        known = sorted({called[at] for at in given} - {-1})
        times[name] += 1
        own = name
        while times[name] > 1 and (own := f"{name} ({times[name]})") in taken:  # another set may be called so
            times[name] += 1
        taken.add(own)
        names.append(own)
        genes.append(known)
    if not symbols:
        message = f"no gene of {path.name} is known"
        raise DataError(message, needed="human or mouse symbols, or Ensembl ids", todo="check the file")
    write_json(folder / SETS, {"names": names, "symbols": symbols})
    np.save(folder / GENES, np.concatenate([np.array(one, dtype=np.int32) for one in genes]), allow_pickle=False)
    np.save(folder / ENDS, np.cumsum([len(one) for one in genes], dtype=np.int64), allow_pickle=False)


def _read(path: Path) -> tuple[list[tuple[str, list[int]]], dict[str, int]]:
    """Return the sets with the places of their genes, and the place of each name of a gene."""
    sets: list[tuple[str, list[int]]] = []
    number: dict[str, int] = {}
    n_genes = 0
    try:
        with opened(path, encoding_of(path)) as lines:
            for line in lines:
                name, *fields = line.rstrip("\r\n").split("\t")
                genes = [gene.partition(",")[0].strip()[:LONGEST] for gene in fields[1:] if gene.strip()]
                n_genes += len(genes)
                if name.strip() and fields:
                    sets.append((name.strip()[:LONGEST], [number.setdefault(gene, len(number)) for gene in genes]))
                if len(sets) > MOST_SETS or n_genes > MOST_GENES:
                    message = f"{path.name} has more than {MOST_SETS:,} sets or {MOST_GENES:,} genes in them"
                    raise DataError(message, needed="fewer sets", todo="keep those that matter")
                if len(number) > MOST_NAMES:
                    message = f"{path.name} has more than {MOST_NAMES:,} different names of genes"
                    raise DataError(message, needed="sets of human or mouse genes", todo="check the file")
    except (UnicodeError, EOFError, OSError) as error:
        message = f"{path.name} is no text of sets"
        raise DataError(message, needed=NEEDED, todo="export it again") from error
    if not number:
        message = f"{path.name} has no line with a name, a description and genes"
        raise DataError(message, needed=NEEDED, todo="export it as GMT")
    return sets, number


def _load(folder: Path) -> dict[str, frozenset[str]]:
    kept = read_json(folder / SETS)
    names, symbols = ([str(one) for one in kept[what]] for what in ("names", "symbols"))
    genes, ends = (np.load(folder / what, allow_pickle=False) for what in (GENES, ENDS))
    starts = [0, *ends.tolist()]
    sound = len(ends) == len(names) and starts[-1] == len(genes) and starts == sorted(starts)
    sound = sound and all(0 <= one < len(symbols) for one in (genes.min(), genes.max()))
    if not sound or genes.dtype.kind != "i" or not set(symbols) <= human_symbols():
        message = "no sets"
        raise TypeError(message)
    called = [symbols[place] for place in genes]
    return {name: frozenset(called[start:end]) for name, (start, end) in zip(names, pairwise(starts), strict=True)}

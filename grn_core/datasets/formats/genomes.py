"""Several genomes in one file: which of them a feature is of, so that genes of two species are never added up."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

import pandas as pd

GENOME = "genome"
"""The column in which Cell Ranger and Parse say it."""
OF_IDS = ("gene_ids", "gene_id", "ensembl_id", "feature_id", "ensembl")
_SPECIES = {
    "human": re.compile(r"(?!.*vir)(grch|hg\d|human|homo_|hs(ap|_|$))", re.IGNORECASE),
    "mouse": re.compile(r"(?!.*vir)(grcm|mm\d|mouse|mus_|mmus)", re.IGNORECASE),
}
_ID = re.compile(r"ENS(?P<mouse>MUS)?G\d{11}(\.\d+)?")


def genomes_of(var: pd.DataFrame) -> tuple[str, ...]:
    """Say of which genome each feature is, where a file has several: by a column that names it, or by the ids.

    Parameters
    ----------
    var
        A row for each feature.

    Returns
    -------
    tuple of str
        ``human``, ``mouse``, the name of another genome where it calls a gene as one of these does, or ``""``; empty
        where there is one genome alone.
    """
    if GENOME in var:
        said = [_species_of(name.strip()) for name in var[GENOME].astype(object).fillna("").astype(str)]
    else:
        column = next((name for name in OF_IDS if name in var), None)
        said = [] if column is None else [_by_id(name) for name in var[column].astype(str)]
    n_features = Counter(filter(None, said))
    if len(n_features) < 2:
        return ()
    taken = set(_SPECIES) & set(n_features) or {max(n_features, key=lambda one: n_features[one])}
    return _others_where_alike(var.index.astype(str).tolist(), said, taken)


def _species_of(genome: str) -> str:
    return next((name for name, form in _SPECIES.items() if form.match(genome)), genome)


def _by_id(name: str) -> str:
    found = _ID.fullmatch(name)
    return "" if found is None else "mouse" if found["mouse"] else "human"


def _others_where_alike(names: Sequence[str], said: Sequence[str], taken: set[str]) -> tuple[str, ...]:
    """Leave another genome's word to what it calls as the taken ones do: its other genes stay, as those of a virus."""
    there = {name.upper() for name, genome in zip(names, said, strict=True) if genome in taken}
    found = [
        genome if genome in _SPECIES or (genome not in taken and name.upper() in there) else ""
        for name, genome in zip(names, said, strict=True)
    ]
    return tuple(found) if len(set(filter(None, found))) > 1 else ()

"""Regulons: the targets of each TF with the weight of each, from any network, for methods that read them in cells."""

from __future__ import annotations

import numpy as np
import pandas as pd

from grn_core.assets import asset
from grn_core.errors import DataError, RequestError
from grn_core.genes import match_genes
from grn_core.genes.tables import check_species, ortholog_to_mouse
from grn_core.genes.usual import N_TARGETS
from grn_core.in_words import short
from grn_core.networks.edge_columns import check_finite, check_named
from grn_core.networks.imports.words import says_signs, sign_of

WEIGHTS = ("weight", "mor")
"""What decoupler's networks call sign and strength in one."""
COLUMNS = ("source", "source_symbol", "target_symbol", "weight")


def omnipath_edges(species: str = "human") -> pd.DataFrame:
    """Return OmniPath's bundled TF-target edges: ``source``, ``target``, ``sign``, ``n_references``.

    Canonical human symbols stand as ``source_symbol`` and ``target_symbol``; the names are the symbols of `species`,
    and the human ones of genes without a 1:1 ortholog.
    """
    table = pd.read_csv(asset("networks", "omnipath_human.tsv.gz"), sep="\t", keep_default_na=False)
    named = ortholog_to_mouse() if check_species(species) == "mouse" else {}
    return table.assign(
        source_symbol=table["source"],
        target_symbol=table["target"],
        source=[named.get(symbol, symbol) for symbol in table["source"]],
        target=[named.get(symbol, symbol) for symbol in table["target"]],
    )


def regulons(edges: pd.DataFrame, *, n_targets: int = N_TARGETS, signed: bool = False) -> pd.DataFrame:
    """Take the best targets of each TF of a network.

    Parameters
    ----------
    edges
        A network: ``source`` and ``target``; ``score``, ``sign`` (numbers, or words such as ``repression``) and the
        canonical symbols of both ends are taken where they are there (see `grn_core.networks.edge_table`); without
        symbols the names are matched with the gene tables, human or mouse, and a TF that is in none keeps its name. Of
        a table of decoupler's, without ``sign`` and with `WEIGHTS`, these tell both: a weight below 0 represses, where
        there is one, and the size is the score.
    n_targets
        So many of the best targets of each TF; 0 takes all. All are taken where the edges have no score, or all have
        the same: there is no best one then.
    signed
        Whether only edges that are said to activate or to repress are taken, which may be none.

    Returns
    -------
    pandas.DataFrame
        ``source`` (the TF by its name in the network), ``source_symbol``, ``target_symbol`` (canonical human symbols)
        and ``weight``: -1 for a repressed target, else 1, also where the sign is not known. One row a pair, the best
        first, sorted by TF. Where scores are 0 and more, an edge of score 0 is none.

    Raises
    ------
    RequestError
        `n_targets` is negative.
    DataError
        A column or a name is missing, a score or a sign is none, scores are below 0 with no column of signs, or there
        is no edge between genes that are known.
    """
    if n_targets < 0:
        message = f"the number of targets of a TF is {n_targets}"
        raise RequestError(message, needed="0 or more", todo="choose another number; 0 takes all targets")
    if missing := {"source", "target"} - set(edges):
        message = f"the network has no column {' and no column '.join(sorted(missing))}"
        raise DataError(message, needed="the columns source and target", todo="name the columns so")
    check_named(edges)
    symbols, (signs, scores) = _symbols(edges), _signs_and_scores(edges)
    table = pd.DataFrame(
        {
            "source": edges["source"].astype(str),
            "source_symbol": symbols["source"],
            "target_symbol": symbols["target"],
            "weight": np.where(signs < 0, -1.0, 1.0),
            "signed": signs != 0,
            "score": scores,
        }
    )
    table = table[(table["source_symbol"] != "") & (table["target_symbol"] != "")]
    if table.empty:
        message = "the network has no edge between two genes that are known"
        raise DataError(message, needed="at least one TF with targets", todo="choose another network")
    if signed:
        table = table[table["signed"]]
    if table["score"].min() == 0 < table["score"].max():  # of strengths, 0 is no edge; a logit may be below
        table = table[table["score"] > 0]
    order = ["source_symbol", "score", "target_symbol"]
    table = table.sort_values(order, ascending=[True, False, True], kind="stable")
    table = table.drop_duplicates(["source_symbol", "target_symbol"])
    if n_targets and table["score"].nunique() > 1:
        table = table.groupby("source_symbol", sort=False).head(n_targets)
    names = table.drop_duplicates("source_symbol").set_index("source_symbol")["source"]
    while (twice := names.duplicated(keep=False)).any():  # symbols are all different, so that this ends
        names = names.where(~twice, names.index.to_series())
    return table.assign(source=table["source_symbol"].map(names))[list(COLUMNS)].reset_index(drop=True)


def _symbols(edges: pd.DataFrame) -> dict[str, pd.Series]:
    """Return the canonical symbols of both ends, ``""`` for a gene that is not known."""
    ends = ("source", "target")
    if all(f"{end}_symbol" in edges for end in ends):
        return {end: edges[f"{end}_symbol"].fillna("").astype(str) for end in ends}
    given = {end: edges[end].fillna("").astype(str) for end in ends}
    names = sorted(set().union(*given.values()) - {""})
    found = dict(zip(names, match_genes(names).symbols, strict=True)) if names else {}
    sources = given["source"].map(lambda name: found.get(name) or name)
    return {"source": sources, "target": given["target"].map(lambda name: found.get(name) or "")}


def _signs_and_scores(edges: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """Return the signs, 0 where none is known, and the scores of edges, all the same where they have none."""
    scores = _numbers(edges, "score")
    if scores.isna().all():
        scores = scores.fillna(0.0)
    check_finite(scores.to_numpy(), of=" of the network")
    if "sign" in edges:
        return _numbers(edges, "sign").fillna(0), scores
    weighed = next((name for name in WEIGHTS if name in edges), None)
    if weighed is not None:
        weights = _numbers(edges, weighed).fillna(0)
        check_finite(weights.to_numpy(), of=" of the network")
        signs = np.sign(weights) if (weights < 0).any() else weights * 0.0
        return signs, scores if "score" in edges else weights.abs()
    if below := int((scores < 0).sum()):
        message = f"{below:,} scores of the network are below 0, and no column says the signs"
        needed = "a column sign: 1, -1, or 0 where it is not known"
        raise DataError(message, needed=needed, todo="add it: a score below 0 may be a repression, or a weak edge")
    return scores * 0.0, scores


def _numbers(edges: pd.DataFrame, name: str) -> pd.Series:
    """Return the numbers of a column, 0 for all where it is not there; of signs the words count too."""
    if name not in edges:
        return pd.Series(0.0, index=edges.index)
    given = edges[name]
    if name == "sign" and given.dtype.kind == "b":  # what is not true may be a repression, or not known
        given = given.astype(str)
    numbers = pd.to_numeric(given, errors="coerce").astype(float)
    words = given[numbers.isna() & given.notna()].astype(str)
    if words.empty:
        return numbers
    if name != "sign" or not says_signs(frozenset(words)):
        message = f"the column {name} holds {short(words.iloc[0])!r}"
        needed = "numbers" if name != "sign" else "numbers, or words such as activation and repression"
        raise DataError(message, needed=needed, todo="correct it, or leave the column out")
    return numbers.fillna(words.map(sign_of))

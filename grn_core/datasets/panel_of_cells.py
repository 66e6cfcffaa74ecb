"""The panel of a dataset: which genes and TFs a model is asked about, chosen by what the cells show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from grn_core.datasets.labels import GeneName, gene_names
from grn_core.datasets.large import blocks
from grn_core.datasets.panel import GenePanel, check_known, check_panel, examples, known_genes, make_panel
from grn_core.datasets.tf_choice import FEW, LostTF, TFChoice, choose_tfs
from grn_core.datasets.values import grouped, groups_of, moments_of
from grn_core.datasets.variable import most_variable, seen_in_enough
from grn_core.errors import DataError, GeneError, RequestError
from grn_core.genes import match_genes
from grn_core.in_words import none_of

if TYPE_CHECKING:
    from grn_core.datasets.dataset import Dataset

MIN_CELLS = 10  # below this, means and variances over cells say nothing
SILENT = "Named TFs that too few cells show, or that do not vary, so that co-expression tells nothing of them ({n:,})"


def panel_of_cells(
    data: Dataset,
    *,
    n_variable: int,
    tfs: str | Iterable[str],
    genes: Sequence[str] | None,
    cells: np.ndarray | None,
    vocabulary: Collection[str] | None,
    model: str,
) -> GenePanel:
    """Do what `Dataset.panel` says, block by block of the cells."""
    n_cells = _n_chosen(data, cells)
    mask = None if n_cells == data.n_cells else np.asarray(cells)
    named = _named(data, n_variable=n_variable, tfs=tfs, genes=genes, vocabulary=vocabulary, model=model)
    names, choice, chosen, lost = named.names, named.choice, named.chosen, named.lost
    symbols = tuple(sorted(chosen))
    group = groups_of(data.match.symbols, symbols)
    parts = (grouped(block, group, kind=data.value_kind, n_groups=len(symbols)) for block in blocks(data.matrix, mask))
    mean, variance, detected = moments = moments_of(parts, n_genes=len(symbols))
    enough = seen_in_enough(detected, n_cells=n_cells)
    seen = frozenset(symbol for symbol, yes in zip(symbols, enough, strict=True) if yes)
    notes = (*named.unknown, *_notes(data, chosen), *named.absent)

    kept = choice.symbols & chosen if choice.named else choice.symbols & seen
    picked = named.listed
    if picked is None:
        picked = most_variable(moments, symbols, n_cells=n_cells, n_variable=n_variable) | kept
    varying = frozenset(symbol for symbol, spread in zip(symbols, variance, strict=True) if spread > 0)
    silent = [names[symbol].label for symbol in sorted(kept - (seen & varying))] if choice.named else []
    if silent:
        notes += (f"{SILENT.format(n=len(silent))}: {examples(silent, n=12)}.",)
    if not choice.named and genes is None:
        lost += tuple(LostTF(names[symbol].label, FEW) for symbol in sorted((choice.symbols & chosen) - seen - picked))
    means = dict(zip(symbols, mean.tolist(), strict=True))
    panel = make_panel(picked, names, choice, means=means, lost=lost, notes=notes)
    return replace(panel, dataset_ref=data.ref, dataset_sha=data.sha256)


def check_choice(
    data: Dataset,
    *,
    n_variable: int,
    tfs: str | Iterable[str],
    genes: Sequence[str] | None,
    cells: np.ndarray | None,
    vocabulary: Collection[str] | None,
    model: str,
) -> None:
    """Refuse what `Dataset.panel` would, as far as names and the number of cells tell: the matrix stays unopened.

    Raises
    ------
    GrnError
        As of `Dataset.panel`.
    """
    _n_chosen(data, cells)
    named = _named(data, n_variable=n_variable, tfs=tfs, genes=genes, vocabulary=vocabulary, model=model)
    could = sorted(named.chosen if named.listed is None else named.listed)
    sources = [place for place, symbol in enumerate(could) if symbol in named.choice.symbols]
    if named.listed is None and named.choice.named and (len(sources) > 1 or not n_variable):
        check_panel([could[place] for place in sources], sources, lost=named.lost)  # the genes that vary come on top
    elif named.listed is not None or not sources:
        check_panel(could, sources, lost=named.lost)


@dataclass(frozen=True)
class _Named:
    """What names alone say of a panel.

    Attributes
    ----------
    names
        Canonical symbol -> what results call it, of all genes of the data.
    choice, lost
        The TFs, and those of them that were named and are no sources.
    chosen
        Genes that the panel may hold.
    listed
        The genes of the panel, where it has a list of its own; None where what varies is taken.
    unknown, absent
        Notes of what the model does not know, and of what of a list is not in the data.
    """

    names: dict[str, GeneName]
    choice: TFChoice
    lost: tuple[LostTF, ...]
    chosen: frozenset[str]
    listed: frozenset[str] | None
    unknown: tuple[str, ...]
    absent: tuple[str, ...]


def _named(
    data: Dataset,
    *,
    n_variable: int,
    tfs: str | Iterable[str],
    genes: Sequence[str] | None,
    vocabulary: Collection[str] | None,
    model: str,
) -> _Named:
    """Look up all names that a panel is asked with; `GrnError` where nothing is found by them."""
    if n_variable < 0:
        message = f"the number of variable genes is {n_variable}"
        raise RequestError(message, needed="0 or more", todo="change n_variable")
    names = gene_names(data.match.symbols, data.labels, data.ids)
    choice = choose_tfs(data.tf_list(tfs), species=data.match.species, data_symbols=data.symbol_of)
    labels = {symbol: name.label for symbol, name in names.items()}
    chosen, unknown = known_genes(labels, vocabulary, model=model, tfs=choice.symbols)
    check_known(chosen, labels, model=model)
    lost = choice.lost + choice.without(names, "data")
    lost += tuple(one for one in choice.without(chosen, "model") if one.name not in {gone.name for gone in lost})
    if genes is None:
        return _Named(names, choice, lost, chosen, None, unknown, ())
    listed, absent = _listed(data, genes)
    own = (listed | choice.symbols if choice.named else listed) & chosen
    return _Named(names, choice, lost, chosen, own, unknown, absent)


def _n_chosen(data: Dataset, cells: np.ndarray | None) -> int:
    mask = data.mask_of(cells)
    if mask.sum() < MIN_CELLS:
        message = f"{int(mask.sum())} of {data.n_cells:,} cells are chosen"
        raise DataError(message, needed=f"at least {MIN_CELLS} cells", todo="widen the choice of cells")
    return int(mask.sum())


def _notes(data: Dataset, chosen: Collection[str]) -> tuple[str, ...]:
    times = Counter(symbol for symbol in data.match.symbols if symbol in chosen)
    n_shared = sum(count > 1 for count in times.values())
    scaled = "The values are scaled: means are not log1p(CP10k)."
    shared = f"{n_shared:,} human symbols have several names in the data: summed."
    return data.reading.doubts + ((scaled,) if data.value_kind == "scaled" else ()) + ((shared,) if n_shared else ())


def _listed(data: Dataset, genes: Sequence[str]) -> tuple[frozenset[str], tuple[str, ...]]:
    """Symbols of a gene list given by the names in the file, or by any name of the species."""
    by_name, genes = data.symbol_of, (genes,) if isinstance(genes, str) else genes
    other = [name for name in genes if name not in by_name]
    found: dict[str, str | None] = {name: by_name[name] for name in genes if name in by_name}
    if other:
        found |= dict(zip(other, match_genes(other, species=data.match.species, common=True).symbols, strict=True))
    present = frozenset(filter(None, data.match.symbols))
    absent = [name for name, symbol in found.items() if symbol not in present]
    if len(absent) == len(found):
        message = f"{none_of(len(found), 'gene')} of the list is in the data, e.g. {examples(absent)}"
        raise GeneError(message, needed="genes of this dataset", todo="check species and spelling of the list")
    note = f"{len(absent)} of {len(found)} genes of the list are not in the data, e.g. {examples(absent)}."
    return frozenset(symbol for symbol in found.values() if symbol in present), (note,) if absent else ()

"""Where a gene stands in a run, and why it is not there, or no TF of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from grn_core.datasets.tf_choice import FEW, REASONS, why_lost
from grn_core.errors import GrnError
from grn_core.genes import match_genes
from grn_core.runs.kinds.panel import PanelRequest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from grn_core.runs.request import Request


@dataclass(frozen=True)
class Standing:
    """Where a gene stands in a run.

    Attributes
    ----------
    label
        Its name in the run; what was asked for where it is not there.
    is_tf, is_gene
        Whether it is one of the TFs, and one of the genes, of the run.
    why
        Why it is no TF of the run, or not in it at all, in a sentence; empty for a TF.
    """

    label: str
    is_tf: bool
    is_gene: bool
    why: str = ""


def standing_of(request: Request, panel: Mapping[str, Any], name: str) -> Standing:
    """Say where a gene stands in a run.

    Parameters
    ----------
    request
        What the run was asked.
    panel
        Its ``panel.json``.
    name
        Any name of the gene: as in the data, an id, a symbol, an older or a common name; letter case does not matter.
    """
    labels = [str(label) for label in panel.get("labels", ())]
    symbols = [str(symbol) for symbol in panel.get("genes") or labels]
    ids = [str(one) for one in panel.get("ids") or ("",) * len(labels)]
    sources = {int(place) for place in panel.get("sources", ())}
    wanted = name.strip()
    symbol, is_known = _matched(wanted)
    for place, names in enumerate(zip(labels, symbols, ids, strict=True)):
        if wanted.upper() in {one.upper() for one in names} or (symbol and symbol == names[1]):
            is_tf = place in sources
            return Standing(labels[place], is_tf, is_gene=True, why="" if is_tf else _no_tf(request, labels[place]))
    why = _lost(panel, wanted) or _absent(request, wanted, symbol, is_known=is_known)
    return Standing(wanted, is_tf=False, is_gene=False, why=why)


def _matched(name: str) -> tuple[str | None, bool]:
    """Return the canonical symbol of a name, None for none, and whether it is a gene of its own species."""
    try:
        found = match_genes((name,), common=True)
    except GrnError:  # what is no gene name at all
        return None, False
    return found.symbols[0], found.own_symbols[0] is not None


def _no_tf(request: Request, label: str) -> str:
    tfs = getattr(request, "tfs", "auto")
    listed = "the TFs that were named" if isinstance(tfs, tuple) else "the list of TFs that was chosen"
    return f"{label} is a gene of this run and no TF of it: it is not among {listed}."


def _lost(panel: Mapping[str, Any], name: str) -> str:
    """Return the reason that was written down when the run was made, if one was."""
    for lost, reason in panel.get("lost_tfs", ()):
        if str(lost).upper() == name.upper():
            what = "is a TF of the list" if reason == FEW else "was named"
            return f"{lost} {what} and is not in this run: {REASONS.get(reason, reason)}."
    return ""


def _absent(request: Request, name: str, symbol: str | None, *, is_known: bool) -> str:
    """Work out, from the model and the data, why a gene is not in a run."""
    if symbol is None:
        reason = REASONS[why_lost(name, is_known=is_known).reason]
        return f"{name} is not in this run: {reason}."
    if not isinstance(request, PanelRequest):
        return f"{name} is not in the network that this run was made of."
    from grn_core.models.registry import vocabulary

    try:
        if symbol not in frozenset(vocabulary(request.model)):
            return f"{name} is not in this run: {REASONS['model']}."
        if not request.has_cells:
            return f"{name} is not in this run: it is not in the gene list."
        dataset = request.dataset()
        if symbol not in set(dataset.match.symbols):
            return f"{name} is not in this run: {REASONS['data']}."
        is_listed = symbol in _tf_symbols(request, dataset.match.species)
    except GrnError as error:
        return f"{name} is not in this run; why could not be told: {error.found}."
    if is_listed:
        return f"{name} is a TF of the list and is not in this run: {REASONS[FEW]}."
    chosen = "of the gene list" if request.genes is not None else f"of the {request.n_variable:,} most variable genes"
    return f"{name} is in the data and was not chosen: it is none {chosen} and no TF of the list."


def _tf_symbols(request: PanelRequest, species: str) -> frozenset[str]:
    from grn_core.datasets.tf_choice import choose_tfs

    return choose_tfs(request.tfs, species=species).symbols

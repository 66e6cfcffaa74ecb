"""Which extractors there are, and which of them a model can serve; reading it needs no torch."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from grn_core.errors import RequestError
from grn_core.extractors.attn import ATTN
from grn_core.extractors.emb import EMB
from grn_core.extractors.ends import SOURCE, TARGET
from grn_core.extractors.gdt import GDT
from grn_core.extractors.neighbours import NEIGHBOURS
from grn_core.extractors.pert import PERT
from grn_core.extractors.vvp import VVP

if TYPE_CHECKING:
    from grn_core.extractors.records import ExtractorRecord
    from grn_core.models.record import ModelRecord

EXTRACTORS: dict[str, ExtractorRecord] = {}
DEFAULT = ("vvp", "gdt")
"""The ensemble of the paper."""
ENDS = ("source", "target")
"""Extractors of one gene of the pair alone: the gene-level term that is added to an ensemble."""
TERMS = (*ENDS, "neighbours")
"""The same, and what is known of similar genes."""
IN_WORDS = {"vvp": "response curve", "gdt": "gradient trajectory"}
"""What the paper's two extractors are, for who meets their short names first."""


def register(record: ExtractorRecord) -> ExtractorRecord:
    """Add an extractor, in the place of one that has its name; from then on it is offered wherever a model can."""
    EXTRACTORS[record.name] = record
    return record


for _record in (VVP, GDT, PERT, ATTN, EMB, SOURCE, TARGET, NEIGHBOURS):
    register(_record)


def end_of(extractor: str) -> str:
    """Return of which gene of a pair alone an extractor speaks, by its name; empty if of both, or if none has it."""
    return EXTRACTORS[extractor].end if extractor in EXTRACTORS else ""


def is_of_both(extractor: str) -> bool:
    """Whether an extractor's feature, by its name, is the vectors of both genes of the pair side by side."""
    return extractor in EXTRACTORS and EXTRACTORS[extractor].vectors is not None


def is_term(extractor: str) -> bool:
    """Whether what is learnt from an extractor, by its name, is added to the others with a weight."""
    return extractor in EXTRACTORS and EXTRACTORS[extractor].is_term


def why_not(record: ExtractorRecord, model: ModelRecord) -> str:
    """Why a model cannot serve an extractor, in words; empty if it can."""
    lacking = [what for what in record.needs if what not in model.offers]
    if lacking:
        return model.unavailable or f"it offers no {' and no '.join(lacking)}"
    if record.asks == "cell" and "value" in record.needs and model.whole_cell_readout() is None:
        return "every readout of it hides the other genes of the cell"
    return ""


def called(extractors: Iterable[str], *, explained: bool = False) -> tuple[str, ...]:
    """Return what extractors are called in running text, in the order of the registry.

    The paper's two by their short names, behind what they are if `explained`; others in plain words.
    """
    asked = set(extractors)
    return tuple(_called(record, explained=explained) for name, record in EXTRACTORS.items() if name in asked)


def _called(record: ExtractorRecord, *, explained: bool) -> str:
    if explained and record.name in IN_WORDS:
        return f"{IN_WORDS[record.name]} ({record.label})"
    return record.label if record.name in (*DEFAULT, *TERMS) else record.title.lower()


def extractors_of(model: ModelRecord) -> tuple[str, ...]:
    """Names of the extractors that a model can serve, in the order of the registry."""
    return tuple(name for name, record in EXTRACTORS.items() if not why_not(record, model))


def known_extractors(extractors: str | Sequence[str]) -> tuple[str, ...]:
    """Return the names of extractors, each once, in the order given.

    Raises
    ------
    RequestError
        If there is no such extractor, or none is named.
    """
    names = (extractors,) if isinstance(extractors, str) else tuple(dict.fromkeys(extractors))
    unknown = [name for name in names if name not in EXTRACTORS]
    if unknown or not names:
        message = f"there is no extractor {', '.join(map(repr, unknown))}" if unknown else "no extractor was named"
        needed = f"one or more of {', '.join(EXTRACTORS)}"
        raise RequestError(message, needed=needed, todo="correct the names of the extractors")
    return names


def check_extractors(model: ModelRecord, extractors: str | Sequence[str]) -> tuple[str, ...]:
    """Return the names of extractors; refuse those that there are not, or that the model cannot serve.

    Parameters
    ----------
    model
        Record of the foundation model.
    extractors
        Names out of `EXTRACTORS`, or one of them.

    Raises
    ------
    RequestError
        It names them, and why the model has none.
    """
    names = known_extractors(extractors)
    closed = {EXTRACTORS[name].title: why_not(EXTRACTORS[name], model) for name in names}
    closed = {title: reason for title, reason in closed.items() if reason}
    if closed:
        are = "is" if len(closed) == 1 else "are"
        reasons = "; ".join(dict.fromkeys(closed.values()))
        message = f"{' and '.join(closed)} {are} not available with {model.title}: {reasons}"
        served = ", ".join(extractors_of(model))
        raise RequestError(
            message,
            needed=f"another model, or of {model.title} the extractors {served}" if served else "another model",
            todo="choose another model, or one of these" if served else "choose another model",
        )
    return names


def check_cells(extractors: Sequence[str], *, has_cells: bool, reads_order: bool = False) -> None:
    """Refuse extractors that are read in measured cells where there are none.

    Parameters
    ----------
    extractors
        Names of known extractors.
    has_cells
        Whether there are measured cells.
    reads_order
        Whether the model reads an order of genes, which only measured cells give.

    Raises
    ------
    RequestError
        It names them.
    """
    records = [EXTRACTORS[name] for name in extractors]
    needing = [one.title for one in records if one.needs_cells or (reads_order and one.asks == "cell")]
    if needing and not has_cells:
        message = f"{' and '.join(needing)}: read at the mean of measured cells, and there are none"
        raise RequestError(message, needed="a dataset with cells", todo="choose one, or another extractor")

"""What a file gave: a verdict, what was found and guessed, and every name that takes no part, with its reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import asdict, dataclass, fields
from typing import Any

import pandas as pd

from grn_core.datasets.dataset import Dataset
from grn_core.datasets.features import OTHER_GENOME, LeftOut
from grn_core.datasets.kinds import find_kind
from grn_core.datasets.reading import MatrixOffer, Question
from grn_core.errors import GrnError
from grn_core.genes import default_tf_list, human_tfs_of
from grn_core.genes.copies import original_of
from grn_core.genes.foreign import what_they_are
from grn_core.in_words import counted
from grn_core.spreadsheets import text_of

GOOD, USABLE, NOT_USABLE = "good", "usable", "not usable"
MOST_UNKNOWN = 0.25
"""Share of unknown names up to which a file is good: older annotations and genes without a name lose less."""
FEW_CELLS, FEW_TFS = 50, 10
EXAMPLES = 20


@dataclass(frozen=True)
class Report:
    """What became of a file, seen from a model.

    Attributes
    ----------
    verdict, why
        ``good``, ``usable`` (something is in doubt, or much is lost) or ``not usable``; and the reasons, in sentences.
    name, model
        Title of the dataset, and of the model.
    species, ids, values, matrix, orientation, name_column
        What was found or, where the user said so, taken; called as in `grn_core.datasets.read`.
    matrices
        All matrices of the file.
    n_cells, n_genes
        Size, without what was left out.
    n_known, n_human, n_model
        Names that are known genes, that have a human symbol, that the model knows.
    n_tfs, n_tfs_model
        TFs of the species' list among the genes, and those of them that the model knows.
    left_out
        Features and columns that are no genes.
    lost
        Genes that take no part, each with its reason.
    doubts, notes
        What stays on every result; what was done on reading.
    questions
        What the file does not tell for sure, with each answer and what it would give.
    """

    verdict: str
    why: tuple[str, ...]
    name: str
    model: str
    species: str
    ids: str
    values: str
    matrix: str
    orientation: str
    name_column: str
    matrices: tuple[MatrixOffer, ...]
    n_cells: int
    n_genes: int
    n_known: int
    n_human: int
    n_model: int
    n_tfs: int
    n_tfs_model: int
    left_out: tuple[LeftOut, ...]
    lost: tuple[LeftOut, ...]
    doubts: tuple[str, ...]
    notes: tuple[str, ...]
    questions: tuple[Question, ...] = ()

    def share(self, n: int) -> float:
        """Return a number of genes as a share of all."""
        return n / max(1, self.n_genes)

    def to_json(self) -> dict[str, Any]:
        """Return the report as JSON types; of the lost genes their number by reason, and the first names."""
        made = asdict(self) | {"found": "", "needed": "", "todo": ""}
        made["shares"] = {
            "known": self.share(self.n_known),
            "human": self.share(self.n_human),
            "model": self.share(self.n_model),
        }
        made["lost"] = {
            "number": len(self.lost),
            "reasons": dict(Counter(one.reason for one in self.lost)),
            "examples": [asdict(one) for one in self.lost[:EXAMPLES]],
        }
        made["warnings"] = list(dict.fromkeys((*self.why, *made.pop("doubts"))))
        return made


def report(dataset: Dataset, vocabulary: Collection[str], *, model: str) -> Report:
    """Say what became of a dataset's genes, values and matrix.

    Parameters
    ----------
    dataset
        As it was read.
    vocabulary
        The model's genes, human symbols.
    model
        The model's title.
    """
    match, known = dataset.match, frozenset(vocabulary)
    found = frozenset(filter(None, match.symbols))
    tfs = found & human_tfs_of(default_tf_list(match.species))
    lost = _lost(dataset, known, model=model)
    n_model = sum(symbol in known for symbol in match.symbols if symbol is not None)
    verdict, why = _verdict(dataset, n_model=n_model, n_tfs=len(tfs & known), model=model)
    reading = dataset.reading
    return Report(
        verdict=verdict,
        why=why,
        name=dataset.title,
        model=model,
        species=match.species if match.recognised else "",
        ids=match.id_type if match.recognised else "",
        values=dataset.value_kind,
        matrix=reading.matrix,
        orientation=reading.orientation,
        name_column=reading.name_column,
        matrices=reading.matrices,
        n_cells=dataset.n_cells,
        n_genes=dataset.n_genes,
        n_known=dataset.n_genes - match.n_unknown,
        n_human=match.n_matched,
        n_model=n_model,
        n_tfs=len(tfs),
        n_tfs_model=len(tfs & known),
        left_out=dataset.left_out,
        lost=lost,
        doubts=reading.doubts,
        notes=tuple(note for note in dataset.notes if note not in reading.doubts),
        questions=reading.questions,
    )


def refusal(error: GrnError, *, name: str) -> dict[str, Any]:
    """Return the report of a file that was refused, as JSON types."""
    nothing: dict[str, Any] = dict.fromkeys(one.name for one in fields(Report) if one.name != "doubts")
    told = {"found": error.found, "needed": error.needed, "todo": error.todo}
    return nothing | {"verdict": NOT_USABLE, "why": [error.found], "warnings": [error.found], "name": name, **told}


def lost_table(one: Report) -> bytes:
    """Return every name that takes no part, with its reason, as a table of text with tabs."""
    rows = [(lost.name, lost.reason) for lost in (*one.left_out, *one.lost)]
    return text_of(pd.DataFrame(rows, columns=["name", "reason"], dtype=str), delimiter="\t", digits="%g")


def _lost(dataset: Dataset, known: Collection[str], *, model: str) -> tuple[LeftOut, ...]:
    match = dataset.match
    names = frozenset(name for name, own in zip(dataset.genes, match.own_symbols, strict=True) if own is not None)
    found = []
    for name, own, symbol in zip(dataset.genes, match.own_symbols, match.symbols, strict=True):
        if own is None:
            found.append(LeftOut(name, _unknown(name, known=names, species=match.species)))
        elif symbol is None:
            found.append(LeftOut(name, "mouse gene without a 1:1 human ortholog"))
        elif symbol not in known:
            found.append(LeftOut(name, f"not in the vocabulary of {model}"))
    return tuple(found)


def _unknown(name: str, *, known: Collection[str], species: str) -> str:
    """Say why a name is no known gene: a numbered copy, as programs make of names that repeat, or of another kind."""
    if (original := original_of(name)) in known:
        return f"numbered copy of {original}, which is in the data"
    form = what_they_are([name])
    return f"no known {species} gene{f' (looks like {form})' if form else ''}"


def _verdict(dataset: Dataset, *, n_model: int, n_tfs: int, model: str) -> tuple[str, tuple[str, ...]]:
    """Return the verdict and the sentences that stand behind it."""
    match = dataset.match
    if n_model < 2:
        return NOT_USABLE, (f"{model} knows {n_model:,} of the {dataset.n_genes:,} genes; needed: at least 2.",)
    if not n_tfs and dataset.truth is None:
        return NOT_USABLE, (f"No TF is among the genes that {model} knows; needed: at least one.",)
    why = list(dataset.reading.doubts)
    if dataset.value_kind == "scaled":
        why.append(f"The values are {find_kind('scaled').title}: means are not comparable. Better: raw counts.")
    if match.n_unknown > MOST_UNKNOWN * dataset.n_genes:
        why.append(f"{match.n_unknown:,} of the {dataset.n_genes:,} names are no known genes.")
    asked = {one.about for one in dataset.reading.questions}
    if "species" not in asked and any(one.reason == OTHER_GENOME for one in dataset.left_out):
        why.append("Human and mouse genes are mixed: one species was chosen.")
    if n_tfs < FEW_TFS and dataset.truth is None:
        why.append(f"Only {n_tfs} of the genes {'is a TF' if n_tfs == 1 else 'are TFs'}.")
    if dataset.n_cells < FEW_CELLS:
        why.append(f"{counted(dataset.n_cells, 'cell is', 'cells are')} few: which genes vary is uncertain.")
    return (USABLE if why else GOOD), tuple(why)

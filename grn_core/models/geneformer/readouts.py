"""What a model that reads an order of genes can be asked; reading it needs no torch."""

from __future__ import annotations

from dataclasses import dataclass

GENEFORMER = "Theodoris et al. 2023, Nature 618:616"
LIMITS = "No sign and no probability: a score is in the readout's own unit, and comparable within one run only."
OF_ONE_CELL = "Asked in one cell: the panel's genes at their mean expression."


@dataclass(frozen=True)
class RankReadout:
    """A way to score TF-target pairs by a rank model.

    Attributes
    ----------
    name, title, description, limits, reference
        For menus and docs.
    unit
        What a score is, in words.
    directed
        Whether the score of a pair differs from that of the pair turned round.
    needs_cells
        Whether it needs measured cells; a bare gene list has none.
    """

    name: str
    title: str
    description: str
    limits: str
    unit: str
    directed: bool
    reference: str = GENEFORMER
    needs_cells: bool = True


READOUTS = {
    record.name: record
    for record in (
        RankReadout(
            name="delete",
            title="In-silico deletion",
            description="How much the target's contextual embedding changes when the TF is taken out of the order.",
            limits=f"{OF_ONE_CELL} {LIMITS}",
            unit="1 - cosine, 0 to 2",
            directed=True,
        ),
        RankReadout(
            name="move-to-front",
            title="In-silico overexpression",
            description="How much the target's contextual embedding changes when the TF moves to the first place.",
            limits=f"{OF_ONE_CELL} {LIMITS}",
            unit="1 - cosine, 0 to 2",
            directed=True,
        ),
        RankReadout(
            name="attention",
            title="Attention",
            description="How much the target attends to the TF: mean weight over all heads and layers.",
            limits=f"{OF_ONE_CELL} {LIMITS}",
            unit="weight, 0 to 1",
            directed=True,
        ),
        RankReadout(
            name="contextual",
            title="Contextual embedding",
            description="How alike TF and target are in the cell: cosine of their contextual embeddings.",
            limits=f"Symmetric. {OF_ONE_CELL} {LIMITS}",
            unit="cosine, -1 to 1",
            directed=False,
        ),
        RankReadout(
            name="embedding",
            title="Gene embedding",
            description="How alike TF and target are before any context: cosine of their embeddings. Needs no cell.",
            limits=f"Symmetric, and the same in every cell. {LIMITS}",
            unit="cosine, -1 to 1",
            directed=False,
            needs_cells=False,
        ),
    )
}
DEFAULT_READOUT = "delete"

"""The methods of TF activity, all of them decoupler's; reading this needs no decoupler."""

from __future__ import annotations

from dataclasses import dataclass

from grn_core.errors import RequestError


@dataclass(frozen=True)
class ActivityMethod:
    """How the activity of a TF is read from the expression of its targets.

    Attributes
    ----------
    name
        As decoupler calls it.
    title, description, unit, limits, reference
        For people: what it is, what it does, what a value is, what it cannot do, and where it is from.
    signed
        Whether repressed targets count against the TF.
    is_linear
        Whether it takes a matrix of weights; else lists of targets.
    value_s, tf_s
        Seconds of one core of a common server for each value of a cell and gene, and for each of them and TF.
    at_once
        Values of cells and genes that are handed over at a time: bounds the memory.
    """

    name: str
    title: str
    description: str
    unit: str
    limits: str
    reference: str
    signed: bool
    is_linear: bool
    value_s: float
    tf_s: float
    at_once: int = 10_000_000

    @property
    def meaning(self) -> str:
        """When a TF is called active, in a sentence."""
        if self.signed:
            return "A TF is called active where the genes that it activates are high, and those that it represses low."
        return "A TF is called active where its targets are among the highest genes of a cell, repressed ones too."


ULM = ActivityMethod(
    name="ulm",
    title="Univariate linear model (ULM)",
    description="For each cell and TF a line through all genes: their expression against their weight in the regulon.",
    unit="t-value of the slope: above 0 the targets are high in the cell, below 0 low",
    limits="Each TF is looked at alone: TFs that share targets share activity.",
    reference="Badia-i-Mompel et al. 2022, doi:10.1093/bioadv/vbac016",
    signed=True,
    is_linear=True,
    value_s=7e-8,
    tf_s=0.0,
)
AUCELL = ActivityMethod(
    name="aucell",
    title="AUCell",
    description="How early the targets come when the genes of a cell are ranked by expression, among the first 5 %.",
    unit="area under the recovery curve, 0 to 1",
    limits="It does not know signs: repressed targets count like activated ones. Ties are broken by a fixed draw.",
    reference="Aibar et al. 2017, doi:10.1038/nmeth.4463",
    signed=False,
    is_linear=False,
    value_s=5e-8,
    tf_s=1e-10,
)
MLM = ActivityMethod(
    name="mlm",
    title="Multivariate linear model (MLM)",
    description="For each cell one linear model of all TFs together, so that shared targets are shared out.",
    unit="t-value of the coefficient: above 0 the targets are high in the cell, below 0 low",
    limits="It needs fewer TFs than genes, and no two TFs with the same targets.",
    reference="Badia-i-Mompel et al. 2022, doi:10.1093/bioadv/vbac016",
    signed=True,
    is_linear=True,
    value_s=5e-8,
    tf_s=4e-10,
    at_once=20_000_000,  # it solves for the genes anew each time
)
METHODS = {one.name: one for one in (ULM, AUCELL, MLM)}
"""Name -> method, the default first."""


def find_method(name: str) -> ActivityMethod:
    """Return the method called `name`; `RequestError` if there is none."""
    if name not in METHODS:
        message = f"there is no activity method {name!r}"
        raise RequestError(message, needed=f"one of {', '.join(METHODS)}")
    return METHODS[name]

"""The ways to give a group of cells a network; nothing heavy loads here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grn_core.errors import RequestError

if TYPE_CHECKING:
    from grn_core.planning import Plan

CONTEXT = "context"
N_PERMUTATIONS = 1000
OF_CELLS = ("pearson", "spearman", "partial", CONTEXT)
"""Ways by which labels of cells can be permuted.

Under a permutation A and B are mixtures of both groups. Two genes that are higher in one group would go together in a
mixture, so each gene is brought to mean 0 and variance 1 within its group. That is enough for what reads correlations
alone. Whatever reads more of a gene's values, bins or splits, still sees which cells are of which group, by the value
of those without a count: every pair would share that in each mixture and in neither group.
"""


PERMUTED_ALIKE = ("pearson", "spearman")
"""Ways that give a group of cells the very scores that they give those cells by themselves."""


def ways(*, of_cells: bool = False) -> dict[str, str]:
    """Return name -> title of every way: the co-expression methods, then the model in the mean cell of the group.

    Parameters
    ----------
    of_cells
        Whether only those by which labels of cells can be permuted, `OF_CELLS`.
    """
    from grn_core.coexpression import METHODS

    every = {name: one.title for name, one in METHODS.items()} | {CONTEXT: "Foundation model, in the mean cell"}
    return {name: title for name, title in every.items() if not of_cells or name in OF_CELLS}


def check_way(method: str, *, of_cells: bool = False) -> None:
    """Refuse what is no way, or with `of_cells` none by which labels of cells can be permuted: `RequestError`."""
    if method not in ways():
        message = f"there is no method {method!r} for groups"
        raise RequestError(message, needed=f"one of {', '.join(ways())}", todo="choose one of them")
    if of_cells and method not in OF_CELLS:
        message = f"{ways()[method]} of groups whose cells are permuted: a mixture of both would look like a relation"
        needed = f"{', '.join(OF_CELLS)}; or two donors or more in each group, named by their column"
        raise RequestError(message, needed=needed, todo="choose such a method, or name the donors")


def planned(method: str, model: str) -> Plan | None:
    """Return what the model is asked; None for a co-expression method.

    Raises
    ------
    RequestError
        There is no such way.
    GrnError
        The model cannot be asked in a context.
    """
    from grn_core.planning import plan

    check_way(method)
    return plan(model, background="context") if method == CONTEXT else None

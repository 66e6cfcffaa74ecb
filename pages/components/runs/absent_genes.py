"""Genes that an address names and a run does not have: said with the reason, as it is told of any gene."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grn_core.runs import RunStore
from grn_core.runs.absent import standing_of

if TYPE_CHECKING:
    from collections.abc import Collection

    from pages.components.runs.view import RunView


def gene_of(run: RunView, name: str, known: Collection[str], *, what: str) -> tuple[str, str]:
    """Return which of the known genes of a run a name means, else an empty text and why it is none of them.

    Parameters
    ----------
    run
        The run.
    name
        As the address has it, or as it was typed; other spellings are found.
    known
        Genes of the run that can be shown.
    what
        What these are, in words, for a gene of the run that is none of them.
    """
    if not name or name in known:
        return name, ""
    found = standing_of(run.request, RunStore().panel(run.id), name)
    if found.label in known:
        return found.label, ""
    return "", found.why or f"{found.label} is a TF of this run and is not among {what}."

"""What ``benchmark`` refuses of its options before anything is measured."""

from __future__ import annotations

import argparse

from grn_core.benchmark.perturbed.names import SUITE as PERTURBATION
from grn_core.errors import RequestError


def refuse_what_changes_nothing(arguments: argparse.Namespace) -> None:
    """Refuse, of the suite of perturbed TFs, options by which its measurements would not differ."""
    given = ("seeds", "split", "coexpression", "expression")
    odd = [f"--{name}" for name in given if getattr(arguments, name) is not None]
    if odd:
        message = f"{', '.join(odd)} changes nothing of the suite {PERTURBATION}"
        raise RequestError(
            message, needed="the translator's own seeds, and every gene that was asked", todo="leave it out"
        )


def refuse_other_switches(arguments: argparse.Namespace) -> None:
    """Refuse, of the published protocol, splits and negatives that its table has no column for."""
    from grn_core.benchmark.results import published

    switches = {"split": published.SPLITS, "negatives": published.NEGATIVES}
    for name, known in switches.items():
        odd = [one for one in getattr(arguments, name) or () if one not in known]
        if odd:
            message = (
                f"--{name} {odd[0]} was given with --protocol {arguments.protocol}, whose table has no place for it"
            )
            raise RequestError(message, needed=f"--{name} {' or '.join(known)}", todo="leave out one of them")

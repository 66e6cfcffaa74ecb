"""What the kinds of work have in common that read several finished networks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from grn_core.in_words import counted
from grn_core.runs.regulons import check_finished
from grn_core.runs.request import Request, in_order, refuse

if TYPE_CHECKING:
    from grn_core.networks.matched import Matched


@dataclass(frozen=True, kw_only=True)
class NetworksRequest(Request):
    """Which finished networks are read; their order does not matter.

    Attributes
    ----------
    runs
        Ids of two or more runs, not more than `most`.
    """

    most: ClassVar[int | None] = None

    runs: tuple[str, ...]

    def __post_init__(self) -> None:
        """Put the runs in canonical order and refuse too few or too many of them."""
        self._set("runs", in_order(str(run) for run in self.runs))
        if len(self.runs) < 2 or (self.most is not None and len(self.runs) > self.most):
            needed = f"two {'or more' if self.most is None else f'to {self.most}'} different runs"
            refuse(
                f"{counted(len(self.runs), 'different run was', 'different runs were')} given",
                needed,
                todo="see `runs list`",
            )

    def check(self) -> None:
        """Refuse, before there is a run, networks that are not there."""
        for run_id in self.runs:
            check_finished(run_id)
        super().check()

    def look(self) -> None:
        """Refuse, before there is a run, networks without a pair in common, and what they cannot be asked together."""
        from grn_core.runs.matched import match_runs

        super().look()
        self.check_matched(match_runs(self.runs))

    def check_matched(self, matched: Matched) -> None:
        """Refuse what the networks, side by side, cannot be asked; a `GrnError`."""

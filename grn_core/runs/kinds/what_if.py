"""What a model foretells when TFs are changed, beside a measurement where one is given, as a run of its own."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, ClassVar

from grn_core.errors import ModelError
from grn_core.experiments.change import KNOCK_DOWN, KNOCK_OUT, LEFT, Change, positions_of
from grn_core.experiments.draw_limits import N_DRAWS, check_draws
from grn_core.files import sha256_of, write_table
from grn_core.planning import BACKGROUNDS
from grn_core.runs.doubts import doubts_of
from grn_core.runs.jobs import JobKind
from grn_core.runs.kinds.panel import PanelRequest, write_panel
from grn_core.runs.regulons import check_network, network_edges, network_hashes
from grn_core.runs.request import BY_CONTENT, in_order, names_in_order, refuse

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np

    from grn_core.datasets import Dataset, GenePanel
    from grn_core.progress import Progress

GENES, MEASURED = "what_if.parquet", "measured.parquet"


@dataclass(frozen=True, kw_only=True)
class WhatIfRequest(PanelRequest):
    """What `grn_core.experiments.predicting.predicted` is asked; model and measurement take part in the id by content.

    Attributes
    ----------
    changed
        Names of the TFs of the panel that are changed together.
    change, left
        As of `grn_core.experiments.change.Change`.
    background
        ``virtual``: a generic cell; ``context``: the mean of a group of cells.
    group
        ``(column, values)``: that group, apart from the cells from which the genes were chosen; None for the latter.
    donor
        Column of the donors, for the uncertainty in a group; empty where none is named.
    readout
        Output of the model that is read; None leaves it to the model.
    n_draws, seed
        Of the uncertainty.
    measured
        Name of the bundled or kept table of measured changes that the prediction is set beside, as of
        `grn_core.experiments.uploads`; of a path its last part. Empty for none.
    propagate
        Network with signs along which the change is passed on, as of `grn_core.runs.regulons`; empty for none.
    """

    kind: ClassVar[str] = "what-if"

    model: str = field(default="compact", metadata=BY_CONTENT)
    changed: tuple[str, ...] = ()
    change: str = KNOCK_OUT
    left: float = LEFT
    background: str = BACKGROUNDS[0]
    group: tuple[str, tuple[str, ...]] | None = None
    donor: str = ""
    readout: str | None = field(default=None, metadata=BY_CONTENT)
    n_draws: int = N_DRAWS
    seed: int = 0
    measured: str = field(default="", metadata=BY_CONTENT)
    propagate: str = ""

    def __post_init__(self) -> None:
        """Put lists in canonical order and refuse what no worker could compute."""
        super().__post_init__()
        self._set("changed", names_in_order(self.changed))
        self._set("measured", PurePath(self.measured).name)
        self._set("left", float(Change(self.change, float(self.left)).left))
        if not self.changed:
            refuse("no TF was named", "the TFs that are changed")
        if self.background not in BACKGROUNDS:
            refuse(f"unknown background {self.background!r}", " or ".join(BACKGROUNDS))
        if self.in_group and not self.has_cells:
            refuse("a group of cells was asked for without a dataset", "a dataset with cells, or a generic cell")
        self._set_group()
        if self.donor and not self.in_group:
            refuse("a column of donors was given for a generic cell", "the background context, or no donors")
        check_draws(self.n_draws, seed=self.seed)

    def _set_group(self) -> None:
        if self.group is None:
            return
        column, values = self.group
        if not values or not self.in_group:
            refuse("a group was named without values or background", "values, and the background context")
        group = (str(column), in_order(str(value) for value in values))
        self._set("group", None if group == self.cells else group)

    def decides(self) -> dict[str, Any]:
        """Return the fields that decide the result; neither a group that is the panel's cells nor an empty network."""
        unsaid = {name for name in ("group", "propagate") if not getattr(self, name)}
        return {name: value for name, value in super().decides().items() if name not in unsaid}

    def group_mask(self, dataset: Dataset) -> np.ndarray | None:
        """Return which cells are in the group, (n_cells,) bool; None for all of them."""
        return self.mask(dataset) if self.group is None else dataset.cells_where(*self.group)

    @property
    def in_group(self) -> bool:
        """Whether it is asked at the mean of a group of cells."""
        return self.background == "context"

    @property
    def reads_cells(self) -> bool:
        """Whether measured cells decide the changes."""
        return self.in_group

    @property
    def what(self) -> Change:
        """What is done to the TFs."""
        return Change(self.change, self.left)

    @property
    def unlike_measured(self) -> dict[str, bool]:
        """How the question differs from those whose answers were measured, see `grn_core.experiments.limits`."""
        part = self.change == KNOCK_DOWN and self.left > 0
        return {"group": self.in_group, "part": part, "several": len(self.changed) > 1}

    def called_as_in(self, panel: GenePanel) -> WhatIfRequest:
        """Return the question with its TFs by their names in its panel: it has one id by whatever names it is put.

        Parameters
        ----------
        panel
            Of this request.

        Raises
        ------
        RequestError
            A name is none of the panel's TFs.
        """
        return replace(self, changed=tuple(panel.labels[place] for place in positions_of(panel, self.changed)))

    def hashes(self) -> dict[str, str]:
        """Return the hashes of the weights, of what else of the model decides, and of the measurement."""
        from grn_core.experiments.uploads import measured_path
        from grn_core.models.registry import card, weights_sha

        known = card(self.model)
        asked = {**{name: known.get(name) for name in ("background", "grid")}, "readout": self.readout}
        found = {"model": weights_sha(self.model), "probe": json.dumps(asked, sort_keys=True)}
        found |= network_hashes(self.propagate) if self.propagate else {}
        return found | ({"measured": sha256_of(measured_path(self.measured))} if self.measured else {})

    def packages(self) -> tuple[str, ...]:
        """Return the packages that compute."""
        return ("numpy", "scipy", "torch")

    def check(self) -> None:
        """Refuse, before there is a run, a model without values, and a readout that would not show the cells."""
        from grn_core.models.registry import record_of

        if self.propagate:
            check_network(self.propagate)
        record = record_of(self.model)
        if not record.takes_values:
            message = f"{record.title} cannot be asked what if: {record.unavailable or 'it takes no values'}"
            raise ModelError(message, needed="a model of gene values, such as compact", todo="choose another model")
        if self.readout is not None and self.readout not in record.readouts:
            refuse(f"{record.title} has no readout {self.readout!r}", f"one of {', '.join(record.readouts)}")
        if self.in_group and (record.hides_targets(self.readout) if self.readout else not record.whole_cell_readout()):
            refuse(f"the readout of {record.title} hides the other genes of the cells", "one that shows every gene")
        super().check()

    def look(self) -> None:
        """Refuse, before there is a run, also a measurement that cannot be read and a network without signs."""
        from grn_core.experiments.named import read_named
        from grn_core.experiments.propagation import signed_edges

        super().look()
        if self.propagate:
            signed_edges(network_edges(self.propagate))
        if self.measured:
            read_named(self.measured)

    def check_cells(self, dataset: Dataset) -> None:
        """Refuse also a group or donors that the cells do not have, or have too few of."""
        from grn_core.experiments.draws import check_group

        super().check_cells(dataset)
        if self.in_group:
            check_group(dataset, self.group_mask(dataset), donor=self.donor)


def _what_if(request: WhatIfRequest, folder: Path, progress: Progress) -> dict[str, Any]:
    progress("read", 0, 1)
    dataset = request.dataset() if request.has_cells else None
    panel = request.panel(dataset)
    positions = positions_of(panel, request.changed)
    write_panel(folder, panel)

    from grn_core.experiments.draws import group_means
    from grn_core.experiments.named import beside_named, read_named
    from grn_core.experiments.others import of_others
    from grn_core.experiments.predicting import predicted
    from grn_core.experiments.propagation import ASSUMES, signed_edges, with_propagation
    from grn_core.models.load import resident_model
    from grn_core.settings import settings

    changes = read_named(request.measured) if request.measured else None
    network = network_edges(request.propagate) if request.propagate else None
    if network is not None:
        signed_edges(network)  # one that cannot be propagated along shows before anything is computed
    progress("read", 1, 1)
    progress("load", 0, 1)
    model, notes = resident_model(request.model, device=settings().device), list(panel.notes)
    progress("load", 1, 1)
    progress("ask", 0, 2)
    means = None
    if request.in_group and dataset is not None:
        cells = request.group_mask(dataset)
        means = group_means(
            dataset, cells, panel.genes, donor=request.donor, n_draws=request.n_draws, seed=request.seed
        )
    progress("ask", 1, 2)
    table = predicted(
        model,
        panel,
        request.changed,
        change=request.what,
        means=means,
        readout=request.readout,
        n_draws=request.n_draws,
        seed=request.seed,
        note=notes.append,
    )
    progress("ask", 2, 2)
    told: dict[str, Any] = {str(name): value for name, value in table.attrs.items()}
    notes += told.pop("notes")
    told |= {"genes": len(table), "n_cells": 0 if means is None else means.n_cells}
    table.attrs = {}
    if network is not None:
        table = with_propagation(table, network)
        table.attrs = {}
        told["propagated"] = ASSUMES
    beside: dict[str, Any] = {}
    if changes is not None:
        others = of_others(
            model, panel, positions, change=request.what, means=means, readout=request.readout, seed=request.seed
        )
        symbols = [panel.genes[one] for one in positions]
        beside, both = beside_named(
            table,
            changes,
            name=request.measured,
            tfs=symbols,
            change=request.change,
            others=others,
            seed=request.seed,
        )
        if both is not None:
            write_table(both, folder / MEASURED)
    write_table(table, folder / GENES)
    return {**told, **beside, "notes": notes, "doubts": [] if dataset is None else doubts_of(dataset)}


WHAT_IF = JobKind(
    request=WhatIfRequest,
    run=_what_if,
    result=GENES,
    stages={"read": 0.2, "load": 0.3, "ask": 0.5},
)

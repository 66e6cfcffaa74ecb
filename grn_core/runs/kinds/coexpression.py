"""A network by a co-expression method, from measured cells alone."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from grn_core.errors import RequestError
from grn_core.files import write_array
from grn_core.runs.doubts import doubts_of
from grn_core.runs.jobs import JobKind
from grn_core.runs.kinds.panel import PanelRequest, write_panel
from grn_core.runs.request import BY_CONTENT, refuse

if TYPE_CHECKING:
    from pathlib import Path

    from grn_core.progress import Progress

PACKAGES = {"mutual-information": "scikit-learn", "genie3": "scikit-learn", "grnboost2": "rustscenic"}
"""What computes beside numpy and scipy, by how the name of a method begins."""


@dataclass(frozen=True, kw_only=True)
class CoexpressionRequest(PanelRequest):
    """What a co-expression method is asked; the model takes part by its vocabulary alone.

    Attributes
    ----------
    method
        Name in `grn_core.coexpression.METHODS`.
    options
        Options of the method as (name, value) pairs, or a mapping; those at their default are left out.
    seed
        Of methods that draw; 0 for the others.
    """

    kind: ClassVar[str] = "coexpression"

    model: str = field(default="compact", metadata=BY_CONTENT)
    method: str = "pearson"
    options: tuple[tuple[str, int], ...] = ()
    seed: int = 0

    def __post_init__(self) -> None:
        """Put lists in canonical order and refuse what no worker could compute."""
        from grn_core.coexpression import find_method, resolved

        super().__post_init__()
        if not self.has_cells:
            refuse("co-expression was asked of a gene list without cells", "a dataset with cells")
        method = find_method(self.method)
        given = self.options.items() if isinstance(self.options, Mapping) else self.options
        chosen = resolved(self.method, {str(name): _whole(name, value) for name, value in given})
        usual = {option.name: option.default for option in method.options}
        self._set("options", tuple((name, chosen[name]) for name in sorted(chosen) if chosen[name] != usual[name]))
        self._set("seed", int(self.seed) if method.seeded else 0)
        if self.seed < 0:
            refuse(f"the seed is {self.seed}", "0 or more")

    def hashes(self) -> dict[str, str]:
        """Return the hash of the model's vocabulary, and the options with their values.

        Also those at their default, so that another default is another id; but for options that came later.
        """
        from grn_core.coexpression import find_method, resolved
        from grn_core.models.registry import vocabulary

        genes = hashlib.sha256("\n".join(vocabulary(self.model)).encode()).hexdigest()
        chosen = resolved(self.method, dict(self.options))
        unsaid = {one.name for one in find_method(self.method).options if one.later and chosen[one.name] == one.default}
        said = {name: value for name, value in chosen.items() if name not in unsaid}
        return {"vocabulary": genes, "options": json.dumps(said, sort_keys=True)}

    def packages(self) -> tuple[str, ...]:
        """Return the packages that compute."""
        from grn_core.coexpression import find_method

        given = dict(self.options)  # none of them at its default
        own = [name for start, name in PACKAGES.items() if self.method.startswith(start)]
        own += [one.package for one in find_method(self.method).options if one.package and one.name in given]
        return ("numpy", "scipy", *dict.fromkeys(own))


def _whole(name: str, value: Any) -> int:
    try:
        return int(value)
    except ValueError as error:
        message = f"{name} is {value!r}"
        raise RequestError(message, needed="a whole number", todo="correct it") from error


def _coexpression(request: CoexpressionRequest, folder: Path, progress: Progress) -> dict[str, Any]:
    import shutil

    from grn_core.coexpression import find_method, infer, shown_cells
    from grn_core.datasets import expression
    from grn_core.datasets.measured import units
    from grn_core.executors import computing
    from grn_core.networks import write_edges

    progress("read", 0, 1)
    panel, dataset = request.panel(), request.dataset()
    cells = request.mask(dataset)
    write_panel(folder, panel)
    values = expression(dataset, panel, cells)
    write_array(folder / "expression.npy", shown_cells(values))
    progress("read", 1, 1)
    method, parts = find_method(request.method), folder / "parts"
    with computing(progress) as executor:
        edges = infer(
            dataset,
            panel,
            cells,
            method=method.name,
            seed=request.seed,
            options=dict(request.options),
            folder=parts,
            progress=progress,
            executor=executor,
        )
    write_edges(edges, folder / "edges.parquet")
    shutil.rmtree(parts, ignore_errors=True)
    score = {name: getattr(method, name) for name in ("title", "unit", "signed", "directed", "limits")}
    size = {"edges": len(edges), "sources": len(panel.sources), "genes": len(panel.genes), "cells": values.shape[0]}
    notes = {"notes": list(panel.notes), "doubts": doubts_of(dataset)}
    return {**size, **notes, "score": score, "units": units(dataset)}


COEXPRESSION = JobKind(
    request=CoexpressionRequest,
    run=_coexpression,
    result="edges.parquet",
    stages={"read": 0.05, "co-expression": 0.95},
)

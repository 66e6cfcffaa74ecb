"""What a run is called: what is asked first, its dataset last, so that the beginnings of names tell runs apart."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from grn_core.benchmark.metrics.draws import N_DRAWS as AGAINST_DRAWS
from grn_core.benchmark.references.usual import USUAL_SEEDS
from grn_core.experiments.draw_limits import N_DRAWS
from grn_core.extractors import called
from grn_core.genes.usual import JOININGS, MIN_TARGETS, N_TARGETS
from grn_core.planning import ASKED_IN, BACKGROUNDS, EXTRACTORS, SIGNS
from grn_core.runs.called import network_called, reference_called, table_called
from grn_core.runs.kinds.activity import ActivityRequest
from grn_core.runs.kinds.against import AgainstRequest
from grn_core.runs.kinds.coexpression import CoexpressionRequest
from grn_core.runs.kinds.consensus import ConsensusRequest
from grn_core.runs.kinds.groups import BEST, N_PERMUTATIONS, AllGroupsRequest, GroupsRequest
from grn_core.runs.kinds.import_network import ImportRequest
from grn_core.runs.kinds.infer import InferRequest
from grn_core.runs.kinds.panel import GENES_ONLY, N_VARIABLE, CellsRequest, PanelRequest
from grn_core.runs.kinds.ranks import RanksRequest
from grn_core.runs.kinds.what_if import WhatIfRequest
from grn_core.translator.registry import DEFAULT, FOR_CELLS, record_of, title_of_translator

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from grn_core.datasets.groups import Groups
    from grn_core.runs.request import Request
    from grn_core.runs.state import RunInfo

BACKGROUND = dict(zip(ASKED_IN, ("Generic cell", "Your cells", "Generic cell + co-expression"), strict=True))
"""In which cell a model is asked, in words."""
BETWEEN = " · "
MOST = 3
"""Names that are written out; of more their number."""
SHORT = 4
"""Values of so few characters say nothing without the name of their column."""
MODEL = "compact"
LONGEST = 48


def name_of(request: Request) -> str:
    """Name a run from what it is asked: method or background, cells, what is not the default, the dataset last.

    Two requests that ask the same dataset for something else have other names, unless they differ in which genes or
    TFs of equally many are listed.
    """
    parts = [*_asked(request), request.subject]
    return BETWEEN.join(dict.fromkeys(part for part in parts if part))


def title_of(info: RunInfo) -> str:
    """Return what the user calls a run, or its name."""
    return info.marks.name or name_of(info.request)


def pinned_first(infos: Iterable[RunInfo]) -> list[RunInfo]:
    """Return runs with the pinned ones first, else in their order."""
    return sorted(infos, key=lambda info: not info.marks.pinned)


def file_name(title: str, run_id: str) -> str:
    """Return the beginning of the names of a run's files: its title in plain letters, and the run id's beginning."""
    plain = re.sub(r"[^a-z0-9]+", "-", title.lower())[:LONGEST].strip("-")
    return f"grn-{plain}-{run_id[:8]}" if plain else f"grn-{run_id[:8]}"


def background_of(request: Request) -> str:
    """Say in which cell a model was asked; empty where no model was asked that could be asked in either."""
    return BACKGROUND[request.asked_in] if isinstance(request, InferRequest) else ""


def _asked(request: Request) -> list[str]:
    if isinstance(request, ConsensusRequest):
        return [
            f"{JOININGS[request.method].made} of {len(request.runs)} runs",
            ", ".join(run[:6] for run in request.runs),
        ]
    if isinstance(request, AgainstRequest):
        return [
            f"Measured against {reference_called(request.reference)}",
            ", ".join(run[:6] for run in request.runs),
            "" if request.n_draws == AGAINST_DRAWS else f"{request.n_draws:,} draws",
            f"seed {request.seed}" if request.seed else "",
        ]
    if isinstance(request, ImportRequest):
        read = (request.species, request.score and f"score {request.score}", request.ranked and "ranked")
        more = (request.signed and "signed", request.direction)
        return [request.subject, "from a file", *(part for part in (*read, *more) if part)]
    if isinstance(request, InferRequest):
        return [background_of(request), cells_of(request), *_of_model(request), *_panel(request)]
    if isinstance(request, CoexpressionRequest):
        return [*_of_method(request), cells_of(request), *_panel(request)]
    if isinstance(request, ActivityRequest):
        return _of_activity(request)
    if isinstance(request, GroupsRequest):
        return [*_of_groups(request), *_panel(request)]
    if isinstance(request, AllGroupsRequest):
        best = "" if request.best == BEST else f"best {request.best:,}"
        return [f"All groups of {request.by}", *_way(request), best, cells_of(request), *_panel(request)]
    if isinstance(request, WhatIfRequest):
        return _of_what_if(request)
    if isinstance(request, RanksRequest):
        from grn_core.models.geneformer.readouts import DEFAULT_READOUT, READOUTS

        title = READOUTS[request.readout or DEFAULT_READOUT].title
        return [title, cells_of(request), Path(request.model).name, *_panel(request)]
    return []


def _of_model(request: InferRequest) -> list[str]:
    """Return what is not the default of model, translator, extractors and their options."""
    usual = DEFAULT if request.background == BACKGROUNDS[0] else FOR_CELLS
    known = record_of(request.translator)
    usual_extractors = EXTRACTORS if known is None else known.ensemble
    return [
        "" if request.model == MODEL else Path(request.model).name,
        "" if request.adapt is None else f"adapted, {request.adapt:,} steps",
        "" if request.extractors == usual_extractors else " + ".join(called(request.extractors)),
        "" if request.translator == usual else title_of_translator(request.translator),
        f"output {request.readout}" if request.readout else "",
        "" if request.signs == SIGNS[0] else "signed",
        ""
        if request.seeds == tuple(range(USUAL_SEEDS))
        else f"seeds {_listed(tuple(map(str, request.seeds)), 'seeds')}",
    ]


def _of_method(request: CoexpressionRequest) -> list[str]:
    from grn_core.coexpression import find_method

    options = [f"{value:,} {name}" for name, value in request.options]
    vocabulary = "" if request.model == MODEL else f"genes of {Path(request.model).name}"
    return [find_method(request.method).title, *options, f"seed {request.seed}" if request.seed else "", vocabulary]


def _of_activity(request: ActivityRequest) -> list[str]:
    from grn_core.datasets.annotations import column_title
    from grn_core.networks.activity.methods import find_method

    groups = request.groups()
    return [
        f"TF activity, {find_method(request.method).name.upper()}",
        network_called(request.network),
        "" if request.n_targets == N_TARGETS else f"{request.n_targets or 'all'} targets",
        "" if request.min_targets == MIN_TARGETS else f"at least {request.min_targets} targets",
        cells_of(request),
        f"by {column_title(request.group)}" if request.group else "",
        "" if groups is None else _two(groups),
        f"replicates: {column_title(request.donor)}" if request.donor else "",
    ]


def _of_groups(request: GroupsRequest) -> list[str]:
    from grn_core.datasets.annotations import column_title

    n = request.permutations
    return [
        _two(request.groups()),
        *_way(request),
        f"replicates: {column_title(request.donor)}" if request.donor else "",
        "" if n == N_PERMUTATIONS else f"{n:,} permutations",
        cells_of(request),
    ]


def _two(groups: Groups) -> str:
    """Name two groups of cells, of one column by their values alone."""
    if groups.a.column != groups.b.column:
        return f"{groups.a.title} against {groups.b.title}"
    column, a, b = groups.a.column, groups.a.values, groups.b.values
    before = f"{_bare_of((*a, *b), column)} ".lstrip()
    return f"{before}{_listed(a, 'groups of cells')} against {_listed(b, 'groups of cells')}"


def _way(request: GroupsRequest | AllGroupsRequest) -> list[str]:
    from grn_core.differential.ways import ways

    model = "" if request.model == MODEL else Path(request.model).name
    return [ways()[request.method], model, f"seed {request.seed}" if request.seed else ""]


def _of_what_if(request: WhatIfRequest) -> list[str]:
    return [
        f"{request.what.title} of {_listed(request.changed, 'TFs')}",
        BACKGROUND[request.background],
        cells_of(request),
        "" if request.group is None else f"in {_cells(request.group)}",
        f"replicates: {request.donor}" if request.donor else "",
        "" if request.model == MODEL else Path(request.model).name,
        f"output {request.readout}" if request.readout else "",
        f"propagated along {network_called(request.propagate)}" if request.propagate else "",
        f"beside {table_called(request.measured)}" if request.measured else "",
        "" if request.n_draws == N_DRAWS else f"{request.n_draws:,} draws",
        f"seed {request.seed}" if request.seed else "",
        *_panel(request),
    ]


def cells_of(request: Request) -> str:
    """Return the chosen cells by the values of their column; of a column made here, its title; "" for all cells."""
    if not isinstance(request, CellsRequest) or request.cells is None:
        return ""
    return _cells(request.cells)


def _cells(chosen: tuple[str, tuple[str, ...]]) -> str:
    column, values = chosen
    return _listed(values, "groups of cells", column=column)


def _panel(request: PanelRequest) -> list[str]:
    """Return what is not the default of genes and TFs."""
    genes = "" if request.n_variable == N_VARIABLE or request.genes else f"{request.n_variable:,} variable genes"
    if request.genes is not None and request.dataset_ref != GENES_ONLY:
        genes = f"{len(request.genes):,} genes of a list"
    own = isinstance(request.tfs, tuple)
    tfs = _listed(tuple(request.tfs), "TFs") if own else "" if request.tfs == "auto" else f"TFs of {request.tfs}"
    return [tfs if not own or len(request.tfs) > MOST else f"TFs {tfs}", genes, request.species or ""]


def _listed(names: Sequence[str], what: str, *, column: str = "") -> str:
    """Return a few names, or how many they are; `column` says of which column they are where they are bare numbers."""
    if len(names) > MOST:
        return f"{len(names):,} {what}"
    return f"{_bare_of(names, column)} {', '.join(names)}".lstrip()


def _bare_of(names: Sequence[str], column: str) -> str:
    """Return the name of a column whose values say nothing without it; empty where they do, or there is none."""
    from grn_core.datasets.annotations import REF, column_title

    bare = column and (REF.fullmatch(column) or all(len(name) < SHORT for name in names))
    return column_title(column) if bare else ""

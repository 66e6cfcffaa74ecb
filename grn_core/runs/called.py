"""What a run reads, a network, a reference or a table, by the name that people know it by."""

from __future__ import annotations

from collections.abc import Mapping


def network_called(name: str) -> str:
    """Name the network whose edges are taken: a bundled one, or a run by the beginning of its id."""
    from grn_core.runs.regulons import BUNDLED

    return BUNDLED[name].split(",")[0] if name in BUNDLED else f"network {name[:6]}"


def reference_called(name: str) -> str:
    """Name a reference that is measured against: a bundled one, an import, or a file."""
    from grn_core.benchmark.references.uploads import RUN, uploaded
    from grn_core.datasets.curated import MODELS
    from grn_core.runs.regulons import BUNDLED

    if name in BUNDLED:
        return network_called(name)
    if name in MODELS:
        return MODELS[name].title
    imported = RUN.fullmatch(name)
    return network_called(imported[1]) if imported else _file(name, uploaded())


def table_called(name: str) -> str:
    """Name a table of measured changes."""
    from grn_core.experiments.bundled import bundled
    from grn_core.experiments.uploads import stored_measured

    return bundled()[name].called if name in bundled() else _file(name, stored_measured())


def _file(name: str, kept: Mapping[str, str]) -> str:
    """Return what a kept file was called; of two that were called the same, by what its content is told apart."""
    from grn_core.benchmark.references.uploads import called, plain_name

    own = plain_name(name)
    return called(name) if sum(other == own for other in kept.values()) > 1 else own

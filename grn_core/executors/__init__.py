"""Where the parts of a run are computed: in its own process, or on the workers of a Dask cluster."""

from __future__ import annotations

from grn_core.executors.chosen import computing
from grn_core.executors.parcels import Parcel
from grn_core.executors.work import HERE, Executor, Work

__all__ = ["HERE", "Executor", "Parcel", "Work", "computing"]

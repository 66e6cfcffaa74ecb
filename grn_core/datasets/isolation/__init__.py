"""A user's file is parsed in a process of its own, with limits and without rights to other files; see `reader`."""

from __future__ import annotations

from grn_core.datasets.isolation.reader import dataset_made, dataset_of, read_apart

__all__ = ["dataset_made", "dataset_of", "read_apart"]

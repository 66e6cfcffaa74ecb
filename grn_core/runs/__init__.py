"""Runs: content-addressed records of long work, computed in processes of their own. Importing this stays torch-free."""

from grn_core.runs.cell_jobs import COEXPRESSION, UMAP
from grn_core.runs.jobs import register
from grn_core.runs.manager import cancel, ensure_running, remove, resume, status, submit, wait
from grn_core.runs.model_jobs import ADD, BENCHMARK, PULL
from grn_core.runs.network_jobs import CONSENSUS, INFER, RANKS
from grn_core.runs.request import RunRequest
from grn_core.runs.state import RunInfo, RunStatus
from grn_core.runs.store import RunStore

__all__ = [
    "RunInfo",
    "RunRequest",
    "RunStatus",
    "RunStore",
    "cancel",
    "ensure_running",
    "remove",
    "resume",
    "status",
    "submit",
    "wait",
]

for _kind in (INFER, RANKS, COEXPRESSION, UMAP, CONSENSUS, BENCHMARK, PULL, ADD):
    register(_kind)

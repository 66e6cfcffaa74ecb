"""A finished co-expression run on a small built-in dataset: the real work, done in this process."""

from __future__ import annotations

from grn_core import datasets
from grn_core.progress import silent
from grn_core.runs import CoexpressionRequest, RunStatus, RunStore
from grn_core.runs.jobs import job_kind

DATASET = "GSD"


def coexpression_request(method: str = "pearson", **options) -> CoexpressionRequest:
    dataset = datasets.load(DATASET)
    content = {"dataset_ref": DATASET, "dataset_sha": dataset.sha256, "title": dataset.title}
    return CoexpressionRequest(method=method, **{**content, **options})


def coexpression_run(method: str = "pearson", **options) -> str:
    """Compute and store a run; return its id."""
    store, request = RunStore(), coexpression_request(method, **options)
    run_id = store.write_request(request)
    store.write_result(run_id, job_kind("coexpression").run(request, store.path(run_id), silent))
    store.write_status(run_id, RunStatus("done", fraction=1.0))
    return run_id

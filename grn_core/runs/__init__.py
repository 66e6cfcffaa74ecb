"""Runs: content-addressed records of long work, computed in processes of their own. Importing this stays torch-free."""

from grn_core.runs.jobs import register
from grn_core.runs.kinds.activity import ACTIVITY, ActivityRequest
from grn_core.runs.kinds.adapt import ADAPT, AdaptRequest
from grn_core.runs.kinds.against import AGAINST, AgainstRequest
from grn_core.runs.kinds.benchmark import BENCHMARK, BenchmarkRequest
from grn_core.runs.kinds.checkpoints import ADD, PULL, AddRequest, PullRequest
from grn_core.runs.kinds.coexpression import COEXPRESSION, CoexpressionRequest
from grn_core.runs.kinds.consensus import CONSENSUS, ConsensusRequest
from grn_core.runs.kinds.download import DOWNLOAD, DownloadRequest
from grn_core.runs.kinds.groups import ALL_GROUPS, GROUPS, AllGroupsRequest, GroupsRequest
from grn_core.runs.kinds.import_network import IMPORT, ImportRequest
from grn_core.runs.kinds.infer import INFER, InferRequest
from grn_core.runs.kinds.measure import MEASURE, MeasureRequest
from grn_core.runs.kinds.pretrain import PRETRAIN, PretrainRequest
from grn_core.runs.kinds.ranks import RANKS, RanksRequest
from grn_core.runs.kinds.train_translator import TRAIN_TRANSLATOR, TrainTranslatorRequest
from grn_core.runs.kinds.umap import UMAP, UmapRequest
from grn_core.runs.kinds.what_if import WHAT_IF, WhatIfRequest
from grn_core.runs.manager import cancel, ensure_running, mark, resume, status, submit, wait
from grn_core.runs.request import Request
from grn_core.runs.state import RunInfo, RunStatus
from grn_core.runs.store import RunStore
from grn_core.runs.trash import remove, removed_runs, restore

__all__ = [
    "ActivityRequest",
    "AdaptRequest",
    "AddRequest",
    "AgainstRequest",
    "AllGroupsRequest",
    "BenchmarkRequest",
    "CoexpressionRequest",
    "ConsensusRequest",
    "DownloadRequest",
    "GroupsRequest",
    "ImportRequest",
    "InferRequest",
    "MeasureRequest",
    "PretrainRequest",
    "PullRequest",
    "RanksRequest",
    "Request",
    "RunInfo",
    "RunStatus",
    "RunStore",
    "TrainTranslatorRequest",
    "UmapRequest",
    "WhatIfRequest",
    "cancel",
    "ensure_running",
    "mark",
    "remove",
    "removed_runs",
    "restore",
    "resume",
    "status",
    "submit",
    "wait",
]

for _kind in (
    *(INFER, RANKS, COEXPRESSION, UMAP, ACTIVITY, GROUPS, ALL_GROUPS, WHAT_IF, MEASURE, CONSENSUS, IMPORT, BENCHMARK),
    AGAINST,
    *(TRAIN_TRANSLATOR, ADAPT, PRETRAIN, PULL, ADD, DOWNLOAD),
):
    register(_kind)

"""The work on models: measuring one, downloading a checkpoint, entering a folder."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from grn_core.runs.jobs import JobKind

if TYPE_CHECKING:
    from pathlib import Path

    from grn_core.benchmark.options import BenchmarkOptions
    from grn_core.models.folders import FolderRecord
    from grn_core.progress import Progress
    from grn_core.runs.request import RunRequest


def _benchmark(request: RunRequest, folder: Path, progress: Progress) -> dict[str, Any]:
    from grn_core.benchmark.job import run_job

    return run_job(_benchmark_options(request), folder, progress=progress)


def _benchmark_hashes(request: RunRequest) -> dict[str, str]:
    from grn_core.benchmark.job import hashes

    return hashes(_benchmark_options(request))


def _benchmark_options(request: RunRequest) -> BenchmarkOptions:
    from grn_core.benchmark.options import BenchmarkOptions

    return BenchmarkOptions.from_json({**dict(request.extra), "model": request.model, "n_seeds": len(request.seeds)})


def _pull(request: RunRequest, folder: Path, progress: Progress) -> dict[str, Any]:
    from grn_core.hub.pull import pull

    return _registered(pull(request.model, progress=progress), folder)


def _pull_hashes(request: RunRequest) -> dict[str, str]:
    from grn_core.hub.manifest import fingerprint

    return {"checkpoint": fingerprint(request.model)}


def _add(request: RunRequest, folder: Path, progress: Progress) -> dict[str, Any]:
    from grn_core.hub.check import add

    return _registered(add(dict(request.extra)["folder"], name=request.model, progress=progress), folder)


def _add_hashes(request: RunRequest) -> dict[str, str]:
    from grn_core.hub.check import stamp

    return {"files": stamp(dict(request.extra)["folder"])}


def _registered(record: FolderRecord, folder: Path) -> dict[str, Any]:
    """Point to the entry in the list of folders: when the user takes it off, the work counts as not done."""
    from grn_core.models.folders import record_file

    link = folder / "record.json"
    link.unlink(missing_ok=True)
    link.symlink_to(record_file(record.name).resolve())
    return {"name": record.name, "folder": str(record.folder), "format": record.format}


BENCHMARK = JobKind(
    name="benchmark",
    run=_benchmark,
    result="results/manifest.json",
    options=("model", "seeds", "extra"),
    stages={"corpus": 0.1, "measure": 0.9},
    hashes=_benchmark_hashes,
)
PULL = JobKind(
    name="pull",
    run=_pull,
    result="record.json",
    options=("model",),
    stages={"download": 0.9, "verify": 0.05, "check": 0.05},
    hashes=_pull_hashes,
    uses_device=False,
)
ADD = JobKind(
    name="add",
    run=_add,
    result="record.json",
    options=("model", "extra"),
    stages={"verify": 0.3, "check": 0.7},
    hashes=_add_hashes,
    uses_device=False,
)

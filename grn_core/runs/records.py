"""The folder of runs: one subfolder a run, named by the content of its request.

``run.json`` (request, hashes, versions, created, result), ``status.json``, ``panel.json``, ``features/``,
``edges.parquet`` and ``expression.npy``, or ``embedding.npy``, ``log.txt``; ``marks.json`` is what the user says of it;
``lock`` is held by the living worker, ``gate`` for the moment in which somebody decides whether to start or end one,
``cancel`` exists when the user asked to stop.
"""

from __future__ import annotations

import os
import re
import time
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from math import inf
from typing import TYPE_CHECKING, Any

from grn_core.errors import RunError
from grn_core.files import make_private, take_away
from grn_core.runs.damage import CHANGING, NAME_OF_RUN, damaged_error, ended_by_record, is_newer, unread_error
from grn_core.runs.jobs import job_kind, request_from_json
from grn_core.runs.locks import hold, is_held
from grn_core.runs.marks import Marks, read_marks
from grn_core.runs.old_records import EXECUTOR, OWNER, today
from grn_core.runs.request import FORMAT
from grn_core.runs.state import RunInfo, RunStatus, is_starting, left_alone
from grn_core.runs.versions import package_versions
from grn_core.settings import installation_of, settings
from grn_core.sums import differing, read_summed, sums_below, write_summed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from grn_core.runs.request import Request


UNREADABLE = "the status of this run cannot be read"


class RunRecords:
    """Records and states of the runs on disk.

    Parameters
    ----------
    root
        Folder of runs; by default the one of `grn_core.settings`.
    """

    def __init__(self, root: Path | None = None) -> None:
        self.root = settings().runs if root is None else root

    @property
    def device_lock(self) -> Path:
        """Lock file of the computing device: one worker at a time, of whatever home."""
        return installation_of(self.root.parent) / "device.lock"

    def path(self, run_id: str) -> Path:
        """Return the run's folder, which need not exist.

        Raises
        ------
        RunError
            The id is not one of ours; ids come from URLs and must never lead out of the store.
        """
        if not re.fullmatch(NAME_OF_RUN, run_id):
            message = f"{run_id!r} is not a run id"
            raise RunError(message, needed="16 hexadecimal digits", todo="choose a run from the list of runs")
        return self.root / run_id

    @contextmanager
    def gate(self, run_id: str, *, new: bool = False) -> Iterator[None]:
        """Keep everybody else from starting or ending the run's worker.

        Parameters
        ----------
        run_id
            The run.
        new
            Whether its folder is made where there is none.

        Raises
        ------
        RunError
            There is no such run, or it was removed while we waited.
        """
        folder, held = self.path(run_id), ExitStack()
        while True:
            try:
                held.enter_context(hold(folder / "gate", wait_s=inf))
                break
            except (FileNotFoundError, NotADirectoryError) as error:
                if not new or (os.path.lexists(folder) and not folder.is_dir()):
                    raise unread_error(run_id, folder) from error
                make_private(folder)
        with held:
            yield

    def write_request(self, request: Request, *, owner: str = OWNER, executor: str = EXECUTOR) -> str:
        """Write ``run.json`` unless a readable one is there; return the run id.

        Parameters
        ----------
        request
            What is asked.
        owner, executor
            Whose run it is, and what computes it.
        """
        run_id = request.run_id()
        if self._request(self._record(run_id)) is None:
            if is_newer(read_summed(self.path(run_id) / "run.json", unsummed=True)):
                raise unread_error(run_id, self.path(run_id))
            hashes = request.hashes()
            if sha := getattr(request, "dataset_sha", ""):
                hashes = {"dataset": sha, **hashes}
            record = {
                "run_id": run_id,
                "format": FORMAT,
                "created": datetime.now(UTC).isoformat(timespec="milliseconds"),
                "owner": owner,
                "executor": executor,
                "title": request.subject,
                "request": request.to_json(),
                "hashes": hashes,
                "versions": package_versions(),
                "result": {},
            }
            # What a record that cannot be read was about is not known: what stands beside it is no result of this one.
            take_away(self.path(run_id) / "status.json")
            self._write(run_id, "run.json", record)
        return run_id

    def restate(self, run_id: str, request: Request) -> None:
        """Let the record of a finished run name things as they are named now (`Request.restated`)."""
        record = self.record(run_id)
        named = request.restated(request_from_json(record["request"]))
        if record["request"] != named.to_json():
            changed = {**record, "request": named.to_json(), "title": named.subject}
            self._write(run_id, "run.json", changed)

    def record(self, run_id: str) -> dict[str, Any]:
        """Return ``run.json``, in today's format whatever version wrote it.

        Raises
        ------
        RunError
            There is no such run, or its record is damaged.
        """
        record: dict[str, Any] = self._record(run_id)
        if self._request(record) is None:
            raise unread_error(run_id, self.path(run_id))
        return record

    def request(self, run_id: str) -> Request:
        """Return the request of a run."""
        return request_from_json(self.record(run_id)["request"])

    def write_result(self, run_id: str, summary: dict[str, Any], *, whole: bool = False) -> None:
        """Add the summary of the result to ``run.json``.

        Parameters
        ----------
        run_id
            The run.
        summary
            What was found, in JSON types.
        whole
            Whether every file of the run is there as it will stay; their sums are kept then.
        """
        record = {**self.record(run_id), "result": summary}
        if whole:
            record["files"] = sums_below(self.path(run_id), leave=CHANGING)
        self._write(run_id, "run.json", record)

    def damaged(self, run_id: str) -> list[str]:
        """Return the files of a run that are not as it left them; none where it has not ended."""
        return differing(self.path(run_id), self.record(run_id).get("files") or {})

    def file(self, run_id: str, name: str) -> Path:
        """Return the path of a file or folder of a run, which need not exist; of a finished run it is held to its sum.

        Raises
        ------
        RunError
            It is not as the run left it.
        """
        told = self.record(run_id).get("files") or {}
        own = {one: sha for one, sha in told.items() if one == name or one.startswith(f"{name}/")}
        if wrong := differing(self.path(run_id), own):
            raise damaged_error(run_id, wrong[0])
        return self.path(run_id) / name

    def write_status(self, run_id: str, status: RunStatus) -> RunStatus:
        """Write ``status.json`` and its sum, stamped with the present time, and return what was written."""
        stamped = status.replace(updated=time.time())
        self._write(run_id, "status.json", stamped.to_json())
        return stamped

    def _write(self, run_id: str, name: str, content: dict[str, Any]) -> None:
        """Write a record and its sum; a folder in its place, which is none of ours, would be in the way for good."""
        path = self.path(run_id) / name
        if path.is_dir():
            take_away(path)
        write_summed(path, content)

    def written_status(self, run_id: str) -> RunStatus:
        """Return the status as it was last written; ``interrupted`` when that cannot be read."""
        try:
            return RunStatus.from_json(read_summed(self.path(run_id) / "status.json", unsummed=True))
        except ValueError:
            return RunStatus("interrupted", message=UNREADABLE)

    def status(self, run_id: str) -> RunStatus:
        """Return what the run is doing now.

        Raises
        ------
        RunError
            There is no such run.
        """
        return self._status(run_id, self.request(run_id))

    def _status(self, run_id: str, request: Request) -> RunStatus:
        status = self.written_status(run_id)
        if status.message == UNREADABLE and not is_held(self.path(run_id) / "lock"):
            status = ended_by_record(self.record(run_id), self.path(run_id)) or status
        if status.finished:
            if status.state == "done" and not job_kind(request.kind).is_held(self.path(run_id)):
                return status.replace(state="interrupted", message="the result of this run has been removed")
            return status
        if is_held(self.path(run_id) / "lock"):
            return status if status.active else status.replace(state="running")
        status = self.written_status(run_id)  # a worker writes its last word before it lets the lock go
        if status.finished or is_starting(status):
            return status
        if self.cancel_asked(run_id):
            return status.replace(state="cancelled", message="cancelled")
        return left_alone(status, self.path(run_id))

    def cancel_asked(self, run_id: str) -> bool:
        """Tell whether the user asked to stop the run."""
        return (self.path(run_id) / "cancel").exists()

    def ask_cancel(self, run_id: str, *, cancel: bool) -> None:
        """Ask the worker to stop, or take that back."""
        flag = self.path(run_id) / "cancel"
        if cancel:
            flag.touch()
        else:
            take_away(flag)

    def list_runs(self) -> list[RunInfo]:
        """Return every readable run, newest first; damaged folders are passed over."""
        found = []
        for folder in self.root.iterdir() if self.root.is_dir() else ():
            with suppress(RunError, FileNotFoundError):  # as one that is removed just now
                record = self._record(folder.name)
                request = self._request(record)
                if request is not None:
                    status = self._status(folder.name, request)
                    created, marks = str(record.get("created", "")), read_marks(folder)
                    found.append(RunInfo(folder.name, request, created, status, marks))
        return sorted(found, key=lambda info: (info.created, info.run_id), reverse=True)

    def marks(self, run_id: str) -> Marks:
        """Return what the user says of a run."""
        return read_marks(self.path(run_id))

    def _record(self, run_id: str) -> Any:
        """Return ``run.json`` in today's format; None where it is absent, or damaged beyond reading."""
        try:
            record = read_summed(self.path(run_id) / "run.json", unsummed=True)
            return None if is_newer(record) else today(record)
        except RunError:
            raise
        except Exception:  # noqa: BLE001 - whatever a damaged record does to us, it is no run
            return None

    @staticmethod
    def _request(record: Any) -> Request | None:
        try:
            return request_from_json(record["request"])
        except Exception:  # noqa: BLE001 - as above
            return None

"""Public archives of datasets and reference networks: download, check, unpack."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from grn_core.files import read_json, write_json
from grn_core.runs.jobs import JobKind
from grn_core.runs.request import Request

if TYPE_CHECKING:
    from pathlib import Path

    from grn_core.progress import Progress

RECEIPT = "receipt.json"
STAGES = {"download": 0.85, "check": 0.05, "unpack": 0.1}
SHOWN = {"check": "verify"}
"""The first words of the stages that `grn_core.downloads` reports, and what the run calls them."""


@dataclass(frozen=True, kw_only=True)
class DownloadRequest(Request):
    """Which archive is brought here.

    Attributes
    ----------
    archive
        Short name in the manifest of archives.
    accept
        SHA-256 of a file that the user accepts although it is not the one that was expected.
    """

    kind: ClassVar[str] = "download"

    archive: str
    accept: str | None = None

    def __post_init__(self) -> None:
        """Make no difference between no hash and an empty one."""
        self._set("accept", (self.accept or "").strip() or None)

    @property
    def subject(self) -> str:
        """Title, or the name."""
        return self.title or self.archive

    def hashes(self) -> dict[str, str]:
        """Return the hash of what the manifest says of the archive."""
        from grn_core.downloads import find_archive

        facts = json.dumps(asdict(find_archive(self.archive)), sort_keys=True, default=str)
        return {"archive": hashlib.sha256(facts.encode()).hexdigest()}


def _download(request: DownloadRequest, folder: Path, progress: Progress) -> dict[str, Any]:
    from grn_core.downloads import pull

    def tell(stage: str, done: int, total: int) -> None:
        first = stage.split(maxsplit=1)[0]
        counts = first in STAGES and stage.endswith(", bytes")
        progress(SHOWN.get(first, first) if counts else stage, done, total)

    found = pull(request.archive, accept=request.accept, progress=tell)
    files = {name: str(path) for name, path in found.files.items()}
    write_json(folder / RECEIPT, {"archive": request.archive, "receipt": found.receipt})
    return {"archive": request.archive, "state": found.state, "files": files}


def _is_here(folder: Path) -> bool:
    from grn_core.downloads import find_archive, held

    name = (read_json(folder / RECEIPT) or {}).get("archive", "")
    return bool(name) and held(find_archive(name)).is_here


DOWNLOAD = JobKind(
    request=DownloadRequest,
    run=_download,
    result=RECEIPT,
    stages={SHOWN.get(name, name): share for name, share in STAGES.items()},
    is_there=_is_here,
    uses_device=False,
)

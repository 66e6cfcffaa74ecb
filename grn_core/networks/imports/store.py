"""Networks that were uploaded, kept once by content."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import BinaryIO

from grn_core.disk import check_room
from grn_core.errors import DataError
from grn_core.files import part_folder
from grn_core.settings import settings

CHUNK = 1024**2


def store_network(name: str, content: BinaryIO) -> Path:
    """Keep an uploaded file, and return where it is; it is not read.

    Parameters
    ----------
    name
        Name of the user's file; of it only plain signs are kept.
    content
        The open file; read in chunks.

    Raises
    ------
    DataError, RequestError
        It is larger than the settings allow, or than what the user may still keep.
    """
    most = settings().max_upload_mb * CHUNK
    plain = re.sub(r"[^\w.+ -]", "_", Path(name.replace("\\", "/")).name)[-60:].strip(". ") or "network"
    content.seek(0)
    with part_folder(settings().home / "networks") as folder:
        part, digest, n_bytes = folder / plain, hashlib.sha256(), 0
        with part.open("wb") as out:
            while chunk := content.read(CHUNK):
                n_bytes += len(chunk)
                if n_bytes > most:
                    message = f"the file is larger than {settings().max_upload_mb:,} MB"
                    todo = "keep the best edges, or set GRN_MAX_UPLOAD_MB"
                    raise DataError(message, needed=f"at most {settings().max_upload_mb:,} MB", todo=todo)
                digest.update(chunk)
                out.write(chunk)
        check_room(n_bytes, written=True)
        place = settings().home / "networks" / digest.hexdigest()[:12]
        place.mkdir(exist_ok=True)
        return part.replace(place / plain)

"""What becomes of each file that is drawn.

Whatever it is must end within a minute as a dataset or as one of our errors, and leave no half-stored upload. Inputs
that do neither are kept in ``build/fuzz``.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
from hypothesis import HealthCheck, Phase, given, seed
from hypothesis import settings as law

from grn_core.datasets import load, read, store_upload
from grn_core.datasets.dataset import Dataset
from grn_core.datasets.store import find_upload
from grn_core.errors import GrnError
from grn_core.settings import settings
from tests.fuzz.inputs import inputs
from tests.fuzz.sound import h5ad_files, other_files

KEPT = Path("build/fuzz")
LONGEST_S = 60.0
UPLOADED = 20
"""Each input of this number is uploaded too: spooled, read, kept and opened again."""
ROUND = 200
WORDS = {
    "took longer": "over time",
    "of memory, which is all": "over memory",
    "crashed (": "crash of the reader, said in words",
    "stopped with": "end of the reader, said in words",
    "left nothing that": "answer that could not be used, said in words",
    "cannot be read": "refused, with a library's reason",
}
FAILURES = (
    "refused without words",
    "another error than ours",
    "more than a minute",
    "half-stored upload",
    "unsound dataset",
)


def work(number: int, until: float) -> Counter[str]:
    """Draw and read files until the time is up; count what became of them."""
    counted = Counter[str]()
    with tempfile.TemporaryDirectory() as place:
        os.environ["GRN_HOME"] = f"{place}/home"
        folder = Path(place)
        drawn = inputs(h5ad_files(folder), other_files(folder))
        while time.time() < until:
            number += 1

            @law(
                max_examples=ROUND,
                deadline=None,
                database=None,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            )
            @seed(number)
            @given(drawn)
            def one_round(one: tuple[str, bytes]) -> None:
                if time.time() < until:
                    for said in outcomes(folder, *one, uploaded=counted["inputs"] % UPLOADED == 0):
                        counted[said] += 1
                        if said in FAILURES:
                            _keep(said, *one)
                    counted["inputs"] += 1
                    counted["inputs, .h5ad"] += one[0].endswith(".h5ad")

            one_round()
            print(json.dumps(counted), flush=True)
    return counted


def outcomes(folder: Path, name: str, content: bytes, *, uploaded: bool) -> list[str]:
    """Read one file, and upload it where that is asked for; say what came of it."""
    path, start = folder / f"drawn-{name}", time.monotonic()
    path.write_bytes(content)
    found = [_said(lambda: _look_at(read(path)))]
    if uploaded:
        found += ["uploads", *_upload(path)]
    if time.monotonic() - start > LONGEST_S * (1 + uploaded):
        found.append("more than a minute")
    return found


def _said(work: Callable[[], object]) -> str:
    try:
        work()
    except GrnError as error:
        if not error.found or not (error.todo or error.needed):
            return "refused without words"
        return next((said for words, said in WORDS.items() if words in error.found), "refused in our words")
    except AssertionError:
        traceback.print_exc()
        return "unsound dataset"
    except Exception:  # noqa: BLE001 (it is what is looked for)
        traceback.print_exc()
        return "another error than ours"
    return "read"


def _look_at(dataset: Dataset) -> None:
    """Use a dataset as the app does first."""
    assert dataset.matrix.shape == (dataset.n_cells, dataset.n_genes) == (len(dataset.obs), len(dataset.genes))
    assert np.isfinite(dataset.matrix.data).all()
    assert dataset.matrix.sum() == dataset.matrix.T.tocsr().sum() or dataset.matrix.nnz > 0


def _upload(path: Path) -> list[str]:
    """Upload a file; what is in the folder of uploads afterwards is whole and can be opened."""
    kept: list[str] = []
    found = [f"upload: {_said(lambda: kept.append(store_upload(path.name, io.BytesIO(path.read_bytes()))))}"]
    folder = settings().uploads
    refs = [one.stem for one in folder.glob("upload-*.json")]
    files = [one.name for one in folder.iterdir() if one.suffix != ".json" or not one.name.startswith("upload-")]
    if len(files) != len(refs) or any(find_upload(ref, folder) is None for ref in refs):
        found.append("half-stored upload")
    found += [f"opened: {_said(lambda ref=ref: _look_at(load(ref)))}" for ref in kept]
    return found


def _keep(said: str, name: str, content: bytes) -> None:
    KEPT.mkdir(parents=True, exist_ok=True)
    (KEPT / f"{said.replace(' ', '-')}-{hashlib.sha256(content).hexdigest()[:12]}-{name}").write_bytes(content)

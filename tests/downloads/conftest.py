from __future__ import annotations

import hashlib
import io
import json
import zipfile

import numpy as np
import pandas as pd
import pytest

from grn_core.downloads import manifest, transfer
from tests.downloads.archive_server import Site, serving


@pytest.fixture(autouse=True)
def straight_to_loopback(monkeypatch):
    """No proxy between the tests and their server, and no long pauses."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(transfer, "PAUSE_S", 0.01)


@pytest.fixture
def site(monkeypatch):
    """A server in the place of the public archives; put files into `site.files`."""
    with serving(Site(files={})) as one:
        monkeypatch.setenv("GRN_MIRROR", one.url)
        yield one


def zipped(files: dict[str, bytes]) -> bytes:
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return memory.getvalue()


def csv(frame: pd.DataFrame, **options) -> bytes:
    return frame.to_csv(**options).encode()


GENES = {
    "human": ("SOX2", "POU5F1", "NANOG", "GATA4", "ACTB", "GAPDH", "LYZ", "CD14", "MS4A1", "NKG7", "CD3E", "KRT8"),
    "mouse": ("Sox2", "Pou5f1", "Nanog", "Gata4", "Actb", "Gapdh", "Lyz2", "Cd14", "Ms4a1", "Nkg7", "Cd3e", "Krt8"),
}
"""The first four are TFs."""


def beeline_cells(datasets: dict[str, str], *, n_cells: int = 20) -> dict[str, bytes]:
    """Return the files of BEELINE-data.zip for some datasets (name -> species), laid out as they are there."""
    files = {"BEELINE-data/inputs/Curated/GSD/refNetwork.csv": b"Gene1,Gene2,Type\n"}
    for name, species in datasets.items():
        genes = list(GENES[species])
        cells = [f"{name}_{i}" for i in range(n_cells)]
        values = np.random.default_rng(len(name)).gamma(1.0, 1.0, size=(len(genes), n_cells)).round(4)
        p = [1e-30, 1e-20, 0.5, 1e-9, 1e-8, 1e-7, 1e-6, 1e-5, 0.2, 1e-12, 1e-12, 1e-12]
        variance = [9.0, 8.0, 7.0, 6.0, 5.0, 4.0, 3.0, 2.0, 99.0, 1.0, 0.5, 0.2]
        ordering = pd.DataFrame({"VGAMpValue": p, "Variance": variance}, index=genes)
        time = pd.DataFrame({"PseudoTime1": np.linspace(0, 1, n_cells)}, index=cells)
        folder = f"BEELINE-data/inputs/scRNA-Seq/{name}"
        files[f"{folder}/ExpressionData.csv"] = csv(pd.DataFrame(values, index=genes, columns=cells))
        files[f"{folder}/GeneOrdering.csv"] = csv(ordering)
        files[f"{folder}/PseudoTime.csv"] = csv(time)
    return files


SPECIES = {"hESC": "human", "hHep": "human", "mDC": "mouse", "mESC": "mouse"} | dict.fromkeys(
    ("mHSC-E", "mHSC-GM", "mHSC-L"), "mouse"
)
EDGES = b"Gene1,Gene2\nSOX2,ACTB\nSOX2,ACTB\nSOX2,SOX2\nPOU5F1,GAPDH\nNANOG,ACTB\nACTB,MS4A1\nGATA4,NKG7\n"
HUMAN = ("STRING", "Non-specific-ChIP-seq", "hESC-ChIP-seq", "HepG2-ChIP-seq")
MOUSE = ("STRING", "Non-Specific-ChIP-seq", "mDC-ChIP-seq", "mESC-ChIP-seq", "mESC-lofgof", "mHSC-ChIP-seq")
NETWORKS = {
    "human-tfs.csv": b"TF,Sources\nSOX2,A\nPOU5F1,A|B\nNANOG,A\nGATA4,B\nNOTHERE,B\n",
    "mouse-tfs.csv": b"TF,Sources\nSOX2,A\nPOU5F1,A|B\nNANOG,A\nGATA4,B\n",
    **{f"Networks/human/{stem}-network.csv": EDGES for stem in HUMAN},
    **{f"Networks/mouse/{stem}-network.csv": EDGES for stem in MOUSE},
}


ALL_CELLS = beeline_cells(SPECIES)


def published(monkeypatch, site, folder, files: dict[str, bytes]) -> None:
    """Serve files in the place of archives (file name -> content), with a manifest that knows their true hashes."""
    given = json.loads(manifest.published_file().read_text(encoding="utf-8"))
    for one in given["archives"]:
        content = files.get(one["file"], b"")
        one["n_bytes"] = {"value": len(content), "status": "confirmed", "from": "this test"}
        one["checksums"] = {
            name: {"value": hashlib.new(name, content).hexdigest(), "status": "confirmed", "from": "this test"}
            for name in ("md5", "sha256")
        }
    (folder / "manifest.json").write_text(json.dumps(given), encoding="utf-8")
    monkeypatch.setattr(manifest, "published_file", lambda: folder / "manifest.json")
    site.files |= files


@pytest.fixture
def archives(site, monkeypatch, tmp_path):
    """All three archives on the server, small; return the server."""
    files = {"BEELINE-data.zip": zipped(ALL_CELLS), "BEELINE-Networks.zip": zipped(NETWORKS)}
    published(monkeypatch, site, tmp_path, files | {"CollecTRI_regulons.csv": b"source,target,weight\nSOX2,NANOG,1\n"})
    return site

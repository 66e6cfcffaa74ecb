"""The Snakemake example, on files that are not the demo."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import anndata as ad
import numpy as np
import pandas as pd

from grn_core.models.registry import vocabulary

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "docs" / "examples" / "snakemake" / "Snakefile"
TFS = ("GATA1", "SPI1", "MYC")
SAMPLES = ("first donor", "second")


def write(path: Path, *, seed: int) -> None:
    """Write cells in which some thirty genes are counted."""
    rng = np.random.default_rng(seed)
    genes = [*TFS, *[gene for gene in vocabulary("compact") if gene not in TFS][:30]]
    counts = rng.poisson(rng.gamma(1.0, 4.0, size=(40, len(genes)))).astype(np.float32)
    names = pd.DataFrame(index=[f"cell{number}" for number in range(len(counts))])
    ad.AnnData(counts, obs=names, var=pd.DataFrame(index=genes)).write_h5ad(path)


def snakemake(folder: Path, home: Path) -> subprocess.CompletedProcess:
    program = f"program={sys.executable} -m grn_core"
    command = [sys.executable, "-m", "snakemake", "--snakefile", str(EXAMPLE), "--cores", "2", "--config", program]
    variables = {**os.environ, "GRN_HOME": str(home), "PYTHONPATH": str(ROOT), "XDG_CACHE_HOME": str(folder / ".cache")}
    return subprocess.run(command, cwd=folder, env=variables, capture_output=True, text=True, check=False)


def test_every_file_gets_its_network_and_a_second_call_computes_nothing(tmp_path, grn_home):
    (tmp_path / "cells").mkdir()
    for number, sample in enumerate(SAMPLES):
        write(tmp_path / "cells" / f"{sample}.h5ad", seed=number)
    done = snakemake(tmp_path, grn_home)
    assert done.returncode == 0, done.stderr
    tables = {sample: pd.read_csv(tmp_path / "networks" / f"{sample}.tsv", sep="\t") for sample in SAMPLES}
    for table in tables.values():
        assert set(table["source"]) <= set(TFS)
        assert len(table) > 30
    assert len(list((grn_home / "runs").iterdir())) >= len(SAMPLES)
    again = snakemake(tmp_path, grn_home)
    assert again.returncode == 0
    assert "Nothing to be done" in again.stderr

"""The notebook, run from its first cell to its last in a folder of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

nbformat = pytest.importorskip("nbformat")
nbclient = pytest.importorskip("nbclient")
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def told():
    return nbformat.read(ROOT / "docs" / "tutorial.ipynb", as_version=4)


def test_it_is_valid_short_and_stored_without_results(told):
    nbformat.validate(told)
    cells = [cell for cell in told.cells if cell.cell_type == "code"]
    assert len(cells) == 5
    assert not [cell for cell in cells if cell.outputs or cell.execution_count], "clear the outputs before a commit"


def test_it_leads_to_a_network_and_a_figure(told, tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    place = {"metadata": {"path": str(tmp_path)}}
    done = nbclient.NotebookClient(told.copy(), timeout=600, kernel_name="python3", resources=place).execute()
    shown = [cell.outputs[-1].data for cell in done.cells if cell.cell_type == "code"]
    assert len(shown) == 5
    network, figure = shown[2]["text/html"], shown[4]["image/svg+xml"]
    assert "probability" in network
    assert "SPI1" in figure
    assert (tmp_path / "network.svg").exists()
    errors = [one for cell in done.cells for one in cell.get("outputs", ()) if one.output_type in ("error", "stream")]
    assert not errors, errors

from __future__ import annotations

import pytest

from grn_core.errors import RequestError, RunError
from grn_core.runs import RunStore
from grn_core.runs.subnetworks import LONGEST, remove_subnetwork, save_subnetwork, subnetworks
from tests.pages.fabricated_run import fabricate_run

pytestmark = pytest.mark.usefixtures("grn_home")


def test_a_subnetwork_is_kept_under_its_name_until_it_is_removed():
    run = fabricate_run(seed=41)
    assert subnetworks(run) == {}
    save_subnetwork(run, " Interferon ", ("G03", "G01", "G01"))
    save_subnetwork(run, "B cells", ("G02", "G04"))
    assert subnetworks(run) == {"B cells": ("G02", "G04"), "Interferon": ("G01", "G03")}
    save_subnetwork(run, "B cells", ("G02", "G05"))
    remove_subnetwork(run, "Interferon")
    remove_subnetwork(run, "never there")
    assert subnetworks(run) == {"B cells": ("G02", "G05")}
    assert len(RunStore().edges(run)) == 174, "the run is as it was"


@pytest.mark.parametrize("name", ["", "  ", "x" * (LONGEST + 1), "a\u202eb"])
def test_a_name_must_be_seen(name):
    with pytest.raises(RequestError):
        save_subnetwork(fabricate_run(seed=42), name, ("G01", "G02"))


def test_one_gene_is_no_network_and_no_run_has_none():
    with pytest.raises(RequestError):
        save_subnetwork(fabricate_run(seed=43), "one", ("G01", "G01"))
    with pytest.raises(RunError):
        save_subnetwork("0" * 16, "none", ("G01", "G02"))

"""The TF lists by name: what is on them, and what is not."""

from __future__ import annotations

import pytest

from grn_core.assets import asset
from grn_core.errors import GeneError
from grn_core.genes import LISTS, TF_LISTS, default_tf_list, human_symbols, human_tfs_of, ortholog_to_human, tf_list
from grn_core.genes.tables import human_aliases

NO_TFS = {"RPS10", "CAT", "PKM", "HBA1"}


@pytest.mark.parametrize("name", ["human", "mouse", "scenic", "scenic-mouse"])
def test_well_known_tfs_are_on_every_list(name):
    assert {"GATA1", "MYC", "POU5F1"} <= human_tfs_of(name)
    assert human_tfs_of(name) <= human_symbols()


@pytest.mark.parametrize("species", ["human", "mouse"])
def test_the_default_list_calls_no_enzyme_or_ribosomal_protein_a_tf(species):
    assert not NO_TFS & human_tfs_of(default_tf_list(species))
    assert {"RPS10", "CAT", "PKM"} <= human_tfs_of("scenic")


def test_the_list_of_lambert_2018_is_whole_and_under_the_names_of_today():
    names = tf_list("human")
    assert len(names) == 1639
    assert len(human_tfs_of("human")) == 1634
    old = {name: human_aliases()[name] for name in names if name in human_aliases()}
    assert len(old) > 5
    assert set(old.values()) <= human_tfs_of("human")
    assert not old.keys() & human_tfs_of("human")


def test_the_mouse_list_is_the_part_of_the_human_one_with_orthologs():
    assert human_tfs_of("mouse") == human_tfs_of("human") & frozenset(ortholog_to_human().values())
    expected = {ortholog_to_human()[name] for name in tf_list("scenic-mouse") if name in ortholog_to_human()}
    assert human_tfs_of("scenic-mouse") == expected


@pytest.mark.parametrize("function", [tf_list, human_tfs_of])
def test_an_unknown_list_names_those_that_exist(function):
    with pytest.raises(
        GeneError, match="no TF list 'fly'; needed: one of auto, human, mouse, scenic, scenic-mouse, or na"
    ):
        function("fly")


def test_every_list_says_what_it_is():
    assert ("auto", *(one.name for one in LISTS)) == TF_LISTS
    assert all(one.title and one.description and asset("genes", one.file).is_file() for one in LISTS)

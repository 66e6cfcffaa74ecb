"""Collections that a test was gathered from, known by their edges: they train nothing that is judged on it."""

from __future__ import annotations

import gzip

import numpy as np
import pandas as pd
import pytest

from grn_core import cli, runs
from grn_core.benchmark.references import gathered
from grn_core.benchmark.references.gathered import (
    ALIKE,
    HELD,
    check_apart,
    in_common,
    recognised,
    sketch,
)
from grn_core.benchmark.references.reference import Reference, read_reference
from grn_core.errors import RequestError
from grn_core.genes import human_symbols
from grn_core.runs import RunStore, TrainTranslatorRequest

REFUSED = r"it holds much of the networks Non-Specific that are to be measured on; needed: another training"


def reference_of(name, edges, network="own"):
    return Reference(name, name, network, (), pd.DataFrame(edges, columns=["source", "target"]))


def made_up(n, *, seed=0, n_sources=40):
    """So many different edges between real genes."""
    genes = sorted(human_symbols())[:2000]
    places = np.random.default_rng(seed).choice(n_sources * len(genes), size=n, replace=False)
    pairs = ((genes[place // len(genes)], genes[place % len(genes)]) for place in places)
    return [(source, target) for source, target in pairs if source != target]


@pytest.fixture
def kept(monkeypatch):
    """Keep made-up collections in the place of those that ship; return the edges of both."""
    edges = {"RegNetwork": made_up(6000), "Non-Specific hONE TFs+500": made_up(3000, seed=1)}
    monkeypatch.setattr(gathered, "_kept", lambda: {name: sketch(own) for name, own in edges.items()})
    return edges


@pytest.mark.parametrize("share", [0.0, 0.1, 0.3, 0.6, 1.0])
def test_the_share_of_edges_in_common_is_estimated_within_a_tenth(share):
    whole = made_up(9000)
    n = round(share * 6000 * 2 / (1 + share)) if share else 0
    one, other = whole[:6000], [*whole[:n], *made_up(6000 - n, seed=7)]
    real = len(set(one) & set(other)) / len(set(one) | set(other))
    assert in_common(sketch(one), sketch(other)) == pytest.approx(real, abs=0.1)


def test_of_few_edges_it_is_exact():
    one, other = made_up(60), [*made_up(60)[:20], ("A", "B")]
    assert in_common(sketch(one), sketch(other)) == pytest.approx(len(set(one) & set(other)) / len({*one, *other}))
    assert in_common(sketch([]), sketch([])) == 0.0


def test_a_collection_is_known_under_any_name_and_in_any_order(kept):
    edges = kept["RegNetwork"]
    for some in (edges, edges[::-1], edges[:4000], [*edges, *made_up(2000, seed=5)]):
        assert recognised(some) == "RegNetwork"
        training = reference_of("my favourite edges.tsv", some)
        with pytest.raises(RequestError, match=f"my favourite edges.tsv is RegNetwork by its edges: {REFUSED}"):
            check_apart([training], [reference_of("test", [], "Non-Specific")])
        check_apart([training], [reference_of("test", [], "STRING")])
    assert recognised(made_up(6000, seed=9)) == ""


def test_a_test_is_known_under_any_name(kept):
    test = reference_of("my truth.tsv", kept["Non-Specific hONE TFs+500"])
    with pytest.raises(RequestError, match=REFUSED):
        check_apart([reference_of("edges.tsv", kept["RegNetwork"])], [test])
    check_apart([reference_of("edges.tsv", made_up(500, seed=9))], [test])


@pytest.mark.parametrize(("share", "refused"), [(HELD - 0.02, False), (HELD + 0.02, True)])
def test_what_holds_too_much_of_a_test_is_refused(kept, share, refused):
    own = kept["Non-Specific hONE TFs+500"]
    training = reference_of("edges.tsv", [*own[: round(share * len(own))], *made_up(9000, seed=11, n_sources=400)])
    test = reference_of("hONE Non-Specific TFs+500", own, "Non-Specific")
    if refused:
        with pytest.raises(RequestError, match=rf"edges.tsv has 3\d% of the edges of hONE .*: {REFUSED}"):
            check_apart([training], [test])
    else:
        check_apart([training], [test])


def test_networks_of_the_kind_train_for_each_other(kept):
    """The protocol: of another data set, pairs in common left out."""
    own = kept["Non-Specific hONE TFs+500"]
    test = reference_of("hONE Non-Specific TFs+500", own, "Non-Specific")
    check_apart([reference_of("hTWO Non-Specific TFs+500", own[:2000], "Non-Specific")], [test])
    check_apart([reference_of("a copy of it.tsv", own)], [test])


def test_string_trains_whatever_it_has_in_common(kept):
    """STRING of a data set holds a third of its Non-Specific network; a collection is none for being called so."""
    own = kept["Non-Specific hONE TFs+500"]
    test, half = reference_of("hONE Non-Specific TFs+500", own, "Non-Specific"), own[: len(own) // 2]
    check_apart([reference_of("hONE STRING TFs+500", half, "STRING")], [test])
    with pytest.raises(RequestError, match=REFUSED):
        check_apart([reference_of("hONE STRING TFs+500", kept["RegNetwork"], "STRING")], [test])


@pytest.mark.parametrize("share", [0.5, 0.8])
def test_what_holds_most_of_a_test_is_no_such_network_for_that(kept, share):
    """A collection with the genes of the test alone is much like it, and is not it."""
    own = kept["Non-Specific hONE TFs+500"]
    test = reference_of("hONE Non-Specific TFs+500", own, "Non-Specific")
    with pytest.raises(RequestError, match=rf"edges.tsv has {share:.0%} of the edges of hONE .*: {REFUSED}"):
        check_apart([reference_of("edges.tsv", own[: round(share * len(own))])], [test])


@pytest.mark.parametrize("name", ["regnetwork_human.tsv.gz", "tftargets_ENCODE.tsv"])
def test_the_name_is_enough(name):
    training = reference_of(name, [("A", "B")])
    with pytest.raises(RequestError, match=rf"{name}: {REFUSED}"):
        check_apart([training], [reference_of("t", [], "STRING"), reference_of("u", [], "Non-Specific")])
    check_apart([training], [reference_of("t", [], "STRING")])
    check_apart([reference_of("omnipath", [])], [reference_of("u", [], "Non-Specific")])


def test_what_ships_tells_them_apart_and_knows_no_omnipath():
    found = gathered._kept()
    collections = {name: one for name, one in found.items() if not name.startswith("Non-Specific")}
    assert {"RegNetwork", "tftargets TRRUST", "tftargets Marbach2016", "tftargets ITFP"} <= set(collections)
    assert len(found) - len(collections) == 10
    assert all(one.dtype == np.uint64 and len(one) == gathered.KEPT for one in found.values())
    omnipath = sketch(gathered.edges_of(read_reference("omnipath")))
    assert max(in_common(omnipath, one) for one in found.values()) < 2 / 3 * ALIKE
    for name, one in collections.items():
        assert max(in_common(one, other) for own, other in collections.items() if own != name) < ALIKE


@pytest.fixture
def asked(kept, tmp_path):
    """A training on a collection under another name, judged on a network of BEELINE."""
    copy, folder = tmp_path / "edges.tsv", tmp_path / "networks"
    copy.write_text("".join(f"{s}\t{t}\n" for s, t in [("source", "target"), *kept["RegNetwork"]]), encoding="utf-8")
    folder.mkdir()
    with gzip.open(folder / "Non-Specific_hONE_TFsplus500.tsv.gz", "wt") as file:
        file.write("".join(f"{s}\t{t}\n" for s, t in [("source", "target"), *made_up(100, seed=3)]))
    return str(copy), f"beeline:{folder}:hONE:Non-Specific:500"


@pytest.mark.parametrize("role", ["references", "beside"])
def test_it_is_refused_before_there_is_a_run(asked, role, grn_home):
    edges, test = asked
    given = {"references": (edges,)} if role == "references" else {"references": ("omnipath",), "beside": (edges,)}
    with pytest.raises(RequestError, match=REFUSED):
        runs.submit(TrainTranslatorRequest(name="mine", tests=(test,), **given))
    assert not list(RunStore().root.glob("*"))


@pytest.mark.usefixtures("runs_here")
def test_the_command_refuses_it_before_anything_is_computed(asked, capsys, grn_home):
    edges, test = asked
    assert cli.main(["train-translator", "--name", "mine", "--reference", edges, "--test", test]) != 0
    assert "edges.tsv is RegNetwork by its edges: it holds much of" in capsys.readouterr().err
    assert not list(RunStore().root.glob("*"))

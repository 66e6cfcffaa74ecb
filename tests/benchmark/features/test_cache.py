"""What was computed is not computed again, and nothing old is taken for new."""

from __future__ import annotations

import ast
from pathlib import Path

import numpy as np
import pytest

from grn_core.benchmark.features import cache, extracted
from grn_core.benchmark.features.cache import ResultCache
from grn_core.benchmark.features.extracted import FeatureCache
from grn_core.benchmark.features.rows import RowCache
from grn_core.errors import Cancelled
from grn_core.extractors import in_memory
from tests.benchmark.toy_references import GENES, tiny_handle, unloadable

PAIRS = np.array([(0, 1), (0, 5), (1, 0), (2, 3), (3, 7), (0, 2)])


@pytest.fixture
def asked(monkeypatch):
    """The pairs that were extracted, call by call."""
    calls, extract = [], in_memory.extract_for_pairs

    def counting(model, genes, pairs, **options):
        calls.append([tuple(pair) for pair in pairs.tolist()])
        return extract(model, genes, pairs, **options)

    monkeypatch.setattr(in_memory, "extract_for_pairs", counting)
    return calls


def features(handle, home, *, readout="masked"):
    return FeatureCache(handle, GENES, extractors=("gdt", "vvp"), readout=readout, home=home)


@pytest.mark.parametrize("readout", ["masked", "plain"])
def test_features_are_those_of_the_extraction(tmp_path, readout):
    handle = tiny_handle()
    found = features(handle, tmp_path, readout=readout).get(PAIRS)
    expected = in_memory.extract_for_pairs(handle.load(), GENES, PAIRS, readout=readout)
    for kind in ("gdt", "vvp"):
        np.testing.assert_allclose(found[kind], expected[kind], rtol=1e-4, atol=1e-6)


def test_only_new_pairs_are_extracted(tmp_path, asked):
    handle = tiny_handle()
    first = features(handle, tmp_path).get(PAIRS[:3])
    assert sum(map(len, asked)) == 3
    both = features(handle, tmp_path).get(PAIRS[[5, 0, 1, 2, 0]])
    assert asked[1:] == [[(0, 2)]]
    for kind, values in both.items():
        np.testing.assert_array_equal(values[[1, 2, 3, 4]], first[kind][[0, 1, 2, 0]])
    again = features(unloadable(handle), tmp_path).get(PAIRS[[5, 1]])
    np.testing.assert_array_equal(again["gdt"], both["gdt"][[0, 2]])


def test_other_weights_readouts_and_genes_are_computed_anew(tmp_path, asked):
    handle = tiny_handle()
    mine = features(handle, tmp_path).get(PAIRS)
    other = features(tiny_handle(1), tmp_path).get(PAIRS)
    assert not np.allclose(mine["gdt"], other["gdt"])
    features(handle, tmp_path, readout="plain").get(PAIRS)
    FeatureCache(handle, GENES[:10], extractors=("gdt", "vvp"), readout="masked", home=tmp_path).get(PAIRS)
    assert sum(map(len, asked)) == 4 * len(PAIRS)


def test_an_interrupted_extraction_goes_on(tmp_path, asked, monkeypatch):
    monkeypatch.setattr(extracted, "SOURCES_AT_ONCE", 1)

    def stop(stage, done, total):
        if done == 2:
            message = "the user asked to stop"
            raise Cancelled(message)

    handle = tiny_handle()
    with pytest.raises(Cancelled):
        features(handle, tmp_path).get(PAIRS, progress=stop)
    assert [call[0][0] for call in asked] == [0, 1]
    features(handle, tmp_path).get(PAIRS)
    assert [call[0][0] for call in asked] == [0, 1, 2, 3], "only the sources that were left"


def test_a_damaged_part_is_computed_again(tmp_path, asked):
    handle = tiny_handle()
    first = features(handle, tmp_path)
    values = first.get(PAIRS)
    (part,) = first.folder.iterdir()
    part.write_bytes(part.read_bytes()[:100])
    again = features(handle, tmp_path).get(PAIRS)
    assert len(asked) == 2
    np.testing.assert_array_equal(again["vvp"], values["vvp"])


def test_results_are_found_by_their_whole_key(tmp_path, monkeypatch):
    results = ResultCache(tmp_path)
    key = {"method": "GDT", "model": "abc", "n_seeds": 5}
    assert results.get(key) is None
    results.put(key, {"row": {"auprc": 0.5}})
    assert ResultCache(tmp_path).get(dict(reversed(key.items()))) == {"row": {"auprc": 0.5}}
    for name, value in (("method", "VVP"), ("model", "abd"), ("n_seeds", 6)):
        assert results.get({**key, name: value}) is None
    monkeypatch.setattr(cache, "code_digest", lambda parts: "other code")
    assert results.get(key) is None


CORE = Path(cache.__file__).parents[2]


def imports_of(path):
    """Files of the benchmark that one of them imports, wherever in the file."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    return {CORE.parent / f"{module.replace('.', '/')}.py" for module in found if module.startswith("grn_core.bench")}


def test_whatever_computes_a_result_is_part_of_its_key():
    reached, left = set(), {CORE / "benchmark" / "protocol" / "runner.py"}
    while left:
        path = left.pop()
        reached.add(path)
        left |= imports_of(path) - reached
    rooms = tuple(f"{part}/" for part in cache.RESULT_CODE)
    names = {path.relative_to(CORE).as_posix() for path in reached}
    assert len(names) > 15
    assert all(name.startswith(rooms) for name in names)
    assert "benchmark/features/corpus.py" in cache.CORPUS_CODE


def test_rows_are_computed_once(tmp_path):
    asked = []

    def compute(sources):
        asked.append(sources.tolist())
        return np.stack([np.arange(3.0) + 10 * source for source in sources])

    rows = RowCache({"a": 1}, code=("settings.py",), home=tmp_path)
    np.testing.assert_array_equal(rows.get(np.array([2, 0, 2]), compute)[:, 0], [20, 0, 20])
    again = RowCache({"a": 1}, code=("settings.py",), home=tmp_path)
    np.testing.assert_array_equal(again.get(np.array([1, 2, 4]), compute, at_once=1)[:, 1], [11, 21, 41])
    assert asked == [[0, 2], [1], [4]]
    RowCache({"a": 2}, code=("settings.py",), home=tmp_path).get(np.array([0]), compute)
    assert asked[-1] == [0], "another key"


def test_a_damaged_result_counts_as_absent(tmp_path):
    results = ResultCache(tmp_path)
    results.put({"a": 1}, {"row": {}})
    results.path({"a": 1}).write_text("{", encoding="utf-8")
    assert results.get({"a": 1}) is None


def test_the_home_of_the_settings(grn_home):
    assert cache.root() == grn_home / "benchmark"
    assert ResultCache().folder == grn_home / "benchmark" / "results"

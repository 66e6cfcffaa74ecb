"""Features on disk: what is kept, where, and what finds it again."""

from __future__ import annotations

import gc
import hashlib
import json
import shutil

import numpy as np
import pytest

from grn_core.extractors.engine import extract_features
from grn_core.extractors.gene_pairs import GenePairs
from tests.models.tiny import tiny_model

SOURCES = (1, 4, 7)


def test_what_speaks_of_one_gene_is_kept_once_a_gene(tmp_path):
    model = tiny_model()
    folder = tmp_path / "a" / "b"
    found = extract_features(model, model.vocabulary, SOURCES, extractors=("emb", "source", "target"), folder=folder)
    shapes = {name: np.load(folder / f"{name}.npy").shape for name in found}
    assert shapes == {"emb": (3, 11, 16), "source": (3, 1, 16), "target": (1, 11, 16)}
    assert {array.shape for array in found.values()} == {(3, 11, 16)}


@pytest.mark.parametrize(
    "key", [1, -1, slice(0, 2), (0, 3), (slice(None), [4, 1]), ([1, 0], [2, 2]), (slice(1, 3), slice(2), 0)]
)
def test_vectors_of_both_genes_are_put_together_where_they_are_read(key):
    vectors = np.random.default_rng(0).normal(size=(5, 3)).astype(np.float32)
    whole = np.stack([[np.concatenate([vectors[source], target]) for target in vectors] for source in (4, 0, 2)])
    found = GenePairs(vectors, (4, 0, 2))
    assert (found.shape, found.ndim, found.dtype, len(found)) == (whole.shape, 3, whole.dtype, 3)
    np.testing.assert_array_equal(found[key], whole[key])
    np.testing.assert_array_equal(np.asarray(found), whole)


def test_the_digest_is_that_of_the_fields_by_their_names():
    """It finds the features of earlier versions again, whatever order the fields stand in."""
    model = tiny_model()
    spec = extract_features(model, model.vocabulary, SOURCES, extractors="emb").spec
    assert spec.context == "", "no measured cell takes part"
    text = json.dumps(dict(sorted(vars(spec).items())))
    assert spec.digest() == hashlib.sha256(text.encode()).hexdigest()


def test_a_temporary_folder_goes_with_its_features_and_may_be_gone_before():
    model = tiny_model()
    kept, lost = (extract_features(model, model.vocabulary, SOURCES, extractors="emb") for _ in range(2))
    folder = kept.folder
    assert folder.is_dir()
    shutil.rmtree(lost.folder)
    del kept, lost
    gc.collect()
    assert not folder.exists()


def test_what_the_numbers_stand_for_lies_beside_them(tmp_path):
    model = tiny_model()
    chosen = {"extractors": "gdt", "readout": "plain", "levels": (0.0, 2.0), "block": 5, "seed": 3}
    spec = extract_features(model, model.vocabulary, SOURCES, folder=tmp_path, **chosen).spec
    assert (spec.block, spec.seed) == (4, 3)
    assert json.loads((tmp_path / "grid.json").read_text(encoding="utf-8")) == {
        "levels": [0.0, 2.0],
        "members": 1,
        "genes": list(model.vocabulary),
        "sources": list(SOURCES),
    }

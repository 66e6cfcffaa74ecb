"""Features on disk: what is kept, where, and what finds it again."""

from __future__ import annotations

import gc
import hashlib
import json
import shutil

import numpy as np

from grn_core.extractors.engine import extract_features
from tests.models.tiny import tiny_model

SOURCES = (1, 4, 7)


def test_what_speaks_of_one_gene_is_kept_once_a_gene(tmp_path):
    model = tiny_model()
    folder = tmp_path / "a" / "b"
    found = extract_features(model, model.vocabulary, SOURCES, extractors=("emb", "source", "target"), folder=folder)
    shapes = {name: np.load(folder / f"{name}.npy").shape for name in found}
    assert shapes == {"emb": (3, 11, 16), "source": (3, 1, 16), "target": (1, 11, 16)}
    assert {array.shape for array in found.values()} == {(3, 11, 16)}


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

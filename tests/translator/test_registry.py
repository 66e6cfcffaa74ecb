"""Which translators there are."""

from __future__ import annotations

import hashlib

import pytest

from grn_core.errors import TranslatorError
from grn_core.translator import registry
from tests.translator.toy_features import make_spec, random_translator


@pytest.fixture
def assets(tmp_path, monkeypatch):
    """A folder of assets with one translator, in place of the bundled ones."""
    random_translator(make_spec(("A", "B"), (0,))).save(tmp_path / "translators" / "toy")
    caches = (registry._folders, registry._record, registry.translator_sha)
    monkeypatch.setattr(registry, "ASSETS", tmp_path)
    for cache in caches:
        cache.cache_clear()
    yield tmp_path
    for cache in caches:
        cache.cache_clear()


def test_records_come_from_the_cards(assets):
    (record,) = registry.records()
    assert (record.name, record.title, record.model, record.readout) == ("toy", "Toy", "tiny", "masked")
    assert (record.kinds, record.seeds) == (("gdt", "vvp"), (0, 1, 2))
    assert record.card["hidden"] == [6, 5]


def test_load_by_name_and_by_folder(assets):
    for name in ("toy", str(assets / "translators" / "toy")):
        assert registry.load_translator(name).card["name"] == "toy"


def test_the_digest_is_that_of_the_weights(assets):
    content = (assets / "translators" / "toy" / "translator.safetensors").read_bytes()
    assert registry.translator_sha("toy") == hashlib.sha256(content).hexdigest()


def test_an_unknown_name_is_an_error(assets):
    with pytest.raises(TranslatorError, match="no translator 'nobody'; needed: one of toy; what to do: train one"):
        registry.load_translator("nobody")

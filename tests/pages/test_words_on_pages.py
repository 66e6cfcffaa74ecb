"""Every page with finished runs on it: short captions (see conftest), and the paper's terms no more than four."""

from __future__ import annotations

import re

import pytest

from tests.pages.app import open_page
from tests.pages.fabricated_run import fabricate_run
from tests.pages.test_hostile_names import elements, texts_of

PAGES = {
    "home": (None, {}),
    "dataset": ("pages/prepare/dataset.py", {}),
    "genes": ("pages/prepare/dataset.py", {"door": "genes"}),
    "models": ("pages/prepare/models.py", {}),
    "infer": ("pages/explore/infer.py", {"run": "0000000000000001"}),
    "your cells": ("pages/explore/infer.py", {"background": "context", "signs": "slope"}),
    "co-expression": ("pages/explore/infer.py", {"approach": "coexpression", "coexpression": "partial"}),
    "network": ("pages/explore/network.py", {"gene": "G01"}),
    "edge": ("pages/explore/network.py", {"edge": "G00,G01", "evidence": "model"}),
    "targets": ("pages/explore/targets.py", {"evidence": "known"}),
    "compare": ("pages/evaluate/compare.py", {"view": "scores"}),
    "benchmark": ("pages/evaluate/benchmark.py", {"closer": "transfer"}),
    "about": ("pages/start/about.py", {}),
}
FOREIGN = re.compile(
    r"\b(extractors?|readouts?|non-edges?|UGRN|logits?|virtual|spread|panels?|Attn|Pert|Emb|backbone)\b",
    re.I,
)
"""Terms of paper and code for which the pages have other words; VVP, GDT, translator and foundation model stay."""
EXPLAINED = {
    r"\bVVP\b": "response curve",
    r"\bGDT\b": "gradient trajectory|how steeply",
    r"\btranslators?\b": "translators? (turns?|learn|which)|scored by the translator|translator learnt|made into",
    r"\bfoundation models?\b": "asks a foundation model|foundation model is asked|trained on",
}
"""The four terms of the paper that the pages use -> what tells a reader what they are, where they first stand."""
RUNNING = ("markdown", "caption", "info", "warning", "success", "text")
"""Elements of running text. What chooses between methods and runs shows their names, which may hold the terms."""
NAME_OF_A_RUN = re.compile(r"(:material/keep: )?\*\*.*\*\*|(\*\*[A-F]\*\*.*\s*)+")
COMMANDS = ("code", "json", "arrow_data_frame", "bidi_component", "plotly_chart")
"""Elements that show a command, a record or numbers, in which names of options stand."""


@pytest.mark.parametrize("page", PAGES)
def test_words(page):
    fabricate_run(seed=1)
    fabricate_run(seed=2, extractors=("gdt",), rare=True)
    path, parameters = PAGES[page]
    app = open_page(path, **parameters)
    found: list[str] = []
    unexplained = dict(EXPLAINED)
    measured = {"Attn", "Pert", "Emb"} if page == "benchmark" else set()  # there methods are called as in the results
    for element in elements(app._tree):
        proto = getattr(element, "proto", None)
        if proto is None or getattr(element, "type", "") in COMMANDS:
            continue
        for field, text in texts_of(proto, skip=frozenset({"id", "key", "default", "value", "query_string", "url"})):
            shown = re.sub(r"`[^`]*`", "", text)
            if element.type in RUNNING and not NAME_OF_A_RUN.fullmatch(text):
                first = [term for term in unexplained if re.search(term, text, re.I)]
                bare = [term for term in first if not re.search(unexplained.pop(term), text, re.I)]
                found += [f"{term} is not explained where it first stands: {text}" for term in bare]
            found += [f"{word}: {field}: {text}" for word in FOREIGN.findall(shown) if word not in measured]
    assert not found, "\n".join(found)

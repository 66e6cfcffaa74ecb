"""What programs put behind the TF that a regulon is called after."""

from __future__ import annotations

import re

_COUNT = re.compile(r"[\s_]*\(\d+ ?[gr]\)$")
_SIGN = re.compile(r"[\s_]*(?:\((?P<bracket>[+-])\)|[_/](?P<first>[+-])(?:[_/][+-])?)[\s_]*$")
_WORDS = re.compile(r"[\s_]+(direct|extended|regulon|targets?|target_genes?)\b.*$", re.IGNORECASE)


def regulon(name: str) -> tuple[str, int]:
    """Return the TF that a regulon is called after, and its sign, 0 for none.

    Notes
    -----
    SCENIC and its kin write ``SPI1_(12g)``, ``SPI1_extended (20g)``, ``SPI1(+)`` and ``SPI1_direct_-/+_(9g)``.
    """
    bare = _COUNT.sub("", name.strip())
    found = _SIGN.search(bare)
    sign = 0
    if found is not None:
        sign = 1 if (found["bracket"] or found["first"]) == "+" else -1
        bare = bare[: found.start()]
    return _WORDS.sub("", bare).strip() or name.strip(), sign

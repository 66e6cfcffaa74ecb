"""Ways to run it, each tried as a whole: `make ways` does, in an environment of its own; the suite does not."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest

NEEDED = ("check_jsonschema", "dockerfile_parse", "ipykernel", "nbclient", "snakemake")
MISSING = [name for name in NEEDED if find_spec(name) is None]


def pytest_collection_modifyitems(items):
    for item in items:
        if Path(item.path).parent == Path(__file__).parent:
            item.add_marker(pytest.mark.ways)
            if MISSING:
                item.add_marker(pytest.mark.skip(reason=f"`make ways` installs what is missing: {', '.join(MISSING)}"))

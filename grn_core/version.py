"""The version of this software, as ``pyproject.toml``, ``CITATION.cff`` and ``CHANGELOG.md`` have it."""

VERSION = "0.1.0"

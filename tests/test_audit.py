"""The audit says what was looked up and what was not; what could not be looked up is never called clean."""

from __future__ import annotations

import stat

import pytest

from scripts.audit import main, told

SOUND = {"name": "a", "version": "1", "vulns": []}
BUGS = [{"id": "CVE-1", "fix_versions": ["3"]}, {"id": "CVE-2", "fix_versions": []}]
BAD = {"name": "b", "version": "2", "vulns": BUGS}
FOUND = "1 packages looked up, 2 known vulnerabilities\n  b 2: CVE-1, mended in 3\n  b 2: CVE-2, mended in no version"
UNKNOWN = {"name": "c", "skip_reason": "not found"}


@pytest.mark.parametrize(
    ("packages", "words", "bad"),
    [
        ([SOUND], "1 packages looked up, 0 known vulnerabilities", False),
        ([UNKNOWN], "SKIPPED, the package index tells no vulnerabilities of any of the 1 packages", False),
        ([SOUND, UNKNOWN], "1 packages looked up, 0 known vulnerabilities; NOT looked up: c", False),
        ([BAD], FOUND, True),
    ],
)
def test_what_was_found_is_told(packages, words, bad):
    assert told(packages) == (words, bad)


@pytest.mark.parametrize("says", ["", "[]", "{", '{"dependencies": 3}'])
def test_a_tool_that_fails_is_no_clean_result(tmp_path, capsys, says):
    tool = tmp_path / "pip-audit"
    tool.write_text(f"#!/bin/sh\necho '{says}'\necho 'no network' >&2\n", encoding="utf-8")
    tool.chmod(tool.stat().st_mode | stat.S_IXUSR)
    assert main(str(tool), ["requirements.txt"]) == 0
    assert capsys.readouterr().out == "requirements.txt: SKIPPED, no network\n"

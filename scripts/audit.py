"""``make audit``: look up known vulnerabilities of every pinned package, and say where they cannot be looked up.

pip-audit asks the package index for them. An index that cannot be reached, or that knows of no vulnerabilities, is no
clean result: the audit is then skipped, in words.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import Any

OPTIONS = ("--no-deps", "--disable-pip", "--progress-spinner=off", "--format=json", "--requirement")

LONGEST_S = 60


def main(pip_audit: str, requirements: Sequence[str]) -> int:
    """Audit files of requirements; return 1 if a vulnerability is known, else 0."""
    code = 0
    for path in requirements:
        command = [pip_audit, *OPTIONS, path]
        try:
            found = subprocess.run(command, capture_output=True, text=True, check=False, timeout=LONGEST_S)
        except subprocess.TimeoutExpired:
            print(f"{path}: SKIPPED, the package index did not answer in {LONGEST_S} s")
            continue
        try:
            words, bad = told(json.loads(found.stdout)["dependencies"])
        except (ValueError, KeyError, TypeError):
            print(f"{path}: SKIPPED, {(found.stderr.strip().splitlines() or ['pip-audit said nothing'])[-1]}")
            continue
        print(f"{path}: {words}")
        code |= bad
    return code


def told(packages: Sequence[Mapping[str, Any]]) -> tuple[str, bool]:
    """Say what was found of packages, and whether one of them has a known vulnerability."""
    looked_up = [one for one in packages if "skip_reason" not in one]
    left = [str(one["name"]) for one in packages if "skip_reason" in one]
    if not looked_up:
        return f"SKIPPED, the package index tells no vulnerabilities of any of the {len(left)} packages", False
    lines = [
        f"  {one['name']} {one['version']}: {bug['id']}, mended in {', '.join(bug['fix_versions']) or 'no version'}"
        for one in looked_up
        for bug in one["vulns"]
    ]
    words = f"{len(looked_up)} packages looked up, {len(lines)} known vulnerabilities"
    if left:
        words += f"; NOT looked up: {', '.join(left)}"
    return "\n".join([words, *lines]), bool(lines)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))

"""The image and what stands around it: what can be run without an engine is run, the rest is held to its form."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path, PurePath

import pytest

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
LOOKS = {
    "id": "id -u",
    "package": "python -c 'import grn_core; print(grn_core.__file__)'",
    "written": "for one in / /opt/grn-studio /tmp /etc /src; do touch $one/x 2>/dev/null && echo $one; done; true",
    "inferred": "printf 'GATA1\\nSPI1\\nCD34\\nHBB\\nLYZ\\n' > genes.txt && grn-studio infer --genes genes.txt",
}
HEADER = "source\ttarget\tscore"


def is_ignored(name: str, rules: list[str]) -> bool:
    """Whether .dockerignore keeps a file from the engine: rules hold for a folder's files too, the last prevails."""
    places = [str(place) for place in (PurePath(name), *PurePath(name).parents)][:-1]
    verdicts = [not rule.startswith("!") for rule in rules if any(fnmatch(one, rule.lstrip("!")) for one in places)]
    return verdicts[-1:] == [True]


@pytest.fixture(scope="module")
def sent(tmp_path_factory):
    """What an engine is sent: the files of this checkout, without the ignored ones."""
    context = tmp_path_factory.mktemp("context")
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    for name in subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")[:-1]:
        if (ROOT / name).exists():
            (context / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, context / name)
    (context / ".streamlit" / "secrets.toml").write_text("[auth]\n")
    rules = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and not line.startswith("#")]
    for path in [path for path in context.rglob("*") if path.is_file()]:
        if path.name != "Dockerfile" and is_ignored(str(path.relative_to(context)), rules):
            path.unlink()
    return context


def test_no_secret_no_test_and_no_history_is_sent_to_an_engine(sent):
    top = {path.name for path in sent.iterdir() if path.is_file() or any(one.is_file() for one in path.rglob("*"))}
    assert {"app.py", "pages", "grn_core", "assets", ".streamlit", "pyproject.toml", "requirements.txt"} <= top
    assert not top & {"tests", ".git", "docs", "scripts", "build"}
    assert [path.name for path in (sent / ".streamlit").iterdir()] == ["config.toml"]


def test_the_image_is_built_and_serves_as_nobody_of_weight_with_a_read_only_root(sent, tmp_path):
    tried = subprocess.run(["unshare", "-m", "-n", "true"], capture_output=True, check=False)
    if os.getuid() != 0 or tried.returncode:
        pytest.skip("namespaces cannot be made here: run as root")
    variables = {**os.environ, "PIP_EXTRA_INDEX_URL": ""}
    command = ["unshare", "-m", sys.executable, str(Path(__file__).with_name("container.py")), str(sent), str(tmp_path)]
    done = subprocess.run(
        [*command, json.dumps(list(LOOKS.values()))], env=variables, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-4000:]
    found = json.loads(done.stdout)
    seen = dict(zip(LOOKS, found["looks"], strict=True))
    assert found["healthy"], done.stderr[-4000:]
    assert found["running"]
    assert seen["id"]["out"].strip() == "10001"
    assert seen["package"]["out"].startswith("/opt/grn-studio/lib/python3.")
    assert seen["written"]["out"] == ""
    assert seen["inferred"]["rc"] == 0, seen["inferred"]["err"]
    assert seen["inferred"]["out"].startswith(HEADER)


def test_compose_is_of_its_schema():
    check = ["-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(DEPLOY / "compose.yaml")]
    done = subprocess.run([sys.executable, *check], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def compose() -> dict:
    import yaml

    return yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))


def test_compose_publishes_the_proxy_alone_and_writes_volumes_alone():
    services = compose()["services"]
    assert [name for name, one in services.items() if "ports" in one] == ["proxy"]
    for name in ("app", "scheduler", "worker"):
        assert services[name]["read_only"], name
        assert services[name]["cap_drop"] == ["ALL"], name
    assert services["app"]["volumes"] == ["home:/data"]
    assert {name for name, one in services.items() if one.get("profiles")} == {"scheduler", "worker"}


def test_no_worker_of_compose_takes_the_cores_of_another():
    told = compose()["services"]["worker"]["environment"]
    assert {told.get(f"{name}_THREADS") for name in ("OMP_NUM", "RAYON_NUM", "GRN")} == {"1"}


def test_what_compose_starts_are_options_of_the_command(monkeypatch):
    from grn_core.cli import build_parser

    words = [word.replace("${GRN_NAME:-localhost}", "grn.lab") for word in compose()["services"]["app"]["command"]]
    asked = build_parser(words[0]).parse_args(words)
    assert (asked.address, asked.host, asked.headless) == ("0.0.0.0", ["grn.lab"], True)


@pytest.mark.skipif(shutil.which("caddy") is None, reason="no caddy: apt-get install caddy")
def test_caddy_understands_its_part_of_compose(tmp_path):
    file = tmp_path / "Caddyfile"
    file.write_text(compose()["configs"]["caddyfile"]["content"].replace("$$", "$"))
    command = ["caddy", "adapt", "--config", str(file), "--adapter", "caddyfile"]
    environment = {**os.environ, "GRN_NAME": "grn.lab", "HOME": str(tmp_path)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert all(word in done.stdout for word in ("grn.lab", "app:8501", "1100"))


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd-analyze: apt-get install systemd")
def test_systemd_understands_the_unit_and_finds_little_exposed(tmp_path):
    program = tmp_path / "grn-studio"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    unit = tmp_path / "grn-studio.service"
    text = (DEPLOY / "grn-studio.service").read_text(encoding="utf-8")
    unit.write_text(text.replace("/opt/grn-studio/bin/grn-studio", str(program)))
    done = subprocess.run(["systemd-analyze", "verify", str(unit)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    security = ["systemd-analyze", "security", "--offline=true", "--threshold=25", str(unit)]
    done = subprocess.run(security, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-500:]  # an exposure of 2.5 of 10 at most


def test_apptainer_and_docker_say_the_same():
    """The recipe installs by the same commands, copies the same, and sets the same variables as the Dockerfile."""
    recipe = (DEPLOY / "apptainer.def").read_text(encoding="utf-8")
    image = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    for words in ("python -m venv /opt/grn-studio", "pip install --no-cache-dir --no-deps .", "-r requirements.txt"):
        assert words in recipe
        assert words in image
    for source in ("pyproject.toml", "README.md", "LICENSE", "app.py", "assets", "pages", "grn_core"):
        assert re.search(rf"^    {re.escape(source)} /src/{re.escape(source)}$", recipe, re.MULTILINE), source
    (variables,) = re.findall(r"^ENV (.*)$", image, re.MULTILINE)
    told = " ".join(re.findall(r"^    export (.*)$", recipe.partition("%environment")[2], re.MULTILINE))
    assert told.split() == variables.split()

"""Run what a Dockerfile says without a container engine, in namespaces of this machine; started by ``unshare -m``.

``python container.py CONTEXT SCRATCH LOOKS``: every stage is a layer over this machine's own system, which stands in
for the base image. The last stage then runs as its ``USER``, with its root read-only, its volume alone writable,
and a network of its own; what the looks (commands run beside the server) print goes to stdout as JSON.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from string import Template

from dockerfile_parse import DockerfileParser

# Runs a command in a network of its own, in which it reaches itself alone.
ALONE = (
    "import fcntl, socket, struct, os, sys; s = socket.socket();"
    "fcntl.ioctl(s, 0x8914, struct.pack('16sh', b'lo', 1)); os.execvp(sys.argv[1], sys.argv[1:])"
)
HEALTHY_S = 120


@dataclass
class Stage:
    """One stage: its layer, where the layered system is seen, and what its instructions have set so far."""

    layer: Path
    root: Path
    variables: dict[str, str] = field(default_factory=dict)
    place: str = "/"
    user: str = "0:0"
    volume: str = ""
    health: list[str] = field(default_factory=list)
    entry: list[str] = field(default_factory=list)
    command: list[str] = field(default_factory=list)

    def words(self, *command: str) -> list[str]:
        """Return a command as it is run in this stage."""
        variables = [f"{name}={value}" for name, value in self.variables.items()]
        start = "import os, sys; os.chdir(sys.argv[1]); os.execvp(sys.argv[2], sys.argv[2:])"
        inside = [*variables, sys.executable, "-c", start, self.place, *command]
        return ["chroot", f"--userspec={self.user}", str(self.root), "env", "-i", *inside]


def mounted(*words: str) -> None:
    subprocess.run(["mount", *words], check=True)


def started(scratch: Path, number: int) -> Stage:
    """Lay an empty layer over this machine's system; its Python is the one that runs this."""
    layer, work, root = (scratch / f"{number}-{part}" for part in ("layer", "work", "root"))
    for folder in (layer, work, root):
        folder.mkdir(mode=0o755)
    mounted("-t", "overlay", "overlay", "-o", f"lowerdir=/,upperdir={layer},workdir={work}", str(root))
    for place in ("proc", "dev"):
        mounted("--rbind", f"/{place}", str(root / place))
    for folder in Path(sys.base_prefix).parents:  # in an image others than root may run Python
        (root / folder.relative_to("/")).chmod(0o755)
    path = f"{Path(sys.base_prefix) / 'bin'}:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"
    told = {name: value for name, value in os.environ.items() if name.startswith("PIP_")}
    return Stage(layer, root, {"PATH": path, "HOME": "/tmp", **told})


def copy(stage: Stage, value: str, *, context: Path, stages: dict[str, Stage]) -> None:
    """Do what COPY says."""
    *sources, target = shlex.split(value)
    inside = stage.root / str(Path(stage.place) / target).lstrip("/")
    if sources[0].startswith("--from="):
        (source,) = sources[1:]
        inside.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(stages[sources[0].removeprefix("--from=")].layer / source.lstrip("/"), inside)
        return
    found = [path for source in sources for path in sorted(context.glob(source))]
    assert len(found) >= len(sources), f"COPY {value}: not all of it is in what the engine is sent"
    for path in found:
        if path.is_dir():
            shutil.copytree(path, inside, dirs_exist_ok=True)
        else:
            (inside if target.endswith("/") else inside.parent).mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, inside)


def built(context: Path, scratch: Path) -> Stage:
    """Run the instructions, and return the last stage."""
    with (context / "Dockerfile").open("rb") as stream:
        structure = DockerfileParser(fileobj=stream).structure
    stages: dict[str, Stage] = {}
    for step in structure:
        instruction, value = step["instruction"], step["value"]
        if instruction == "FROM":
            name = value.split(" AS ")[1] if " AS " in value else str(len(stages))
            stage = stages[name] = started(scratch, len(stages))
        elif instruction in ("ARG", "ENV"):
            pairs = [word.partition("=") for word in shlex.split(value)]
            told = {name: Template(text).substitute(stage.variables) for name, _, text in pairs}
            stage.variables |= {name: os.environ.get(name, text) for name, text in told.items() if instruction == "ARG"}
            stage.variables |= told if instruction == "ENV" else {}
        elif instruction == "WORKDIR":
            stage.place = value
            (stage.root / value.lstrip("/")).mkdir(parents=True, exist_ok=True)
        elif instruction == "COPY":
            copy(stage, value, context=context, stages=stages)
        elif instruction == "RUN":
            subprocess.run(stage.words("/bin/sh", "-c", value), check=True, stdout=sys.stderr)
        elif instruction == "HEALTHCHECK":
            stage.health = json.loads(value.partition("CMD ")[2])
        elif instruction in ("ENTRYPOINT", "CMD"):
            setattr(stage, {"ENTRYPOINT": "entry", "CMD": "command"}[instruction], json.loads(value))
        elif instruction in ("USER", "VOLUME"):
            setattr(stage, instruction.lower(), value)
        else:
            assert instruction in ("COMMENT", "EXPOSE"), f"{instruction} is not understood here"
    return stage


def look(stage: Stage, looks: list[str], *, home: Path) -> dict[str, object]:
    """Run the server as the engine would, wait until it is healthy, and run the looks beside it."""
    inside = stage.root / stage.volume.lstrip("/")
    owner = inside.stat()
    os.chown(home, owner.st_uid, owner.st_gid)  # a fresh volume is as the folder that the image has there
    mounted("-o", "remount,ro", str(stage.root))
    mounted("--bind", str(home), str(inside))
    server = subprocess.Popen(stage.words(*stage.entry, *stage.command), stdout=sys.stderr)
    healthy, end = False, time.monotonic() + HEALTHY_S
    while not healthy and server.poll() is None and time.monotonic() < end:
        healthy = subprocess.run(stage.words(*stage.health), capture_output=True, check=False).returncode == 0
        time.sleep(0.2)
    seen = []
    for words in looks:
        done = subprocess.run(stage.words("/bin/sh", "-c", words), capture_output=True, text=True, check=False)
        seen.append({"rc": done.returncode, "out": done.stdout, "err": done.stderr[-2000:]})
    running = server.poll() is None
    server.terminate()
    code = server.wait(timeout=30)
    return {"healthy": healthy, "running": running, "code": code, "user": stage.user, "looks": seen}


def main() -> None:
    if sys.argv[1] == "--look":  # in a network of its own
        told = json.loads(sys.argv[2])
        stage = Stage(**{**told["stage"], "layer": Path(told["stage"]["layer"]), "root": Path(told["stage"]["root"])})
        sys.stdout.write(json.dumps(look(stage, told["looks"], home=Path(told["home"]))))
        return
    context, scratch, looks = Path(sys.argv[1]), Path(sys.argv[2]), json.loads(sys.argv[3])
    mounted("-t", "tmpfs", "tmpfs", str(scratch))  # no layer may lie in the system that it is laid over
    stage, home = built(context, scratch), scratch / "home"
    home.mkdir(mode=0o700)
    told = json.dumps({"stage": vars(stage), "looks": looks, "home": str(home)}, default=str)
    inside = [sys.executable, str(Path(__file__)), "--look", told]
    sys.exit(subprocess.run(["unshare", "-n", sys.executable, "-c", ALONE, *inside], check=False).returncode)


if __name__ == "__main__":
    main()

"""``pretrain``: train the compact model on a folder of count matrices; resumes where it was stopped."""

from __future__ import annotations

import argparse
from dataclasses import fields
from pathlib import Path

from grn_core.cli.follow import computed
from grn_core.cli.given import a_path
from grn_core.cli.inputs import TRUST_HELP, check_told
from grn_core.cli.output import note
from grn_core.datasets.questions import TRUST
from grn_core.errors import RequestError
from grn_core.files import copy_whole
from grn_core.homes import as_usual
from grn_core.pretrain.doubts import asks
from grn_core.pretrain.recipe import Recipe
from grn_core.runs import PretrainRequest, RunStore
from grn_core.runs.kinds.pretrain import MODEL


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options: one per field of the recipe."""
    parser.add_argument("--corpus", type=a_path, required=True, help="folder of .h5ad count matrices")
    text = "folder of .h5ad averages of cell types and tissues, linear (default: profiles beside the corpus, if there)"
    parser.add_argument("--profiles", type=a_path, help=text)
    parser.add_argument("--no-profiles", action="store_true", help="single cells alone")
    text = "leave out sources whose licence no table or note beside the files states"
    parser.add_argument("--stated-only", action="store_true", help=text)
    parser.add_argument(TRUST, action="store_true", help=TRUST_HELP)
    work = "folder of the checkpoint and the log; resumed (default: that of the run)"
    parser.add_argument("--work", type=a_path, help=work)
    parser.add_argument("--out", type=a_path, help="model folder to write when all steps are done")
    parser.add_argument("--note", default="", help="what else the model card says of data and machine")
    parser.add_argument("--tried", type=a_path, help="Markdown file: what else was tried, for the model card")
    parser.add_argument("--tried-text", default="", help="the same, as text")
    parser.add_argument("--home", type=a_path, help="data folder of runs (default: GRN_HOME)")
    for field in fields(Recipe):
        name, default = field.name.replace("_", "-"), field.default
        parser.add_argument(f"--{name}", type=type(default), default=default, help=f"recipe (default {default})")
    parser.set_defaults(run=run, requests=requests)


def requests(arguments: argparse.Namespace) -> list[PretrainRequest]:
    """Return what a command asks for."""
    return [
        PretrainRequest(
            corpus=str(arguments.corpus.expanduser().absolute()),
            profiles=_profiles(arguments),
            stated_only=arguments.stated_only,
            recipe=tuple((field.name, getattr(arguments, field.name)) for field in fields(Recipe)),
            note=arguments.note,
            tried=_tried(arguments),
            work="" if arguments.work is None else str(arguments.work.expanduser().absolute()),
        )
    ]


def _profiles(arguments: argparse.Namespace) -> str:
    from grn_core.pretrain.files import profiles_beside

    if arguments.no_profiles:
        return ""
    folder = arguments.profiles or profiles_beside(arguments.corpus)
    return "" if folder is None else str(folder.expanduser().absolute())


def _tried(arguments: argparse.Namespace) -> str:
    if arguments.tried is None:
        return str(arguments.tried_text)
    try:
        return Path(arguments.tried).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        message = f"{arguments.tried} cannot be read"
        raise RequestError(message, needed="a text file", todo="correct --tried") from error


def words_of(request: PretrainRequest) -> list[str]:
    """Return the words that ask for a pre-training."""
    words = ["pretrain", f"--corpus={request.corpus}"]
    words += [f"--profiles={request.profiles}"] if request.profiles else ["--no-profiles"]
    words += ["--stated-only"] if request.stated_only else []
    profiles = Path(request.profiles) if request.profiles else None
    words += [TRUST] if asks(Path(request.corpus), profiles=profiles) else []
    words += [f"--work={request.work}"] if request.work else []
    words += [f"--note={request.note}"] if request.note else []
    words += [f"--tried-text={request.tried}"] if request.tried else []
    return words + [f"--{name.replace('_', '-')}={value!r}" for name, value in request.recipe]


def run(arguments: argparse.Namespace) -> int:
    """Train and export."""
    (request,) = requests(arguments)
    profiles = Path(request.profiles) if request.profiles else None
    check_told(arguments, corpus=Path(request.corpus), profiles=profiles)
    run_id, _ = computed(request)
    if arguments.out is not None:
        with as_usual():
            copy_whole(RunStore().file(run_id, MODEL), arguments.out, last="card.json")
        note(f"written to {arguments.out}")
    return 0

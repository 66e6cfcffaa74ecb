"""A benchmark as background work: plain options in, a results folder out; asking for one needs no torch."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from grn_core.benchmark.curated import NAMES, PREFIX
from grn_core.benchmark.protocol import OMNIPATH, OWN, Protocol, available, other_datasets
from grn_core.benchmark.references import read_own
from grn_core.benchmark.uploads import reference_path
from grn_core.errors import RequestError
from grn_core.progress import Progress, silent

if TYPE_CHECKING:
    from grn_core.benchmark.runner import Outcome

RESULTS = "results"
"""Subfolder of a run in which its results lie."""

DEFAULTS = {
    "suite": "ugrn",
    "references": "",
    "train": "hESC:STRING",
    "tests": "",
    "size": "500",
    "splits": "all",
    "negatives": "tf-restricted",
    "coexpression": "",
    "corpus": "",
    "reference": "",
    "genes": "",
}
"""Every option, as text; lists are separated by commas. An empty list of tests is that of leave-dataset-out."""


def parts(text: str) -> tuple[str, ...]:
    """Split a list of an option."""
    return tuple(part.strip() for part in text.split(",") if part.strip())


def hashes(model: str) -> dict[str, str]:
    """Return what decides the result of a benchmark beside its options; torch-free."""
    from grn_core.benchmark.cache import RESULT_CODE, code_digest
    from grn_core.models.registry import weights_sha

    return {"model": weights_sha(model), "code": code_digest(RESULT_CODE)}


def protocols(options: Mapping[str, str], *, n_seeds: int, genes: Path | None = None) -> list[Protocol]:
    """Return the protocols that options ask for: one for each training reference, gene set and kind of non-edges.

    Parameters
    ----------
    options
        Some of `DEFAULTS`: ``suite`` (``ugrn``, ``transfer``, ``curated`` or ``own``), ``references`` (folder with
        BEELINE's networks), ``train``, ``tests``, ``size``, ``splits``, ``negatives``, ``coexpression`` (methods on
        measured cells), ``corpus`` (folder of the pre-training data, for the controls that need it), ``reference``
        (name of an uploaded network) and ``genes`` (gene panel of the suite ``own``).
    n_seeds
        Number of draws.
    genes
        File in which the gene panel is written, one name a line.

    Raises
    ------
    RequestError
        An option is not known, or there is nothing to test.
    DataError
        A reference is not here.
    """
    unknown = sorted(set(options) - set(DEFAULTS))
    if unknown:
        message = f"a benchmark has no option {', '.join(unknown)}"
        raise RequestError(message, needed=f"some of {', '.join(DEFAULTS)}")
    chosen = {**DEFAULTS, **options}
    common: dict[str, Any] = {"splits": parts(chosen["splits"]), "n_seeds": n_seeds}
    common["coexpression"] = parts(chosen["coexpression"])
    common["corpus"] = Path(chosen["corpus"]) if chosen["corpus"] else None
    suite, trains, negatives = chosen["suite"], parts(chosen["train"]), parts(chosen["negatives"])
    if suite == "curated":
        tests = tuple(PREFIX + name for name in parts(chosen["tests"]) or NAMES)
        return [Protocol(train=OMNIPATH, tests=tests, negatives="beeline", **common)]
    if suite == "own":
        own = {"own": reference_path(chosen["reference"]), "genes": genes if chosen["genes"] else None}
        return [Protocol(train=OMNIPATH, tests=(OWN,), negatives=kind, **own, **common) for kind in negatives]
    if suite not in ("ugrn", "transfer"):
        message = f"there is no suite {suite!r}"
        raise RequestError(message, needed="ugrn, transfer, curated or own")
    if not chosen["references"]:
        message = "there are no reference networks of BEELINE here"
        raise RequestError(message, needed="a folder with them", todo="download them, or name their folder: GRN_DATA")
    folder = Path(chosen["references"])
    common |= {"folder": folder, "expression": _expression(folder)}
    found = []
    for size in parts(chosen["size"]):
        names = available(folder, size=size)
        for train in names if suite == "transfer" else trains:
            wanted = tuple(name for name in parts(chosen["tests"]) if name in names and name != train)
            others = tuple(name for name in names if name != train)
            tests = wanted or (others if suite == "transfer" else other_datasets(train, names))
            found += [Protocol(train=train, tests=tests, size=size, negatives=kind, **common) for kind in negatives]
    return found


def run_job(
    model: str, options: Mapping[str, str], folder: Path, *, n_seeds: int, progress: Progress = silent
) -> dict[str, Any]:
    """Measure a model, and write the results folder into ``folder/results``.

    Parameters
    ----------
    model
        Name of a foundation model.
    options, n_seeds
        See `protocols`.
    folder
        Folder of the run.
    progress
        Listener; may cancel: finished cells are kept by content, and a later run goes on from them.

    Returns
    -------
    dict
        What is to be kept of it in the run's record.
    """
    from grn_core.benchmark.bench import Bench
    from grn_core.benchmark.export import manifest_of, results_of
    from grn_core.benchmark.handle import model_handle
    from grn_core.benchmark.results import write_results
    from grn_core.benchmark.runner import run_protocol

    started = time.monotonic()
    genes = folder / "genes.txt"
    if options.get("genes"):
        genes.write_text("\n".join(parts(options["genes"])) + "\n", encoding="utf-8")
    asked = protocols(options, n_seeds=n_seeds, genes=genes)
    handle, untrained = model_handle(model), model_handle(model, weights="random")
    bench = Bench(handle, untrained, progress=progress)
    outcomes: list[Outcome] = []
    for number, protocol in enumerate(asked):
        told = _nth(progress, number, len(asked))
        bench.progress = told
        outcomes.append(run_protocol(protocol, handle, untrained, progress=told, bench=bench))
    seconds = time.monotonic() - started
    manifest = manifest_of(handle, outcomes, command=command_of(model, options, n_seeds=n_seeds), seconds=seconds)
    results = results_of(outcomes, manifest, suite=options.get("suite", DEFAULTS["suite"]))
    write_results(results, folder / RESULTS)
    return {
        "rows": len(results.scores),
        "computed": manifest["runs"][0]["computed"],
        "notes": manifest["notes"],
    }


def command_of(model: str, options: Mapping[str, str], *, n_seeds: int) -> str:
    """Return the command line that measures the same, without the user's paths."""
    chosen = {**DEFAULTS, **options}
    suite = chosen["suite"]
    words = ["python -m grn_core benchmark", f"--suite {suite}", f"--model {model}", f"--seeds {n_seeds}"]
    words += [f"--split {split}" for split in parts(chosen["splits"]) if split != "all" or "," in chosen["splits"]]
    if suite in ("ugrn", "transfer"):
        words.append("--references FOLDER")
        words += [f"--size {size}" for size in parts(chosen["size"])]
        words += [f"--train {train}" for train in parts(chosen["train"])] if suite == "ugrn" else []
        words += [f"--tests {chosen['tests']}"] if chosen["tests"] else []
    if suite == "own":
        words.append("--reference FILE")
        words += ["--genes FILE"] if chosen["genes"] else []
    if suite != "curated":
        words += [f"--negatives {kind}" for kind in parts(chosen["negatives"])]
    words.append(f"--coexpression {chosen['coexpression'] or 'none'}")
    words += ["--corpus FOLDER"] if chosen["corpus"] else []
    return " ".join([*words, "--out FOLDER"])


def check_own(name: str) -> dict[str, int | str]:
    """Say what an uploaded reference holds, before anything is computed.

    Returns
    -------
    dict
        ``edges``, ``sources``, ``genes`` (all in human symbols) and ``note`` (what was lost).

    Raises
    ------
    DataError
        As `grn_core.benchmark.references.read_own`.
    """
    reference = read_own(reference_path(name))
    edges = reference.edges
    sizes = {"edges": len(edges), "sources": edges["source"].nunique(), "genes": len(reference.genes)}
    return {**sizes, "note": " ".join(reference.notes)}


def _expression(references: Path) -> Path | None:
    """Return the folder with measured cells beside the references, where there is one."""
    beside = references.absolute().parent / "expression"
    return beside if beside.is_dir() else None


def _nth(progress: Progress, number: int, total: int) -> Progress:
    """Count the cells of one protocol as a part of those of all."""

    def tell(stage: str, done: int, of: int) -> None:
        whole = stage == "measure"
        progress(stage, number * of + done if whole else done, total * of if whole else of)

    return tell

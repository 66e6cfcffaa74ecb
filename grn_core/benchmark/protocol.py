"""The UGRN protocol (arXiv 2605.08128): what is trained on, what is tested, how pairs are drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from grn_core.benchmark.negatives import NEGATIVES
from grn_core.benchmark.references import BEELINE_SETS, Reference, read_reference
from grn_core.benchmark.splits import SPLITS
from grn_core.errors import DataError, RequestError

FEWEST_SEEDS = 5


@dataclass(frozen=True)
class Protocol:
    """One training reference and the references that its translator is tested on.

    Attributes
    ----------
    train, tests
        References as ``DATASET:NETWORK``, e.g. ``hESC:STRING``.
    folder
        Holds ``NETWORK_DATASET_TFsplusN.tsv.gz``.
    size
        N of TFs+N: ``500`` or ``1000``.
    splits
        Names out of `SPLITS`.
    negatives
        One of `NEGATIVES`, for training and tests alike; scores of different ones must not stand in one table.
    n_seeds
        Draws of negatives, initial weights and orders of the training pairs.
    readout
        Output of the model that is read; its default if None.
    corpus
        Pre-training data, which adds the controls that need no model.
    """

    train: str
    tests: tuple[str, ...]
    folder: Path
    size: str = "500"
    splits: tuple[str, ...] = ("all",)
    negatives: str = "tf-restricted"
    n_seeds: int = FEWEST_SEEDS
    readout: str | None = None
    corpus: Path | None = None

    def __post_init__(self) -> None:
        wrong = [split for split in self.splits if split not in SPLITS]
        for what, given, known in (("split", wrong, SPLITS), ("negatives", [self.negatives], NEGATIVES)):
            unknown = [name for name in given if name not in known]
            if unknown:
                message = f"{what} {', '.join(unknown)}: not known"
                raise RequestError(message, needed=f"one of {', '.join(known)}")
        if not self.splits or not self.tests:
            message = "there is nothing to test"
            raise RequestError(message, needed="at least one split and one test reference")
        if self.n_seeds < 1:
            message = f"{self.n_seeds} seeds were asked for"
            raise RequestError(message, needed=f"at least 1, and {FEWEST_SEEDS} for figures that are reported")
        if self.train in self.tests:
            message = f"{self.train} would be tested on itself"
            raise RequestError(message, needed="test references other than the training reference")

    def read(self, name: str) -> Reference:
        """Read one of the references.

        Raises
        ------
        DataError
            If it is not there.
        """
        dataset, network = parts_of(name)
        return read_reference(f"beeline:{self.folder}:{dataset}:{network}:{self.size}")


def parts_of(name: str) -> tuple[str, str]:
    """Split ``DATASET:NETWORK``; `RequestError` if it is not of this form."""
    dataset, colon, network = name.partition(":")
    if not (dataset and colon and network) or ":" in network:
        message = f"{name!r} does not name a reference"
        raise RequestError(message, needed="DATASET:NETWORK", todo="e.g. hESC:STRING")
    return dataset, network


def available(folder: Path, *, size: str = "500") -> tuple[str, ...]:
    """Names of all references in a folder, sorted.

    Raises
    ------
    RequestError
        If there is no such size.
    DataError
        If there are none.
    """
    if size not in BEELINE_SETS:
        message = f"TFs+{size} is not a gene set of BEELINE"
        raise RequestError(message, needed=f"one of {', '.join(BEELINE_SETS)}")
    ending = f"_TFsplus{size}.tsv.gz"
    stems = [path.name.removesuffix(ending) for path in Path(folder).glob(f"*{ending}")]
    names = sorted(f"{dataset}:{network}" for network, _, dataset in (stem.partition("_") for stem in stems))
    if not names:
        message = f"{folder} holds no reference network of TFs+{size}"
        raise DataError(message, needed=f"files called NETWORK_DATASET{ending}", todo="check the folder")
    return tuple(names)


def other_datasets(train: str, names: Sequence[str]) -> tuple[str, ...]:
    """Leave-dataset-out: the references of the same kind of network in every other dataset.

    Raises
    ------
    DataError
        If there are none.
    """
    dataset, network = parts_of(train)
    found = tuple(name for name in names if parts_of(name)[1] == network and parts_of(name)[0] != dataset)
    if not found:
        message = f"there is no network {network} of a dataset other than {dataset}"
        raise DataError(message, needed="at least one other dataset", todo="check the name of the network")
    return found

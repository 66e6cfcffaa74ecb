"""The UGRN protocol (arXiv 2605.08128): what is trained on, what is tested, how pairs are drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from grn_core.adapt.options import check_steps
from grn_core.benchmark.features.expression import (
    Cells,
    own_cells,
    read_beeline_cells,
    read_beeline_dataset,
    simulated_cells,
)
from grn_core.benchmark.pairs.negatives import BEELINE, NEGATIVES
from grn_core.benchmark.pairs.splits import SPLITS
from grn_core.benchmark.references.called import BEELINE_SETS
from grn_core.benchmark.references.curated import NAMES as CURATED
from grn_core.benchmark.references.curated import PREFIX, truth_of
from grn_core.benchmark.references.reference import Reference, read_own, read_reference
from grn_core.coexpression import METHODS as COEXPRESSION
from grn_core.datasets import Dataset, catalog
from grn_core.datasets.local import read_named
from grn_core.errors import DataError, RequestError
from grn_core.extractors.registry import known_extractors
from grn_core.genes.usual import OMNIPATH
from grn_core.pretrain.files import corpus_files

FEWEST_SEEDS = 5
OWN = "own"


@dataclass(frozen=True)
class Protocol:
    """One training reference and the references that its translators are tested on.

    Attributes
    ----------
    train, tests
        References: ``DATASET:NETWORK`` of BEELINE, e.g. ``hESC:STRING``; ``omnipath`` (bundled); ``own``, the user's
        network; ``curated:NAME``, one of the four Boolean models.
    folder
        Holds ``NETWORK_DATASET_TFsplusN.tsv.gz``.
    size
        N of TFs+N: ``500`` or ``1000``.
    splits
        Names out of `SPLITS`.
    negatives
        One of `NEGATIVES`, for training and tests alike, but that translators train on ``tf-restricted`` pairs for
        ``beeline``; scores of different ones must not stand in one table.
    n_seeds
        Draws of negatives, initial weights and orders of the training pairs.
    readout
        Output of the model that is read; its default if None.
    corpus
        Pre-training data, which adds the controls that need no model.
    expression
        Holds ``DATASET/ExpressionData.csv``: adds co-expression, and the mean cell of Pert and Attn.
    coexpression
        Names of co-expression methods.
    adapt
        Steps by which the model is adapted to the cells of a test, for the rows of that name; 0 leaves them out.
    extractors
        Extractors whose translator has a row only where it is asked for (`grn_core.benchmark.protocol.methods`).
    own, genes, cells
        The user's network, its gene panel and measured cells, see `read_own` and `own_cells`.
    """

    train: str
    tests: tuple[str, ...]
    folder: Path | None = None
    size: str = "500"
    splits: tuple[str, ...] = ("all",)
    negatives: str = "tf-restricted"
    n_seeds: int = FEWEST_SEEDS
    readout: str | None = None
    corpus: Path | None = None
    expression: Path | None = None
    coexpression: tuple[str, ...] = tuple(COEXPRESSION)
    adapt: int = 0
    extractors: tuple[str, ...] = ()
    own: Path | None = None
    genes: tuple[str, ...] = ()
    cells: Path | None = None

    def __post_init__(self) -> None:
        wrong = [split for split in self.splits if split not in SPLITS]
        odd = [name for name in self.coexpression if name not in COEXPRESSION]
        for what, given, known in (
            ("split", wrong, SPLITS),
            ("negatives", [self.negatives], NEGATIVES),
            ("co-expression method", odd, COEXPRESSION),
        ):
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
        check_steps(self.adapt)
        if self.extractors:
            known_extractors(self.extractors)
        if self.corpus is not None:
            corpus_files(Path(self.corpus))

    @property
    def suite(self) -> str:
        """``own``, ``curated`` or ``ugrn``, by what is tested."""
        if OWN in self.tests:
            return OWN
        return "curated" if self.tests[0].startswith(PREFIX) else "ugrn"

    @property
    def gene_set(self) -> str:
        """Name of the tests' gene set."""
        return f"TFs+{self.size}" if self.suite == "ugrn" else "all"

    @property
    def training_negatives(self) -> str:
        """How the translators' negatives are drawn."""
        return "tf-restricted" if self.negatives == BEELINE else self.negatives

    def read(self, name: str) -> Reference:
        """Read one of the references.

        Raises
        ------
        DataError, RequestError
            If it is not there.
        """
        if name == OMNIPATH:
            return read_reference(OMNIPATH)
        if name == OWN:
            return read_own(_given(self.own, "the user's network", "--reference"), genes=self.genes)
        if name.startswith(PREFIX):
            return truth_of(name.removeprefix(PREFIX))
        dataset, network = parts_of(name)
        folder = _given(self.folder, "reference networks", "--references")
        return read_reference(f"beeline:{folder}:{dataset}:{network}:{self.size}")

    def read_cells(self, reference: Reference) -> Cells | None:
        """Read the measured cells of a reference's dataset; None where there are none."""
        if reference.dataset in CURATED:
            return simulated_cells(reference.dataset)
        if reference.network == "truth":
            return None if self.cells is None else own_cells(self.cells)
        return None if self.expression is None else read_beeline_cells(self.expression, reference.dataset)

    def read_dataset(self, reference: Reference) -> Dataset | None:
        """Read the cells that a model is adapted to, those of `read_cells` as a data set; None where there are none."""
        if reference.dataset in CURATED:
            return catalog.load(reference.dataset)
        if reference.network == "truth":
            return None if self.cells is None else read_named(str(self.cells))
        return None if self.expression is None else read_beeline_dataset(self.expression, reference.dataset)

    def withheld(self) -> frozenset[tuple[str, str]]:
        """Pairs that translators are not trained on: those of Boolean models, too few to be left out of a test."""
        genes = [self.read(name).genes for name in self.tests if name.startswith(PREFIX)]
        return frozenset((source, target) for own in genes for source in own for target in own)


def _given(path: Path | None, what: str, option: str) -> Path:
    if path is None:
        message = f"{what} were not given" if what.endswith("s") else f"{what} was not given"
        raise RequestError(message, needed=f"{option} PATH")
    return path


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
    if not Path(folder).is_dir():
        message = f"there is no folder {folder}"
        raise DataError(message, needed=f"a folder with files called NETWORK_DATASET{ending}", todo="check the path")
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

"""The cells and genes that a command names: the options, what they mean, and the words that say the same."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from grn_core.cli.cell_choice import cells_named
from grn_core.cli.given import a_name, a_path
from grn_core.cli.lists import choice_of, chosen_cells, joined, split
from grn_core.cli.output import StageLine
from grn_core.damaged_records import UPLOADS, damaged
from grn_core.datasets import formats
from grn_core.datasets.catalog import asks_of, said_of
from grn_core.datasets.kinds import KINDS
from grn_core.datasets.local import file_ref, located_file, named_file
from grn_core.datasets.questions import TRUST, refuse_open_questions
from grn_core.datasets.read_as import DECIMALS, ORIENTATIONS, ReadAs
from grn_core.errors import DataError, RequestError
from grn_core.genes import TF_LISTS
from grn_core.runs.kinds.panel import GENES_ONLY, N_VARIABLE, SPECIES, PanelRequest

TRUST_HELP = "take the guess where a file does not tell for sure; without it such a file is refused"

if TYPE_CHECKING:
    import argparse

    from grn_core.datasets import Dataset
    from grn_core.runs.kinds.panel import CellsRequest


def data_help() -> str:
    """Say what may stand for the data, by the formats that can be read."""
    return f"{formats.in_words()}, read where it lies, or a built-in dataset"


def add_cells(parser: argparse.ArgumentParser, *, optional: bool = False) -> None:
    """Add the options that choose a dataset and its cells."""
    option = parser.add_argument
    option("data", type=a_name, nargs="?" if optional else None, metavar="FILE|REF", help=data_help())
    cells_help = "only these cells, e.g. cell_type=B cell,T cell; a value with a comma in it stands in double quotes"
    option("--cells", metavar="COLUMN=VALUE[,VALUE]", help=cells_help)
    add_reading(parser)


def add_reading(parser: argparse.ArgumentParser) -> None:
    """Add the options that overrule what is guessed of a file, called as in `grn_core.datasets.read`."""
    option = parser.add_argument
    option("--species", choices=SPECIES, help="default: recognised from the gene names")
    kinds = "; ".join(f"{kind.name}: {kind.title}" for kind in KINDS)
    option("--values", choices=[kind.name for kind in KINDS], help=f"default: told from the numbers. {kinds}")
    option("--matrix", metavar="X|raw|layers/NAME", help="default: raw counts of all genes, wherever the file has them")
    option("--orientation", choices=list(ORIENTATIONS), help="default: told from the names")
    names_help = "column that names the genes (var_names, first_column: none); default: the one that names most"
    option("--name-column", metavar="NAME", help=names_help)
    option("--decimal", choices=list(DECIMALS), help="of a table of text; default: told from its numbers")
    option(TRUST, action="store_true", help=TRUST_HELP)


def read_as_of(arguments: argparse.Namespace) -> ReadAs:
    """Return the user's word on a file."""
    return ReadAs(
        species=arguments.species,
        values=arguments.values,
        matrix=arguments.matrix,
        orientation=arguments.orientation,
        name_column=arguments.name_column,
        decimal=arguments.decimal,
    )


def add_panel(parser: argparse.ArgumentParser) -> None:
    """Add the options that choose genes and TFs."""
    option = parser.add_argument
    help_text = f"number of variable genes beside the TFs (default {N_VARIABLE})"
    option("--n-variable", type=int, default=N_VARIABLE, help=help_text)
    option("--tfs", type=a_name, default="auto", help=f"TF list: {', '.join(TF_LISTS)}, or a file with one gene a line")
    option("--tf-list", metavar="TF[,TF]", help="the TFs themselves, separated by commas")
    option("--genes", type=a_path, metavar="FILE", help="own gene list, one a line; without FILE|REF no cell is needed")
    option("--gene-list", metavar="GENE[,GENE]", help="the genes themselves, separated by commas")


def dataset_of(arguments: argparse.Namespace) -> Dataset:
    """Return a built-in dataset, an upload, or the cells of a local file, which is checked and stays where it is.

    Raises
    ------
    DataError
        There is neither a file nor a dataset of that name, or the file cannot be read.
    DoubtfulError
        The file does not tell how it is to be read, and no option says it.
    RequestError
        Something was said of a dataset that is stored and known.
    """
    data, read_as = arguments.data, read_as_of(arguments)
    if is_stored(data, read_as):
        return _told(data, arguments, stored=True)
    if not Path(data).expanduser().exists():
        message = f"there is neither a file nor a dataset called {data!r}"
        raise DataError(message, needed="a file, or a name that `datasets` lists", todo="check the name")
    return _told(file_ref(Path(data).expanduser(), read_as=read_as), arguments)


def cells_file_of(arguments: argparse.Namespace) -> str:
    """Return the file of the option ``--cells`` as a request has it: its path, or a ref where something is said of it.

    The path is whole: the worker, and who reads the run, stand in other folders.

    Raises
    ------
    RequestError
        Something is said, and no file is named.
    """
    read_as = read_as_of(arguments)
    if arguments.cells is None and read_as.said:
        message = f"{read_as.options[0].partition('=')[0]} was given without a file of cells"
        raise RequestError(message, needed="--cells FILE", todo="name the file of which it is said")
    if arguments.cells is None:
        return ""
    path = Path(arguments.cells).expanduser()
    return f"file{read_as.to_text()}:{path.resolve()}" if read_as.said else str(path.absolute())


def check_told(
    arguments: argparse.Namespace, *, cells: str = "", corpus: Path | None = None, profiles: Path | None = None
) -> None:
    """Refuse files that leave a question open, unless their guesses are trusted: one of cells, and a corpus."""
    if cells:
        path, read_as = named_file(cells)
        if not path.exists():
            message = f"there is no file {path}"
            raise DataError(message, needed="a file of measured cells", todo="check the path")
        _told(file_ref(path, read_as=read_as), arguments)
    if corpus is None or arguments.trust_guess:
        return
    from grn_core.pretrain.doubts import refuse_doubtful

    with StageLine() as progress:
        refuse_doubtful(corpus.expanduser(), profiles=profiles, progress=progress)


def _told(ref: str, arguments: argparse.Namespace, *, stored: bool = False) -> Dataset:
    """Load a dataset, and refuse it where it leaves a question open that no option answers."""
    from grn_core import datasets

    dataset = datasets.load(ref)
    if not arguments.trust_guess and said_of(ref) is not None:
        refuse_open_questions(dataset, stored=stored)
    return dataset


def is_stored(data: str, read_as: ReadAs) -> bool:
    """Whether a name is that of a built-in dataset or an upload.

    An upload whose record cannot be read is one: whoever loads it says why.

    Raises
    ------
    DataError
        It is that of a gene list.
    RequestError
        Something is said of a dataset that is stored and known.
    """
    from grn_core import datasets

    if datasets.find_genes(data) is not None:
        message = f"{data} is a list of genes that was given here, without any measured cell"
        todo = "choose it on the page Dataset, or give its names by `infer --genes FILE`"
        raise DataError(message, needed="measured cells", todo=todo)
    known = {*(one.ref for one in datasets.builtins()), *(one.ref for one in datasets.list_uploads())}
    if data not in known and data not in {path.stem for _, path in damaged(UPLOADS)}:
        return False
    if words := read_as.options:
        option = words[0].partition("=")[0]
        message = f"{option} was given with the stored dataset {data!r}, of which it is known"
        needed = f"a file with {option}, or the dataset alone"
        raise RequestError(message, needed=needed, todo=f"leave out {option}")
    return True


def genes_of(arguments: argparse.Namespace) -> tuple[str, ...] | None:
    """Return the user's own gene list; None without one."""
    return _named(arguments.genes, arguments.gene_list, options=("--genes", "--gene-list"))


def tfs_of(arguments: argparse.Namespace) -> str | tuple[str, ...]:
    """Return the name of a TF list, or the user's own TFs."""
    file = None if arguments.tfs in TF_LISTS else Path(arguments.tfs)
    own = _named(file, arguments.tf_list, options=("--tfs", "--tf-list"))
    return arguments.tfs if own is None else own


def panel_of(arguments: argparse.Namespace, dataset: Dataset | None, genes: tuple[str, ...] | None) -> PanelRequest:
    """Return what is asked of a dataset, or of a gene list where there is none."""
    from grn_core.models.registry import located

    return PanelRequest(
        title=f"{len(genes or ())} genes, no cells" if dataset is None else dataset.title,
        dataset_ref=GENES_ONLY if dataset is None else dataset.ref,
        dataset_sha="" if dataset is None else dataset.sha256,
        cells=cells_of(arguments, dataset),
        species=arguments.species if dataset is None else None,
        n_variable=arguments.n_variable,
        tfs=tfs_of(arguments),
        genes=genes,
        model=located(arguments.model),
    )


def cells_of(arguments: argparse.Namespace, dataset: Dataset | None) -> tuple[str, tuple[str, ...]] | None:
    """Return the choice of cells, among those of a dataset where there is one."""
    if arguments.cells is None or dataset is None:
        return None if arguments.cells is None else chosen_cells(arguments.cells)
    return cells_named(arguments.cells, dataset)


def _named(file: Path | None, listed: str | None, *, options: tuple[str, str]) -> tuple[str, ...] | None:
    if file is not None and listed is not None:
        message = f"{options[0]} and {options[1]} were both given"
        raise RequestError(message, needed="one of them", todo=f"leave out {options[1]}")
    if listed is not None:
        names = split(listed)
        if not any(name.strip() for name in names):
            message = f"{options[1]} is {listed!r}"
            raise RequestError(message, needed="at least one gene", todo=f"name some, or leave out {options[1]}")
        return names
    return None if file is None else names_of(file)


def names_of(path: Path) -> tuple[str, ...]:
    """Return the names in a file of any form that `grn_core.datasets.gene_lists.names_in` knows."""
    from grn_core.datasets.gene_lists import names_in

    try:
        content = path.read_bytes()
        if not content.strip():
            message = f"the gene list {str(path)!r} is empty"
            raise RequestError(message, needed="one gene a line", todo="name another file")
        return names_in(content)
    except DataError as error:
        message = f"the gene list {str(path)!r} cannot be used: {error.found}"
        raise RequestError(message, needed=error.needed, todo="correct the file") from error
    except OSError as error:
        message = f"the gene list {str(path)!r} cannot be read"
        raise RequestError(message, needed="a text file with gene names", todo="check the path") from error


def cells_words(request: CellsRequest) -> list[str]:
    """Return the words that name the dataset and the cells of a request."""
    file = located_file(request.dataset_ref)
    words = [request.dataset_ref] if file is None else [str(file[0])]
    words += [] if file is None else file[1].options
    words += [TRUST] if asks_of(request.dataset_ref) else []
    return words + ([] if request.cells is None else [f"--cells={choice_of(*request.cells)}"])


def panel_words(request: PanelRequest) -> list[str]:
    """Return the words that name the dataset, the cells, the genes and the TFs of a request."""
    words = [] if request.dataset_ref == GENES_ONLY else cells_words(request)
    words += [] if request.species is None else [f"--species={request.species}"]
    words += [] if request.n_variable == N_VARIABLE else [f"--n-variable={request.n_variable}"]
    if not isinstance(request.tfs, str):
        words.append(f"--tf-list={joined(request.tfs)}")
    elif request.tfs != "auto":
        words.append(f"--tfs={request.tfs}")
    return words if request.genes is None else [*words, f"--gene-list={joined(request.genes)}"]

"""Everyone's things are their own: no page, at no address, shows a visitor what is another's."""

from __future__ import annotations

import ast
import io
from functools import cache

import pytest

from grn_core.benchmark.perturbed.uploads import store_table, stored_tables
from grn_core.benchmark.references.gene_sets import store_gene_sets, stored_gene_sets
from grn_core.benchmark.references.uploads import store_reference, uploaded
from grn_core.datasets import describe, find_genes, list_uploads, store_genes, store_upload
from grn_core.models.folders import FolderRecord, write_record
from grn_core.runs import RunStore, manager
from pages.components.shared import links
from tests.conftest import ROOT
from tests.pages.app import open_page
from tests.pages.fabricated_run import fabricate_run
from tests.pages.people import Person, a_run_of_every_kind, everything, login, table_of_cells

MINE, OTHER = Person("ada", "SECRETOFADA"), Person("grace", "SECRETOFGRACE")
GENES = ["CD19", "CEBPA", "TP53", "MYC", "JUN", "FOS", "RUNX1", "IRF8", "STAT1", "ACTB", "LYZ", "CD3E"]
CHANGES = "tf,target\n" + "".join(f"{tf},{gene}\n" for tf in ("SPI1", "GATA1") for gene in GENES)
KNOWN = ("as meant", "in the place of every other", "none")
"""What the first addresses of a walk ask; those after them ask for a run of each kind."""
OTHERS = ("pages/start/about.py", "pages/explore/shared.py")
PAGES = [*sorted(value for value in vars(links).values() if str(value).startswith("pages/")), *OTHERS]


@pytest.fixture(scope="module")
def installation(tmp_path_factory):
    """An installation with login where Ada has one of everything: its home, and the names of what is hers."""
    home = tmp_path_factory.mktemp("installation")
    with pytest.MonkeyPatch.context() as patch, login(tmp_path_factory.mktemp("secrets")):
        patch.setenv("GRN_HOME", str(home))
        yield home, things_of(MINE)


def things_of(person: Person) -> dict[str, str]:
    """Give a person one of everything, each called after their secret word; return its names."""
    word = person.secret
    with person.at_home():
        upload = store_upload(f"{word}.tsv", table_of_cells(word), title=word)
        runs = [fabricate_run(seed=seed, title=word, ref=upload) for seed in (11, 12)]
        for run in runs:
            manager.mark(run, name=f"{word} name", note=f"{word} note", pinned=True)
        write_record(FolderRecord(name=word, title=word, folder=person.home / word, format="scgpt"))
        return {f"run: {kind}": run for kind, run in a_run_of_every_kind(word).items()} | {
            "dataset": upload,
            "run": runs[0],
            "runs": ",".join(runs),
            "model": word,
            "genes": store_genes([word, "SPI1", "GATA1", "CD19"]),
            "sets": store_gene_sets(f"{word}.gmt", io.BytesIO(f"{word}\t\tSPI1\tGATA1\tCD19\n".encode())),
            "reference": store_reference(f"{word}.csv", io.BytesIO(b"source,target\nSPI1,CD19\nGATA1,MYC\n")),
            "measured": store_table(f"{word}.csv", io.BytesIO(CHANGES.encode())),
        }


@pytest.fixture
def hers(installation, monkeypatch) -> dict[str, str]:
    """Names of what is Ada's, in the installation where that is."""
    monkeypatch.setenv("GRN_HOME", str(installation[0]))
    return installation[1]


@cache
def parameters() -> set[str]:
    """Return every parameter that some page reads from its address."""
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in sorted((ROOT / "pages").rglob("*.py"))]
    constants: dict[str, set[str]] = {}
    for node in (node for tree in trees for node in tree.body if isinstance(node, ast.Assign)):
        for name, value in pairs(node):
            constants.setdefault(name, set()).add(value)
    for node in (node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
        for one, default in zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True):
            if isinstance(default, ast.Name):  # a parameter that has a name of its own unless another is given
                constants.setdefault(one.arg, set()).update(constants.get(default.id, set()))
    found = set()
    for node in (node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call)):
        called = ast.unparse(node.func)
        place = {"query": 0, "linked": 0, "remember": 0, "one_of": 2, "st.query_params.get": 0}.get(called)
        if place is not None and len(node.args) > place:
            asked = node.args[place]
            if isinstance(asked, ast.Constant):
                found.add(asked.value)
            elif isinstance(asked, ast.Name):
                found |= constants.get(asked.id, set())
    return found


def pairs(node: ast.Assign) -> list[tuple[str, str]]:
    """Return the names of an assignment whose values are texts, with them."""
    target, value = node.targets[0], node.value
    both = (
        zip(target.elts, value.elts, strict=True)
        if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple)
        else [(target, value)]
    )
    return [
        (name.id, text.value)
        for name, text in both
        if isinstance(name, ast.Name) and isinstance(text, ast.Constant) and isinstance(text.value, str)
    ]


def addresses(things: dict[str, str]) -> list[dict[str, str]]:
    """Return parameters that name what is another's: each as it is meant, and some in the place of every other."""
    names = parameters()
    meant = {name: thing for name, thing in things.items() if name in names}
    against = {"against": things["reference"], "adding": things["run"], "results": things["run"]}
    of_kinds = [run for name, run in things.items() if name.startswith("run: ")]
    return [
        dict.fromkeys(names, things["run"]) | meant | against,
        dict.fromkeys(names, things["dataset"]) | meant | {"dataset": things["genes"]},
        {},
        *(dict.fromkeys(names, run) | {"dataset": things["dataset"]} for run in of_kinds),
    ]


def test_the_parameters_are_found():
    assert {
        "run",
        "runs",
        "dataset",
        "model",
        "results",
        "adding",
        "against",
        "asked",
        "groups_run",
        "link",
    } <= parameters()


@pytest.mark.parametrize("page", PAGES)
def test_no_page_shows_what_is_anothers(hers, page):
    app = OTHER.open_page(page, **addresses(hers)[0])
    assert not app.exception
    assert MINE.secret.encode() not in everything(app)


@pytest.mark.parametrize("page", [links.HOME, links.NETWORK])
def test_nor_what_is_of_some_other_kind(hers, page):
    asked = addresses(hers)
    app = OTHER.open_page(page, **asked[len(KNOWN) + PAGES.index(page) % (len(asked) - len(KNOWN))])
    assert not app.exception
    assert MINE.secret.encode() not in everything(app)


@pytest.mark.thorough
@pytest.mark.parametrize("page", PAGES)
def test_nor_at_other_addresses(hers, page):
    for asked in addresses(hers)[1:]:
        app = OTHER.open_page(page, **asked)
        assert not app.exception, asked
        assert MINE.secret.encode() not in everything(app), asked


@pytest.mark.parametrize("page", [links.HOME, links.NETWORK, links.DATASET])
def test_pages_show_what_is_ones_own(hers, page):
    """The walk above looks at all that is shown: here it finds the word."""
    app = MINE.open_page(page, dataset=hers["dataset"])
    assert not app.exception
    assert MINE.secret.encode() in everything(app)


def test_nobody_sees_anything_without_login(hers):
    for asked in addresses(hers)[:1]:
        app = open_page(links.NETWORK, **asked)
        assert MINE.secret.encode() not in everything(app)
        assert [button.label for button in app.button] == ["Log in"]


def test_runs_of_every_kind_are_there_for_their_owner(hers):
    with MINE.at_home():
        kinds = {info.run_id: info.request.kind for info in RunStore().list_runs()}
    assert {name.removeprefix("run: "): run for name, run in hers.items() if name.startswith("run: ")} == {
        kind: run for run, kind in kinds.items() if run not in hers["runs"]
    }


def test_what_is_asked_in_anothers_home_is_not_found(hers):
    with OTHER.at_home():
        assert RunStore().list_runs() == []
        assert list_uploads() == []
        assert find_genes(hers["genes"]) is None
        with pytest.raises(Exception, match="there is no dataset"):
            describe(hers["dataset"])
        for run in (run for name, run in hers.items() if name.startswith("run")):
            assert manager.status_if_known(run) is None
        for mine in (uploaded(), stored_tables(), stored_gene_sets()):
            assert not {name for name in mine if MINE.secret in f"{name} {mine[name]}"}

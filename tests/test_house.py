"""The rules of the house, read from the source: who may import whom, what loads late, what is documented."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

# From the ground up. A part may import what stands below its floor, never beside or above it.
FLOORS = (
    {
        "arguments",
        "assets",
        "byte_code",
        "errors",
        "files",
        "in_words",
        "settings",
        "spreadsheets",
        "progress",
        "refusals",
        "sums",
        "version",
    },
    {"damaged_records", "executors", "homes", "login", "shell"},
    {"caches"},
    {"genes", "downloads", "disk"},
    {"datasets", "models"},
    {"networks"},
    {"extractors", "coexpression", "hub"},
    {"translator", "pretrain"},
    {"adapt"},
    {"planning"},
    {"benchmark", "inference", "costs"},
    {"differential", "experiments"},
    {"runs"},
    {"doctor", "drill"},
    {"bug_report"},
    {"plots"},
    {"cli", "__main__", "__init__"},
)
HEIGHT = {part: height for height, floor in enumerate(FLOORS) for part in floor}
# The ground floor's parts are modules that stand on each other; plots draw tables and need the network's shape only.
SAME_FLOOR = {(one, "errors") for one in ("arguments", "settings", "assets", "progress", "refusals")} | {
    ("refusals", "settings")
}
SAME_FLOOR |= {
    ("arguments", "in_words"),
    ("sums", "files"),
    ("assets", "files"),
    ("assets", "sums"),
    ("__main__", "cli"),
}
PLOTS_MAY_USE = {"errors", "settings", "progress", "networks"}

# Seconds of import time each: a page that loads one is not usable when the user arrives.
HEAVY = ("torch", "scanpy", "sklearn", "umap", "numba")
LIGHT = ("", ".errors", ".settings", ".genes", ".downloads", ".datasets", ".networks", ".hub", ".plots", ".runs")


def core_modules() -> list[Path]:
    return sorted((ROOT / "grn_core").rglob("*.py"))


def app_modules() -> list[Path]:
    return [path for path in (ROOT / "app.py", *sorted((ROOT / "pages").rglob("*.py"))) if path.exists()]


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


@cache
def nodes_of(path: Path) -> tuple[ast.AST, ...]:
    """Return every node of a module, walked once for all rules."""
    return tuple(ast.walk(tree(path)))


@cache
def nodes_of_kind(path: Path, *kinds: type) -> tuple[ast.AST, ...]:
    return tuple(node for node in nodes_of(path) if isinstance(node, kinds))


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {name_of(path): path for path in core_modules()}


def imported(nodes, *, of: Path, known: Iterable[str] = MODULES) -> set[str]:
    """Return the modules that import statements among `nodes` name; a member that is a module counts as that module."""
    found = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{of}:{node.lineno}: relative import; write the full name"
            members = {f"{node.module}.{alias.name}" for alias in node.names}
            modules = members.intersection(known)
            found |= modules
            if members - modules:
                found.add(node.module)
    return found


def for_types(node: ast.AST) -> bool:
    """Whether a node is a block that only the type checker reads."""
    if not isinstance(node, ast.If):
        return False
    return any("TYPE_CHECKING" in (getattr(one, "id", ""), getattr(one, "attr", "")) for one in ast.walk(node.test))


def ever_imported(node: ast.AST):
    """Yield all nodes under one, also within functions, but for those that only the type checker reads."""
    yield node
    for inner in node.orelse if for_types(node) else ast.iter_child_nodes(node):
        yield from ever_imported(inner)


def at_import(body: list[ast.stmt]):
    """Yield the statements that run when a module is imported, those under `if TYPE_CHECKING` left out."""
    for node in body:
        if for_types(node):
            yield from at_import(node.orelse)
            continue
        yield node
        for part in ("body", "orelse", "finalbody"):
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
                yield from at_import(getattr(node, part, []))


def all_imports(path: Path) -> tuple[ast.AST, ...]:
    return nodes_of_kind(path, ast.Import, ast.ImportFrom)


def imports_that_run(path: Path) -> Iterable[ast.AST]:
    """Return the imports of a module without those for types, which most modules have not."""
    has_types = any(for_types(node) for node in nodes_of_kind(path, ast.If))
    return ever_imported(tree(path)) if has_types else all_imports(path)


def part_of(module: str) -> str:
    """Return the part of the house: `grn_core.runs.store` is in `runs`, `grn_core` itself is `__init__`."""
    return module.split(".")[1] if "." in module else "__init__"


def test_imports_go_down_the_floors():
    wrong = []
    for module, path in MODULES.items():
        here = part_of(module)
        assert here in HEIGHT, f"{path} stands on no floor: give it one in FLOORS"
        for other in imported(all_imports(path), of=path):
            there = part_of(other)
            if other.split(".")[0] != "grn_core" or there == here or (here, there) in SAME_FLOOR:
                continue
            allowed = there in PLOTS_MAY_USE if here == "plots" else HEIGHT[there] < HEIGHT[here]
            if not allowed:
                wrong.append(f"{module} imports {other}")
    assert not wrong, "imports that do not go down:\n" + "\n".join(wrong)


def test_imports_never_go_round():
    """No two modules of the core and the pages need each other, also not from inside a function."""
    every = MODULES | {name_of(path): path for path in app_modules()}
    graph = {
        name: imported(imports_that_run(path), of=path, known=every) & every.keys() for name, path in every.items()
    }
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail("modules import each other in a circle: " + " -> ".join(error.args[1]))


def test_imports_within_functions_count_and_those_for_types_do_not():
    source = """
if TYPE_CHECKING:
    import one
elif sys:
    import two
class A:
    def f(self):
        with open(1) as a:
            import three
    if typing.TYPE_CHECKING:
        import four
    else:
        import five
"""
    found = imported(ever_imported(ast.parse(source)), of=Path("here"))
    assert found == {"two", "three", "five"}


def test_the_core_knows_neither_streamlit_nor_the_app():
    for path in core_modules():
        foreign = {name.split(".")[0] for name in imported(all_imports(path), of=path)} & {
            "streamlit",
            "pages",
            "app",
        }
        assert not foreign, f"{path} imports {foreign}"


def test_the_core_prints_only_on_the_command_line():
    for path in core_modules():
        if path.stem == "cli" or "cli" in path.parts:
            continue
        lines = [
            node.lineno
            for node in nodes_of_kind(path, ast.Call)
            if isinstance(node.func, ast.Name) and node.func.id == "print"
        ]
        assert not lines, f"{path} prints in lines {lines}: report through progress or return the text"


def public_definitions(path: Path):
    """Yield (name, node) of public functions, classes and methods of a module."""
    for node in tree(path).body:
        if not isinstance(node, ast.FunctionDef | ast.ClassDef) or node.name.startswith("_"):
            continue
        yield node.name, node
        if isinstance(node, ast.ClassDef):
            yield from (
                (f"{node.name}.{inner.name}", inner)
                for inner in node.body
                if isinstance(inner, ast.FunctionDef) and not inner.name.startswith("_")
            )


def test_public_functions_are_documented():
    bare = [
        f"{module}.{name}"
        for module, path in MODULES.items()
        if not any(part.startswith("_") for part in module.split("."))
        for name, node in public_definitions(path)
        if not ast.get_docstring(node)
    ]
    bare += [module for module, path in MODULES.items() if path.stat().st_size and not ast.get_docstring(tree(path))]
    assert not bare, f"without docstring: {bare}"


def exported_names(package: Path) -> set[str]:
    """Return the names that a package's `__init__` takes from its modules for its users."""
    imports = (node for node in tree(package).body if isinstance(node, ast.ImportFrom))
    return {alias.name for node in imports for alias in node.names}


def test_the_public_surface_takes_few_positional_parameters():
    crowded = []
    for path in core_modules():
        exported = exported_names(path.parent / "__init__.py") if (path.parent / "__init__.py").exists() else set()
        for name, node in public_definitions(path):
            if isinstance(node, ast.FunctionDef) and name.split(".")[0] in exported:
                positional = {argument.arg for argument in (*node.args.posonlyargs, *node.args.args)} - {"self", "cls"}
                if len(positional) > 3:
                    crowded.append(f"{path}: {name} takes {sorted(positional)}")
    assert not crowded, "more than three positional parameters; make the options keyword-only:\n" + "\n".join(crowded)


def test_no_page_lies_directly_in_pages():
    """On a first deep link, Streamlit runs a script that lies there as an old-style app, without app.py."""
    assert {path.name for path in (ROOT / "pages").glob("*.py")} <= {"__init__.py"}


def test_pages_read_no_file_and_load_no_heavy_library():
    forbidden = {*HEAVY, "anndata", "h5py", "pickle"}
    for path in app_modules():
        found = {name.split(".")[0] for name in imported(all_imports(path), of=path)} & forbidden
        assert not found, f"{path} imports {found}: that belongs in grn_core"


def heavy_after_importing(modules: list[str]) -> dict[str, list[str]]:
    """Import the modules one after the other in a fresh interpreter; return which of them brought a heavy library."""
    script = """
import importlib, json, sys
names, heavy = map(json.loads, sys.argv[1:])
brought = {}
for name in names:
    before = set(sys.modules)
    importlib.import_module(name)
    if found := [library for library in heavy if library in sys.modules and library not in before]:
        brought[name] = found
print(json.dumps(brought))
"""
    command = [sys.executable, "-c", script, json.dumps(modules), json.dumps(HEAVY)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def heavy() -> dict[str, list[str]]:
    """Which of the modules of the core, and then of what pages import at their top, brought a heavy library."""
    core = [
        *(f"grn_core{part}" for part in LIGHT),
        *(f"grn_core.runs.{name}" for name in ("request", "store", "manager")),
    ]
    wanted = set()
    for path in app_modules():
        wanted |= imported(at_import(tree(path).body), of=path) - {"__future__"}
    return heavy_after_importing([*core, *sorted(wanted.difference(core))])


def test_importing_the_core_loads_nothing_heavy(heavy):
    assert {name: brought for name, brought in heavy.items() if name.startswith("grn_core")} == {}


def test_opening_a_page_loads_nothing_heavy(heavy):
    assert heavy == {}


# Where a splatted dictionary is more than arguments that could be written out: a frozen record is read from JSON, and
# some of its fields are no JSON types.
SPLATTED_ON_PURPOSE = {
    ("grn_core.downloads.manifest", "_archive"),
    ("grn_core.hub.manifest", "_read"),
    ("grn_core.models.folders", "_read"),
}


def own_nodes(function: ast.AST) -> Iterator[ast.AST]:
    """Yield what stands in a function, without the functions and classes in it."""
    for node in ast.iter_child_nodes(function):
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield from own_nodes(node)


def has_written_keys(node: ast.AST | None) -> bool:
    """Whether an expression is a dictionary some of whose keys are written in it."""
    if isinstance(node, ast.Dict):
        return any(isinstance(key, ast.Constant) for key in node.keys)
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Name) and node.func.id == "dict" and any(one.arg for one in node.keywords)
    if isinstance(node, ast.DictComp):
        return all(isinstance(one.iter, ast.Tuple | ast.List) for one in node.generators)
    if isinstance(node, ast.IfExp):
        return has_written_keys(node.body) or has_written_keys(node.orelse)
    return isinstance(node, ast.BinOp) and (has_written_keys(node.left) or has_written_keys(node.right))


def written_dictionaries(function: ast.AST) -> set[str]:
    """Return the names to which a function assigns such dictionaries, or in which it sets a key that it writes."""
    found = set()
    for node in own_nodes(function):
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        value = getattr(node, "value", None)
        for target in targets if isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign) else ():
            if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
                pairs = list(zip(target.elts, value.elts, strict=False))
            else:
                pairs = [(target, value)]
            for one, made in pairs:
                if isinstance(one, ast.Name) and has_written_keys(made):
                    found.add(one.id)
                if isinstance(one, ast.Subscript) and isinstance(one.value, ast.Name):
                    found |= {one.value.id} if isinstance(one.slice, ast.Constant) else set()
    return found


def has_splat(call: ast.Call) -> bool:
    return any(keyword.arg is None for keyword in call.keywords)


def splatted(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Yield (function, line) of every call that is given ``**`` of a dictionary whose keys are written beside it."""
    for function in ast.walk(tree):
        if not isinstance(function, ast.Module | ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        given = [node for node in own_nodes(function) if isinstance(node, ast.Call) and has_splat(node)]
        known = written_dictionaries(function) if given else set()
        for node in given:
            for keyword in node.keywords:
                parts = [keyword.value] if keyword.arg is None else []
                parts += [one for part in parts if isinstance(part, ast.IfExp) for one in (part.body, part.orelse)]
                parts += [one for part in parts if isinstance(part, ast.BinOp) for one in (part.left, part.right)]
                if any(has_written_keys(one) or (isinstance(one, ast.Name) and one.id in known) for one in parts):
                    yield getattr(function, "name", "<module>"), node.lineno


def test_arguments_are_written_out_where_a_function_is_called():
    """No ``f(x, **options)`` with a dictionary made two lines above: who reads or checks types sees none of it."""
    modules = (*core_modules(), *app_modules(), *sorted((ROOT / "scripts").rglob("*.py")))
    found = [(path, function, line) for path in modules for function, line in splatted(tree(path))]
    wrong = [
        f"{path.relative_to(ROOT)}:{line}: {function}"
        for path, function, line in found
        if (name_of(path), function) not in SPLATTED_ON_PURPOSE
    ]
    assert {(name_of(path), function) for path, function, _ in found} >= SPLATTED_ON_PURPOSE, "drop what is not needed"
    assert not wrong, "write these arguments out:\n" + "\n".join(wrong)


@pytest.mark.parametrize(
    ("body", "is_habit"),
    [
        ("options = {'a': 1}\n    g(x, **options)", True),
        ("options: dict[str, int] = dict(a=1)\n    g(x, **options)", True),
        ("one, options = 1, {'a': 1}\n    g(x, **options)", True),
        ("options = {}\n    options['a'] = 1\n    g(x, **options)", True),
        ("options = {}\n    options |= {'a': 1}\n    g(x, **options)", True),
        ("options = {name: x for name in ('a', 'b')}\n    g(x, **options)", True),
        ("options = {'a': 1} if x else {}\n    g(x, **options)", True),
        ("g(x, **({'a': 1} if x else {}))", True),
        ("g(x, **x | {'a': 1})", True),
        ("g(x, a=1)", False),
        ("g(x, **x)", False),
        ("g(x, **linked('a', {'b': 1}))", False),
        ("options = {name: x[name] for name in x}\n    g(x, **options)", False),
        ("options = {'a': 1}\n    def h():\n        g(x, **x)\n    return {**options}", False),
    ],
)
def test_the_habit_is_recognised(body, is_habit):
    assert bool(list(splatted(ast.parse(f"def f(x):\n    {body}\n")))) is is_habit


# Rooms whose numbers people read; those that decide measurements, and that tell sizes of files alone, are left out.
SHOWN = ("pages", "grn_core.plots", "grn_core.networks", "grn_core.differential", "grn_core.experiments")
SHOWN += ("grn_core.runs", "grn_core.benchmark.results", "grn_core.cli", "grn_core.in_words")
SHOWN += ("grn_core.benchmark.metrics.found_against",)
DECIMALS = re.compile(r"(?<!%)\{[^{}]*:([^{}]*\.[^{}]*[fg%])\}")


def formats(path: Path) -> Iterator[str]:
    """Yield how each number with decimals is formatted in a module, in f-strings and in texts for `str.format`."""
    for node in nodes_of(path):
        if isinstance(node, ast.FormattedValue) and isinstance(node.format_spec, ast.JoinedStr):
            parts = [one.value if isinstance(one, ast.Constant) else "0" for one in node.format_spec.values]
            told = "".join(map(str, parts))
            yield from [told] if "." in told and told[-1:] in "fg%" else []
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from DECIMALS.findall(node.value)


def test_no_number_is_written_as_zero_with_a_minus():
    """A format with decimals has a z, which makes 0.00 of −0.00; what a browser formats stands in `show_table`."""
    modules = {name_of(path): path for path in (*core_modules(), *app_modules())}
    shown = {name: path for name, path in modules.items() if name.startswith(SHOWN)}
    told = {f"{name}: {one}" for name, path in shown.items() for one in formats(path)}
    assert len(told) > 50
    assert not sorted(one for one in told if "z" not in one.rpartition(": ")[2])


# What a cache of the core may hold: what comes with the software and is the same for all, or what its arguments alone
# decide, the home among them where it lies in one (a path does).
CACHES_OF_WHAT_IS_FOR_ALL = {
    "assets._check",
    "assets._folder",
    "benchmark.features.cache.code_digest",
    "benchmark.references.gathered._kept",
    "benchmark.references.gene_sets.reference_regulons",
    "benchmark.references.known.known_networks",
    "costs.speed.reference_speed",
    "datasets.boolean.truth_table",
    "datasets.isolation.reader._code",
    "datasets.isolation.warm._program",
    "downloads.manifest._read",
    "executors.alike.versions_here",
    "executors.store._opened",
    "experiments.limits._measured",
    "experiments.proposals.measured_lists",
    "experiments.propagation._shipped",
    "genes.tables.aliases",
    "genes.tables.aliases_by_upper_case",
    "genes.tables.by_upper_case",
    "genes.tables.ensembl_to_symbol",
    "genes.tables.ncbi_to_symbol",
    "genes.tables.ortholog_to_human",
    "genes.tables.ortholog_to_mouse",
    "genes.tables.symbols",
    "genes.tables.synonyms",
    "genes.tables.transcript_to_symbol",
    "genes.tf_lists.human_tfs_of",
    "genes.tf_lists.tf_list",
    "hub.manifest._read",
    "models.described._code",
    "models.device._ask",
    "models.device.is_cpu_build",
    "models.registry._bundled_sha",
    "models.registry._bundled_vocabulary",
    "models.registry._folders",
    "runs.versions.package_versions",
    "translator.cells_worth._measured",
    "translator.direction_worth._measured",
    "translator.expected._measured",
    "translator.registry._bundled",
    "translator.sign_worth._measured",
}
CACHES_TOLD_APART_BY_THEIR_ARGUMENTS = {
    "models.digest.compact_digest",
    "adapt.store.load",
    "benchmark.features.handle.load",
    "benchmark.references.gene_sets._uploaded",
    "benchmark.results.tables._released",
    "benchmark.results.tested._every_test",
    "benchmark.results.tested_methods._tests",
    "benchmark.results.tested._of_training",
    "benchmark.references.known._seen",
    "cli.import_network._asks",
    "datasets.catalog._describe",
    "datasets.catalog._load",
    "datasets.formats.gene_columns._matched",
    "files._sha256_as_of",
    "homes._home_of",
    "homes._secret",
    "models.described._described",
    "models.registry._card",
    "settings._from_environment",
    "settings._in_home",
    "sums._as_of",
    "translator.record._card",
    "translator.registry._sha",
}


def caches(path: Path) -> Iterator[tuple[str, str]]:
    """Yield (module, function) of what a module keeps for all who come later."""
    for node in nodes_of_kind(path, ast.FunctionDef, ast.AsyncFunctionDef):
        said = " ".join(ast.unparse(one) for one in node.decorator_list)
        if any(word in said for word in ("lru_cache", "cache_data", "cache_resource")) or said == "cache":
            yield name_of(path), node.name


def test_a_cache_of_the_core_holds_what_is_for_all_or_tells_homes_apart():
    """Two people who ask one server share its memory: what is kept of one home is never handed to another."""
    found = {f"{module.removeprefix('grn_core.')}.{name}" for path in core_modules() for module, name in caches(path)}
    assert found == CACHES_OF_WHAT_IS_FOR_ALL | CACHES_TOLD_APART_BY_THEIR_ARGUMENTS


def test_no_cache_of_the_core_looks_into_a_home_by_itself():
    wrong = []
    for path in core_modules():
        of_all = {name for _, name in caches(path)}
        for node in nodes_of_kind(path, ast.FunctionDef):
            if node.name in of_all:
                called = {ast.unparse(one.func) for one in ast.walk(node) if isinstance(one, ast.Call)}
                wrong += [f"{path}: {node.name}"] if called & {"settings", "RunStore", "homes"} else []
    assert not wrong, f"kept for everybody, of the home of who came first: {wrong}"


def test_pages_keep_things_only_by_home():
    """`kept` and `copied` tell the homes apart; nothing else of the pages is kept for all sessions."""
    keeper = ROOT / "pages" / "components" / "shared" / "kept.py"
    wrong = [(path, name) for path in app_modules() if path != keeper for _, name in caches(path)]
    assert [name for _, name in wrong] == ["_held", "login_needed"], wrong  # of one session, and what is so for all


def test_what_a_download_makes_later_is_made_in_the_home_of_its_page():
    """Streamlit makes it in a thread of no session."""
    wrong = []
    for path in app_modules():
        for node in nodes_of_kind(path, ast.Call):
            if ast.unparse(node.func).endswith("download_button"):
                content = node.args[1] if len(node.args) > 1 else ast.Constant("")
                made = isinstance(content, ast.Call) and ast.unparse(content.func) == "later"
                held = isinstance(content, ast.Constant) or ast.unparse(content).startswith("lines_of(")
                wrong += [] if made or held else [f"{path}:{node.lineno}: {ast.unparse(content)}"]
    assert not wrong, "write later(...) around it:\n" + "\n".join(wrong)

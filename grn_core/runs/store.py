"""What finished runs have made: tables, arrays and names, read from the folder of runs."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from grn_core.errors import RunError
from grn_core.files import read_json
from grn_core.runs.damage import damaged_error
from grn_core.runs.records import RunRecords

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import numpy as np
    import pandas as pd

    from grn_core.benchmark.metrics.found_against import Against
    from grn_core.datasets.closer import CloserLook
    from grn_core.differential import Differential
    from grn_core.networks import GeneNames
    from grn_core.networks.activity.kept import KeptActivity


class RunStore(RunRecords):
    """Runs on disk: their records and states, and what finished ones hold."""

    def edges(self, run_id: str) -> pd.DataFrame:
        """Return the edge table of a finished inference, best edge first, in the columns of `grn_core.networks`."""
        from grn_core.networks import read_edges
        from grn_core.networks.edge_table import DIRECTED, without_certainty, without_probability

        edges: pd.DataFrame = self._read(run_id, "edges.parquet", partial(read_edges, names=self.gene_names(run_id)))
        if not self._score(run_id).get("probability", True):
            edges = without_probability(edges)
        asked = self.record(run_id).get("request") or {}
        if len(asked.get("seeds", ())) == 1 or asked.get("kind") == "import":  # one seed differs from no other
            edges = without_certainty(edges)
        edges.attrs[DIRECTED] = self.is_directed(run_id)
        return edges

    def is_directed(self, run_id: str) -> bool:
        """Whether a run tells source -> target from target -> source; a correlation or a sum of embeddings does not."""
        return bool(self._score(run_id).get("directed", True))

    def _score(self, run_id: str) -> dict[str, Any]:
        """Return what the record of a run says of its scores."""
        return (self.record(run_id).get("result") or {}).get("score") or {}

    def gene_names(self, run_id: str) -> GeneNames:
        """Return the names of a run's genes, in the order of its panel; none if no panel was written."""
        from grn_core.networks import GeneNames

        return GeneNames.of_record(read_json(self.file(run_id, "panel.json")) or {})

    def embedding(self, run_id: str) -> np.ndarray:
        """Return the two-dimensional embedding of a finished ``umap`` run, shape (cells, 2)."""
        import numpy as np

        points: np.ndarray = self._read(run_id, "embedding.npy", partial(np.load, allow_pickle=False))
        return points

    def closer_look(self, run_id: str) -> CloserLook:
        """Return what a finished ``umap`` run with clusters has found of the cells."""
        from grn_core.datasets.closer import CloserLook

        look: CloserLook = self._read(run_id, "embedding.npy", lambda path: CloserLook(path.parent), folder=True)
        return look

    def activity(self, run_id: str) -> KeptActivity:
        """Return the TF activity that a finished ``activity`` run has found."""
        from grn_core.networks.activity.kept import SCORES, KeptActivity

        def read(path: Path) -> KeptActivity:
            found = KeptActivity(path.parent)
            if found.scores.shape != (len(found.tfs), len(found.cells)):
                message = f"{found.scores.shape} scores"
                raise ValueError(message)
            return found

        kept: KeptActivity = self._read(run_id, SCORES, read, folder=True)
        return kept

    def differences(self, run_id: str) -> tuple[pd.DataFrame, dict[str, Any]]:
        """Return the edges that a finished ``groups`` run tested, and the facts: of `Differential` all but networks."""
        import pandas as pd

        from grn_core.runs.kinds.groups import DIFFERENCES

        facts: dict[str, Any] = (self.record(run_id).get("result") or {})["facts"]
        table = self._read(run_id, DIFFERENCES, pd.read_parquet)
        if "stronger" not in table or "turned" not in facts:
            raise damaged_error(run_id, DIFFERENCES)
        return table, facts

    def differential(self, run_id: str) -> Differential:
        """Return what a finished ``groups`` run has found: the edges that differ, and both networks."""
        from grn_core.differential import Differential
        from grn_core.networks import read_edges
        from grn_core.networks.edge_table import DIRECTED
        from grn_core.runs.kinds.groups import NETWORK_A, NETWORK_B

        table, facts = self.differences(run_id)
        a, b = (self._read(run_id, name, read_edges) for name in (NETWORK_A, NETWORK_B))
        for edges in (a, b):
            edges.attrs[DIRECTED] = facts["directed"]
        return Differential(table, a, b, facts)

    def standing(self, run_id: str) -> pd.DataFrame:
        """Return where each edge stands, as a finished ``all-groups`` run has found it; two TFs once without direction.

        Runs of before listed the two orders of such a pair; what is stored stays as it is.
        """
        from grn_core.differential.all_groups import once
        from grn_core.runs.kinds.groups import STANDING

        table = self.table(run_id, STANDING)
        facts: dict[str, Any] = (self.record(run_id).get("result") or {})["facts"]
        return table if facts["directed"] else once(table)

    def against(self, run_id: str) -> Against:
        """Return what a finished ``against`` run has found; its networks are called by the ids of their runs."""
        from grn_core.benchmark.metrics.found_against import Against, table_file

        told: dict[str, Any] = self.record(run_id).get("result") or {}
        return Against(
            table=self.table(run_id, table_file("table")),
            curves=self.table(run_id, table_file("curves")),
            per_tf=self.table(run_id, table_file("per_tf")),
            bands=self.table(run_id, table_file("bands")),
            leads=self.table(run_id, table_file("leads")),
            n_draws=int(told["n_draws"]),
            seed=int(told["seed"]),
        )

    def table(self, run_id: str, name: str) -> pd.DataFrame:
        """Return a table of a finished run as it was written, e.g. ``what_if.parquet``."""
        import pandas as pd

        found: pd.DataFrame = self._read(run_id, name, pd.read_parquet)
        return found

    def expression(self, run_id: str) -> np.ndarray:
        """Return the cells kept with a finished ``coexpression`` run, on disk; shape (genes of the panel, cells)."""
        import numpy as np

        kept: np.ndarray = self._read(run_id, "expression.npy", partial(np.load, mmap_mode="r", allow_pickle=False))
        return kept

    def mean_expression(self, run_id: str) -> dict[str, float]:
        """Return the mean of each gene, by its label, over the cells kept with a finished ``coexpression`` run."""
        means = self.expression(run_id).mean(axis=1)
        return {str(gene): float(mean) for gene, mean in zip(self.panel(run_id)["labels"], means, strict=True)}

    def features(self, run_id: str) -> dict[str, np.ndarray]:
        """Return the pair features as read-only arrays on disk, by name; shape (sources, genes, levels)."""
        import numpy as np

        folder = self.file(run_id, "features")
        read = partial(np.load, mmap_mode="r", allow_pickle=False)
        return {file.stem: _whole(run_id, file, read) for file in sorted(folder.glob("[!.]*.npy"))}

    def panel(self, run_id: str) -> dict[str, Any]:
        """Return ``panel.json`` of a run; no gene and no source where none was written."""
        content: dict[str, Any] = read_json(self.file(run_id, "panel.json")) or {"labels": [], "sources": []}
        return content

    def levels(self, run_id: str) -> list[float]:
        """Return the levels of the source at which a run's features were extracted; none if it has no features."""
        content = read_json(self.file(run_id, "features/grid.json")) or {}
        return [float(level) for level in content.get("levels", ())]

    def part(self, run_id: str, name: str, read: Callable[[Path], Any]) -> Any:
        """Return what `read` makes of a file of a finished run; `RunError` if there is none or it is damaged."""
        return self._read(run_id, name, read)

    def _read(self, run_id: str, name: str, read: Callable[[Path], Any], *, folder: bool = False) -> Any:
        """Read a file of a finished run, or with its `folder`; `RunError` if there is none or it is damaged."""
        path = self.path(run_id) / name
        state = self.status(run_id).state
        if state != "done" or not path.exists():
            message = f"run {run_id} has no {name}: it is {state}"
            raise RunError(message, needed="a finished run", todo="wait for it, or resume it")
        if folder and (wrong := self.damaged(run_id)):
            raise damaged_error(run_id, wrong[0])
        return _whole(run_id, self.file(run_id, name), read)


def _whole(run_id: str, path: Path, read: Callable[[Path], Any]) -> Any:
    try:
        return read(path)
    except (MemoryError, PermissionError):  # which say nothing of the file
        raise
    except Exception as error:  # whatever a damaged file does to its reader
        raise damaged_error(run_id, path.name) from error

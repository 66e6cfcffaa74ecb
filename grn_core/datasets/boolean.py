"""Cells simulated from Boolean rules, with the truth that the rules imply.

After BoolODE (Pratapa et al. 2020): every node has mRNA x and protein p,

    dx = (m f(p) - a x) dt + s sqrt(x) dW,        dp = (r x - b p) dt + s sqrt(p) dW,

where f is the multilinear extension of the rule's truth table at the Hill activities h = p^n / (k^n + p^n) of its
inputs: the probability that the rule is true if every input were on independently with probability h.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

import numpy as np
import pandas as pd

from grn_core.datasets.curated import BooleanModel

TRANSCRIPTION, MRNA_DECAY = 20.0, 10.0  # m, a: highest steady mRNA level is m / a = 2
TRANSLATION, PROTEIN_DECAY = 10.0, 1.0  # r, b: highest steady protein level is 20
THRESHOLD, HILL = 10.0, 10  # k is half of the highest protein level; n
NOISE, STEP = 1.0, 0.01  # s, and the Euler-Maruyama step in units of time


def rule_inputs(rule: str) -> tuple[str, ...]:
    """Names that a rule mentions, sorted."""
    return tuple(sorted({node.id for node in ast.walk(ast.parse(rule, mode="eval")) if isinstance(node, ast.Name)}))


@lru_cache(maxsize=1024)
def truth_table(rule: str) -> tuple[tuple[str, ...], np.ndarray]:
    """Inputs that a rule depends on, and its truth table over them.

    An input that the rule mentions but that never changes its value ("A or (A and B)": B) is left out.

    Returns
    -------
    inputs
        The k names, sorted.
    table
        float array of shape ``(2,) * k``, axis i = input i, 1 where the rule is true.
    """
    names, tree = rule_inputs(rule), ast.parse(rule, mode="eval").body
    states = product((False, True), repeat=len(names))
    table = np.array([_evaluate(tree, dict(zip(names, state, strict=True))) for state in states], dtype=float)
    table = table.reshape((2,) * len(names))
    acting = [axis for axis in range(len(names)) if np.any(np.diff(table, axis=axis))]
    index = tuple(slice(None) if axis in acting else 0 for axis in range(len(names)))
    table = table[index]
    table.flags.writeable = False  # it is kept
    return tuple(names[axis] for axis in acting), table


def _evaluate(node: ast.expr, state: dict[str, bool]) -> bool:
    match node:
        case ast.Name(id=name):
            return state[name]
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return not _evaluate(operand, state)
        case ast.BoolOp(op=ast.And(), values=values):
            return all(_evaluate(value, state) for value in values)
        case ast.BoolOp(op=ast.Or(), values=values):
            return any(_evaluate(value, state) for value in values)
    message = f"a rule may hold only names, and, or, not: {ast.unparse(node)}"
    raise ValueError(message)


def node_edges(model: BooleanModel) -> pd.DataFrame:
    """Signed edges between the nodes of a model, by monotonicity of each truth table; self edges included.

    Returns
    -------
    DataFrame
        ``source``, ``target``, ``sign`` (+1 activates, -1 represses, 0 does both), one row per acting input.
    """
    rows = []
    for target, rule in model.rules.items():
        inputs, table = truth_table(rule)
        for axis, source in enumerate(inputs):
            change = np.diff(table, axis=axis)
            rows.append((source, target, int((change > 0).any()) - int((change < 0).any())))
    return pd.DataFrame(rows, columns=["source", "target", "sign"])


def silent_inputs(model: BooleanModel) -> list[tuple[str, str]]:
    """(source, target) pairs that a rule mentions although the source can never change the target."""
    return [
        (source, target)
        for target, rule in model.rules.items()
        for source in rule_inputs(rule)
        if source not in truth_table(rule)[0]
    ]


def gene_edges(model: BooleanModel) -> pd.DataFrame:
    """Signed truth between measured genes, by official symbol, without self edges, sorted by source and target.

    Edges of two products of one gene are joined; nodes that are no gene are left out.
    """
    edges = node_edges(model)
    edges = edges.assign(source=edges["source"].map(model.symbol), target=edges["target"].map(model.symbol))
    named = (edges["source"] != "") & (edges["target"] != "") & (edges["source"] != edges["target"])
    joined = edges[named].groupby(["source", "target"], as_index=False).agg({"sign": "sum"})
    return joined.assign(sign=np.sign(joined["sign"]).astype("int64"))


@dataclass(frozen=True)
class _AlikeRules:
    """The n rules with k inputs: their nodes (n,), the nodes of their inputs (k, n), their tables (2,) * k + (n, 1)."""

    nodes: np.ndarray
    inputs: np.ndarray
    tables: np.ndarray

    def activity(self, hill: np.ndarray) -> np.ndarray:
        """Multilinear extension of the truth tables: Hill activities of all nodes (nodes, cells) -> (n, cells)."""
        value = self.tables
        for h in hill[self.inputs]:
            value = value[0] * (1.0 - h) + value[1] * h
        return value


def _alike_rules(model: BooleanModel) -> list[_AlikeRules]:
    nodes, alike = list(model.rules), dict[int, list[tuple[int, list[int], np.ndarray]]]()
    for place, rule in enumerate(model.rules.values()):
        inputs, table = truth_table(rule)
        alike.setdefault(len(inputs), []).append((place, [nodes.index(name) for name in inputs], table))
    found = []
    for n_inputs, rules in alike.items():
        places, inputs_of, tables = zip(*rules, strict=True)
        inputs_at = np.array(inputs_of, dtype=int).reshape(len(rules), n_inputs).T
        found.append(_AlikeRules(np.array(places), inputs_at, np.stack(tables, axis=-1)[..., None]))
    return found


def simulate(
    model: BooleanModel, *, n_cells: int = 1000, n_trajectories: int = 250, noise: float = NOISE, seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Simulate trajectories and sample cells at random times along them.

    Parameters
    ----------
    model
        The Boolean model.
    n_cells, n_trajectories
        Cells to return, and independent simulations from which they are sampled in equal shares.
    noise
        Strength s of the multiplicative noise.
    seed
        Decides every draw.

    Returns
    -------
    mrna
        (n_cells, n_nodes) non-negative mRNA levels (0 to about 2), nodes in the order of ``model.rules``.
    time
        (n_cells,) simulated time of each cell as a share of the duration, above 0 to 1.
    """
    rng = np.random.default_rng(seed)
    nodes = list(model.rules)
    rules = _alike_rules(model)
    n_steps = round(model.duration / STEP)
    trajectory = np.arange(n_cells) % n_trajectories
    at_step = rng.integers(1, n_steps + 1, size=n_cells)
    order = np.argsort(at_step, kind="stable")
    starts = np.searchsorted(at_step[order], np.arange(n_steps + 2))

    top = TRANSCRIPTION / MRNA_DECAY
    x = np.repeat([[top * model.initial.get(node, 0.0)] for node in nodes], n_trajectories, axis=1)
    p = x * TRANSLATION / PROTEIN_DECAY
    active = np.empty_like(x)
    mrna = np.empty((n_cells, len(nodes)))
    shake = noise * np.sqrt(STEP)
    for step in range(1, n_steps + 1):
        power = (p / THRESHOLD) ** HILL
        hill = power / (1.0 + power)
        for alike in rules:
            active[alike.nodes] = alike.activity(hill)
        dx = (TRANSCRIPTION * active - MRNA_DECAY * x) * STEP + shake * np.sqrt(x) * rng.standard_normal(x.shape)
        dp = (TRANSLATION * x - PROTEIN_DECAY * p) * STEP + shake * np.sqrt(p) * rng.standard_normal(p.shape)
        x, p = np.maximum(x + dx, 0.0), np.maximum(p + dp, 0.0)
        now = order[starts[step] : starts[step + 1]]
        mrna[now] = x[:, trajectory[now]].T
    return mrna, at_step / n_steps


def measured(model: BooleanModel, mrna: np.ndarray) -> tuple[np.ndarray, tuple[str, ...]]:
    """Sum node levels (cells, nodes) to genes by official symbol, sorted; leave out nodes that are no gene."""
    symbols = [model.symbol(node) for node in model.rules]
    genes = tuple(sorted({symbol for symbol in symbols if symbol}))
    columns = [mrna[:, [i for i, symbol in enumerate(symbols) if symbol == gene]].sum(axis=1) for gene in genes]
    return np.stack(columns, axis=1), genes

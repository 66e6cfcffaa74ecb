"""What a co-expression method is; reading it needs no scikit-learn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

STAGE = "co-expression"


@dataclass(frozen=True)
class MethodOption:
    """A whole number that a method takes.

    Attributes
    ----------
    name
        Keyword of the method's function.
    title, help
        For menus and docs.
    default
        Its value unless told otherwise.
    choices
        What menus offer; any number from 1 up is allowed.
    later
        Whether the method had runs before it had this option: at its default it takes no part in their ids, so that
        they are found again.
    package
        What computes beside the method's own packages where the option is not at its default.
    """

    name: str
    title: str
    help: str
    default: int
    choices: tuple[int, ...]
    later: bool = False
    package: str = ""


@dataclass(frozen=True)
class CoexpressionMethod:
    """A way to score TF-target pairs from measured cells alone.

    Attributes
    ----------
    name, title, description, limits, reference
        For menus and docs.
    unit
        What the size of a score is, in words.
    signed
        Whether a score says that both rise together (above 0) or that one falls as the other rises (below 0).
    directed
        Whether source -> target and target -> source can score differently.
    seeded
        Whether random draws take part; `function` then also takes ``names`` and ``seed``.
    function
        ``function(expression, sources, *, progress)``: expression (cells, genes) float64 log1p(CP10k), in which every
        gene varies, and S positions of the sources; returns (S, genes), row = source, column = target. What stands
        where a source meets itself means nothing.
    seconds
        ``seconds(n_cells, n_sources, n_genes, **options)``: wall time on two cores, foretold from measurements.
    options
        Further keywords of `function`.
    targets_at_once
        ``targets_at_once(n_sources)``: targets of a part, where `function` also takes ``targets`` (T,), positions of
        the targets asked, and then returns (S, T): so long work can be done, and kept, in parts. None where it takes
        none.
    keeps
        Whether `function` also takes ``folder``, where it keeps what took it long.
    held
        ``held(n_cells, n_genes, **options)``: bytes that it holds beside some copies of the cells.
    """

    name: str
    title: str
    description: str
    limits: str
    reference: str
    unit: str
    signed: bool
    directed: bool
    seeded: bool
    function: Callable[..., np.ndarray] = field(repr=False)
    seconds: Callable[..., float] = field(repr=False)
    options: tuple[MethodOption, ...] = ()
    targets_at_once: Callable[[int], int] | None = field(default=None, repr=False)
    keeps: bool = False
    held: Callable[..., float] = field(default=lambda _n_cells, _n_genes, **_options: 0.0, repr=False)

"""Random draws of torch that a seed alone decides, and that leave torch's own random state as it was."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import numpy as np
import torch

Network = TypeVar("Network", bound=torch.nn.Module)
DROPOUT = 3
"""Stream of the dropout of a training step; the trainings' other streams have other numbers."""


@contextmanager
def drawing_from(seed: int) -> Iterator[None]:
    """Let torch draw from `seed` within the block, on the CPU; afterwards it goes on as if nothing had been drawn.

    `torch.manual_seed` would set the generators of accelerators too, which nobody puts back.
    """
    generator = torch.default_generator
    before = generator.get_state()
    generator.manual_seed(seed)
    try:
        yield
    finally:
        generator.set_state(before)


def step_seed(seed: int, step: int) -> int:
    """Seed of what is drawn within one training step, so that a resumed training draws as an uninterrupted one."""
    return int(np.random.default_rng([seed, DROPOUT, step]).integers(2**31))


def seeded(build: Callable[[], Network], seed: int) -> Network:
    """Build a network whose first weights `seed` decides."""
    with drawing_from(seed):
        return build()

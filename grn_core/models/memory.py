"""What an error says about memory: torch's allocators have no error class in common."""

from __future__ import annotations

import torch

OUT_OF_MEMORY = ("can't allocate memory", "MPS backend out of memory")
"""What those say that have no error class of their own; CUDA's has one."""


def ran_out(error: Exception) -> bool:
    """Whether an error says that there was no more memory."""
    known = isinstance(error, (MemoryError, torch.OutOfMemoryError))
    return known or any(words in str(error) for words in OUT_OF_MEMORY)

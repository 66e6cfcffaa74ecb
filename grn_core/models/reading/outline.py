"""Networks as outlines: names and shapes of their tensors, without memory for them and without a value.

torch has meta tensors for that. What torch itself computes of them loads its compiler, with seconds of imports that
no inference needs; so what layers do to make first values is answered here, by a tensor of the right shape.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

DRAWS = frozenset({nn.init.normal_, nn.init.uniform_, Tensor.normal_, Tensor.uniform_})
"""What fills a tensor by chance, in place."""
ARITHMETIC = frozenset({"add", "div", "mul", "sub", "__radd__", "__rmul__", "__rsub__", "__rtruediv__", "__truediv__"})


class _Valueless(TorchFunctionMode):
    """Make tensors of the shapes that first values would have, and no values."""

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: tuple[Any, ...] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        given = dict(kwargs or {})
        if func in DRAWS:
            return args[0] if args else given["tensor"]
        if func is torch.randn:
            return torch.empty(*args, **given)
        if func is torch.eye:
            return torch.empty(args[0], args[-1], **given)
        if getattr(func, "__name__", "") in ARITHMETIC and len(args) == 2 and not given:
            tensors = [one for one in args if isinstance(one, Tensor)]
            return torch.empty(np.broadcast_shapes(*(one.shape for one in tensors)), dtype=tensors[0].dtype)
        return func(*args, **given)


def outline(build: Callable[[], nn.Module]) -> nn.Module:
    """Return the network that `build` makes, on torch's meta device: nothing is allocated and nothing drawn."""
    with torch.device("meta"), _Valueless():
        return build()

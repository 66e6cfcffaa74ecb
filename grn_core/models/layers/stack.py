"""Lists of layers that remember of which class the layers are: torch's own give back bare modules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Generic, TypeVar

from torch import nn

Layer = TypeVar("Layer", bound=nn.Module)


class LayerList(nn.ModuleList, Generic[Layer]):
    """Torch's list of modules, all of one class."""

    if TYPE_CHECKING:

        def __init__(self, layers: Iterable[Layer]) -> None: ...

        def __iter__(self) -> Iterator[Layer]: ...


class Stack(nn.Module, Generic[Layer]):
    """Layers under the name ``layers``, as the published files call them."""

    def __init__(self, layers: Iterable[Layer]) -> None:
        super().__init__()
        self.layers = LayerList(layers)


class NormedStack(Stack[Layer]):
    """As `Stack`, and a layer norm behind the last layer under the name ``norm``."""

    def __init__(self, layers: Iterable[Layer], width: int) -> None:
        super().__init__(layers)
        self.norm = nn.LayerNorm(width)

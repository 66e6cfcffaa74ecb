"""What a user asks a worker to compute, and the id that follows from it: what every kind of request shares."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn, Self

from grn_core.errors import RequestError
from grn_core.runs.versions import versions_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

FORMAT = 2
"""Format of the record of a run; `grn_core.runs.old_records` reads the earlier ones."""
BY_CONTENT: Mapping[str, bool] = {"by_content": True}
"""Metadata of a field that takes part in the id by what it names (`Request.hashes`), not by the name."""


@dataclass(frozen=True, kw_only=True)
class Request:
    """One piece of long work, described completely: the base of one small frozen dataclass per kind of work.

    A kind puts its lists in canonical order and refuses in ``__post_init__`` what no worker could compute, so that
    equal requests are equal values.

    Attributes
    ----------
    kind
        Name in the registry of `grn_core.runs.jobs`.
    title
        What it is about, for people; takes no part in the id.
    """

    kind: ClassVar[str]
    title: str = field(default="", compare=False)

    @property
    def subject(self) -> str:
        """What the work is about, in a few words."""
        return self.title

    def to_json(self) -> dict[str, Any]:
        """Return the request as JSON types."""
        return {"kind": self.kind, **json.loads(json.dumps(dataclasses.asdict(self)))}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """Read `to_json`'s output; fields that this kind does not have are passed over."""
        return cls(**{item.name: values[item.name] for item in dataclasses.fields(cls) if item.name in values})

    def restated(self, before: Self) -> Self:
        """Return this request as the record of an equal one, asked `before`, is to name things from now on.

        They are named as by who asked last: a file or a model may have moved.
        """
        del before
        return self

    def decides(self) -> dict[str, Any]:
        """Return the fields that decide the result, as JSON types."""
        return {
            item.name: getattr(self, item.name)
            for item in dataclasses.fields(self)
            if item.compare and not item.metadata.get("by_content")
        }

    def hashes(self) -> dict[str, str]:
        """Return the content hashes of what the request names and that decides the result; torch-free."""
        return {}

    def packages(self) -> tuple[str, ...] | None:
        """Return the packages whose versions decide the result; None where not even our own version does."""
        return None

    def check(self) -> None:
        """Refuse, before there is a run, what model, translator or method cannot be asked; torch-free.

        Raises
        ------
        GrnError
            A subclass that says what was found, needed and what to do.
        """
        self.hashes()  # weights and methods that are not there

    def look(self) -> None:
        """Refuse, before there is a run, what cannot be computed of the data that the request names: they are read.

        Raises
        ------
        GrnError
            As `check`.
        """

    def run_id(self) -> str:
        """Return the 16 hexadecimal digits that name this work.

        Equal requests on equal content, computed by equal versions, have the same id on every machine.
        """
        packages = self.packages()
        versions = {} if packages is None else versions_of(packages)
        content = {"format": FORMAT, "kind": self.kind, **self.decides(), "hashes": self.hashes(), "versions": versions}
        canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
        return hashlib.sha256(canonical.encode()).hexdigest()[:16]

    def _set(self, name: str, value: object) -> None:
        """Put a canonical value in the place of what was given; for ``__post_init__`` alone."""
        object.__setattr__(self, name, value)


def in_order(values: Iterable[Any]) -> tuple[Any, ...]:
    """Return the values sorted and each once."""
    return tuple(sorted(set(values)))


def names_in_order(values: Iterable[str]) -> tuple[str, ...]:
    """Return names without the white space around them, sorted and each once; empty ones are passed over."""
    return in_order(name for value in values if (name := str(value).strip()))


def tfs_in_order(values: Iterable[str]) -> tuple[str, ...]:
    """Return names of TFs as `names_in_order` does, each once however it is spelt: no two differ in capitals alone."""
    return in_order({name.casefold(): name for name in reversed(names_in_order(values))}.values())


def refuse(found: str, needed: str, *, todo: str = "change the request") -> NoReturn:
    """Raise the `RequestError` of a request that cannot be computed."""
    raise RequestError(found, needed=needed, todo=todo)

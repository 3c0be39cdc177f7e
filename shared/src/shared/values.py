"""Values: dataclasses that nobody changes.

The one thing to know: `value` is `dataclass` to the type checker, which refuses every assignment to a frozen field. When a
program runs it leaves Python's own guard out, with which a value of thirty fields takes four times as long to make; a credit
check makes a dozen. `changed` is `dataclasses.replace` for them, in a fifth of its time.
"""

from collections.abc import Callable
from dataclasses import fields
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from dataclasses import dataclass as value
else:
    from dataclasses import dataclass

    T = TypeVar("T")

    def value(*, frozen: bool, slots: bool, kw_only: bool = False) -> Callable[[type[T]], type[T]]:
        """Return what makes a class a value; it can be compared, hashed and replaced as a frozen dataclass can."""
        assert frozen, "a value is not changed"
        return dataclass(slots=slots, kw_only=kw_only, unsafe_hash=True)


V = TypeVar("V")


def changed(one: V, **changes: Any) -> V:
    """Return a value that is as `one` but for these fields; raise `AttributeError` for a field that it does not have."""
    kind: type = type(one)
    new: V = _copier(kind)(one)
    for name, content in changes.items():
        setattr(new, name, content)
    return new


@cache
def _copier(kind: type) -> Callable[[Any], Any]:
    """Return what copies a value: a function of one assignment a field, written out as `dataclass` writes `__init__`."""
    assignments = "".join(f"\n    new.{field.name} = one.{field.name}" for field in fields(kind))
    made: dict[str, Callable[[Any], Any]] = {}
    source = f"def copy(one):\n    new = make(kind){assignments}\n    return new"
    exec(source, {"make": object.__new__, "kind": kind}, made)
    return made["copy"]


__all__ = ["changed", "value"]

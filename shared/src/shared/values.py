"""Values: dataclasses that nobody changes.

The one thing to know: `value` is `dataclass` to the type checker, which refuses every assignment to a frozen field. When a
program runs it leaves Python's own guard out, with which a value of thirty fields takes four times as long to make; a credit
check makes a dozen. `changed` is `dataclasses.replace` for them, in half of its time.
"""

from collections.abc import Callable
from dataclasses import fields
from functools import cache
from operator import attrgetter
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
    kind: Callable[..., V] = type(one)
    names, contents = _fields(kind)
    new = kind(**dict(zip(names, contents(one), strict=True)))
    for name, content in changes.items():
        setattr(new, name, content)
    return new


@cache
def _fields(kind: type[Any]) -> tuple[tuple[str, ...], Callable[[Any], tuple[Any, ...]]]:
    names = tuple(field.name for field in fields(kind))
    return names, attrgetter(*names)


__all__ = ["changed", "value"]

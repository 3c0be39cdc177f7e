"""Values: dataclasses that nobody changes.

The one thing to know: `value` is `dataclass` to the type checker, which refuses every assignment to a frozen field. When a
program runs it leaves Python's own guard out, with which a value of thirty fields takes four times as long to make; a credit
check makes a dozen.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from dataclasses import dataclass as value
else:
    from dataclasses import dataclass

    T = TypeVar("T")

    def value(*, frozen: bool, slots: bool) -> Callable[[type[T]], type[T]]:
        """Return what makes a class a value; it can be compared, hashed and replaced as a frozen dataclass can."""
        assert frozen, "a value is not changed"
        return dataclass(slots=slots, unsafe_hash=True)


__all__ = ["value"]

"""The states of a mass change and of its lines, and what may not be done with one.

A mass change is `previewed` until somebody else approves it; a job then applies it line by line. A line is `planned`, and becomes
`applied`, or `changed_since` where the account is no longer as it was previewed: it is left alone then.
"""

from typing import Literal

from shared.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError

MassChangeStatus = Literal["previewed", "approved", "applied", "rejected", "withdrawn"]
LineStatus = Literal["planned", "applied", "changed_since", "not_possible"]


class MassChangeNotFoundError(NotFoundError):
    """There is no such mass change."""

    code = "mass_change_not_found"

    def __init__(self, mass_change_id: str) -> None:
        super().__init__(f"There is no mass change {mass_change_id}: see GET /v1/limit-mass-changes.")


class MassChangeDecidedError(ConflictError):
    """The mass change is not waiting any more."""

    code = "mass_change_decided"

    def __init__(self, mass_change_id: str, status: str) -> None:
        super().__init__(f"Mass change {mass_change_id} is {status} already: preview a new one.")


class NotYourMassChangeError(ForbiddenError):
    """Only who asked may withdraw."""

    code = "not_your_mass_change"

    def __init__(self) -> None:
        super().__init__("Only who previewed the mass change may withdraw it: reject it instead.")


class NothingToChangeError(InvalidError):
    """No account would change."""

    code = "nothing_to_change"

    def __init__(self, matched: int) -> None:
        super().__init__(f"{matched} accounts match, and none of them would change.", field="filter")


class TooManyAccountsError(InvalidError):
    """The filter names more accounts than are changed at once."""

    code = "too_many_accounts"

    def __init__(self, matched: int, most: int) -> None:
        super().__init__(
            f"{matched} accounts match, at most {most} are changed at once: narrow the filter, by analyst or country.",
            field="filter",
        )


class SelectionError(InvalidError):
    """The filter names no accounts."""

    code = "selection"

    def __init__(self) -> None:
        super().__init__("Name at least one criterion; all five risk classes are all accounts.", field="filter")


class MassChangeError(InvalidError):
    """The change cannot be made as it is stated."""

    code = "mass_change"

"""Who belongs to whom: every customer has at most one parent, and no customer is above itself."""

from shared.errors import InvalidError


class UnknownParentError(InvalidError):
    """The body names a parent that does not exist."""

    code = "unknown_customer"

    def __init__(self, parent_id: str) -> None:
        super().__init__(
            f"There is no customer {parent_id}: put it first with PUT /v1/customers/{parent_id}.", field="parent_id"
        )


class HierarchyCycleError(InvalidError):
    """The parent belongs to the customer itself, directly or further down."""

    code = "hierarchy_cycle"

    def __init__(self, customer_id: str, parent_id: str) -> None:
        below = "is the customer itself" if parent_id == customer_id else f"belongs to {customer_id} already"
        super().__init__(
            f"Customer {parent_id} {below}: name a parent outside of its group, or none.", field="parent_id"
        )

"""What collections-service publishes: promises to pay, dunning notices."""

from typing import Literal

from pydantic import Field

from shared.days import Day
from shared.events.envelope import EventData, State
from shared.money import CurrencyCode, NonNegativeAmount, PositiveAmount

PromiseStatus = Literal["open", "kept", "partially_kept", "broken", "withdrawn"]


class PromiseState(State):
    """A promise to pay."""

    promise_id: str
    customer_id: str
    made_on: Day
    promised_on: Day
    amount: PositiveAmount
    currency: CurrencyCode
    item_ids: list[str] = []
    status: PromiseStatus
    kept_amount: NonNegativeAmount


class PromiseEvent(EventData):
    """A promise after a change."""

    promise: PromiseState

    @property
    def aggregate_id(self) -> str:
        """The promise."""
        return self.promise.promise_id

    @property
    def about_customer(self) -> str | None:
        """The customer who promised."""
        return self.promise.customer_id


class PromiseMade(PromiseEvent):
    """A customer promised to pay."""

    type = "promise.made"


class PromiseKept(PromiseEvent):
    """The promised money came in time."""

    type = "promise.kept"


class PromiseBroken(PromiseEvent):
    """The day passed and the promised money, or a part of it, had not come."""

    type = "promise.broken"


class PromiseReopened(PromiseEvent):
    """A kept or broken promise waits again, because its payment was returned or withdrawn."""

    type = "promise.reopened"


class PromiseWithdrawn(PromiseEvent):
    """A promise was taken back by agreement."""

    type = "promise.withdrawn"


class DunnedItem(State):
    """An item in a dunning notice, with the level it reached."""

    item_id: str
    number: str
    level: int = Field(ge=1, description="Of the dunning procedure, from 1")


class DunningNoticeState(State):
    """A dunning notice as it was sent."""

    notice_id: str
    customer_id: str
    company_code: str
    dunned_on: Day
    level: int = Field(ge=1, description="The highest level among its items")
    items: list[DunnedItem]


class DunningSent(EventData):
    """A customer was dunned."""

    type = "dunning.sent"

    notice: DunningNoticeState

    @property
    def aggregate_id(self) -> str:
        """The notice."""
        return self.notice.notice_id

    @property
    def about_customer(self) -> str | None:
        """The customer who was dunned."""
        return self.notice.customer_id

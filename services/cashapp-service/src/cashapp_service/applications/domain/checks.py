"""What is checked before an application is planned: each allocation by itself, then all together."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from cashapp_service.applications.domain.allocation import ZERO, Shortfall, Wanted
from cashapp_service.applications.domain.refusals import (
    DiscountNotEarnedError,
    DiscountTwiceError,
    ForeignItemError,
    ItemClearedError,
    ItemTwiceError,
    NothingAppliedError,
    NothingShortError,
    ReasonMissingError,
    ToleranceExceededError,
    UnknownItemError,
    UnneededRateError,
    WrongSignError,
    check_decimals,
)
from cashapp_service.items.domain.item import BalanceExceededError, Item
from cashapp_service.receipts.domain import Receipt
from cashapp_service.tolerance_groups.domain import Policy
from shared.money import Money

UNEARNED_DISCOUNT = "unearned_discount"


def check_each(
    receipt: Receipt, items: Mapping[str, Item], wanted: Sequence[Wanted], *, pays_for: Collection[str], policy: Policy
) -> tuple[Wanted, ...]:
    """Return the allocations with what was deducted divided into earned discount and shortfall, or raise the refusal."""
    checked = []
    for position, one in enumerate(wanted):
        field = f"allocations.{position}"
        item = items.get(one.item_id)
        if item is None:
            raise UnknownItemError(one.item_id, field=f"{field}.item_id")
        _check_whose(receipt, item, pays_for, field=f"{field}.item_id")
        divided = _divided(receipt, item, one, policy, field=field)
        _check_one(receipt, item, divided, policy, field=field)
        checked.append(divided)
    return tuple(checked)


def _check_whose(receipt: Receipt, item: Item, pays_for: Collection[str], *, field: str) -> None:
    if item.company_code != receipt.company_code:
        raise ForeignItemError(item, receipt, "company_code", field=field)
    if item.customer_id != receipt.customer_id and item.customer_id not in pays_for:
        raise ForeignItemError(item, receipt, "customer_id", field=field)


def _divided(receipt: Receipt, item: Item, wanted: Wanted, policy: Policy, *, field: str) -> Wanted:
    """Return the allocation with `discount_taken` divided: what the terms grant, and a shortfall for what they do not."""
    taken = wanted.discount_taken
    if taken is None:
        return wanted
    if wanted.discount:
        raise DiscountTwiceError(field=f"{field}.discount_taken")
    check_decimals(taken, item.currency, field=f"{field}.discount_taken")
    settled = wanted.cleared + taken
    if item.balance and settled > item.balance:
        raise _exceeded(item, wanted, settled, field=f"{field}.discount_taken")
    granted = item.granted_discount(
        receipt.value_date, paid=wanted.amount, wanted=taken, grace_days=policy.discount_days
    )
    if granted == taken:
        return replace(wanted, discount=granted)
    # Of an item that was not meant to be settled the rest is no deduction, so it stays open.
    meant: Shortfall = "dispute" if settled == item.balance else "partial"
    reason = wanted.reason_code or UNEARNED_DISCOUNT
    return replace(wanted, discount=granted, shortfall=wanted.shortfall or meant, reason_code=reason)


def _check_one(receipt: Receipt, item: Item, wanted: Wanted, policy: Policy, *, field: str) -> None:
    for name in ("amount", "discount", "tolerance_write_off"):
        check_decimals(getattr(wanted, name), item.currency, field=f"{field}.{name}")
    right_sign = wanted.cleared == wanted.amount < 0 if item.is_credit else wanted.amount >= 0 < wanted.cleared
    if not right_sign:
        raise WrongSignError(item, field=f"{field}.amount")
    if not item.balance:
        raise ItemClearedError(item, field=f"{field}.item_id")
    if abs(wanted.cleared) > abs(item.balance):
        raise _exceeded(item, wanted, wanted.cleared, field=f"{field}.amount")
    rest = item.balance - wanted.cleared
    if wanted.shortfall in ("residual", "dispute"):
        if not rest or item.is_credit:
            raise NothingShortError(item, field=f"{field}.shortfall")
        if wanted.reason_code is None:
            raise ReasonMissingError(field=f"{field}.reason_code")
    if wanted.discount:
        cleared = wanted.amount + wanted.discount
        earned = item.earned_discount(receipt.value_date, cleared=cleared, grace_days=policy.discount_days)
        if wanted.discount > earned:
            raise DiscountNotEarnedError(item, Money(earned, item.currency), field=f"{field}.discount")
    if wanted.tolerance_write_off:
        _check_tolerance(item, wanted, rest, policy, field=f"{field}.tolerance_write_off")


def _exceeded(item: Item, wanted: Wanted, settled: Decimal, *, field: str) -> BalanceExceededError:
    """Return the refusal that names the field and what would fit into it beside the others."""
    named = wanted.amount if field.endswith(".amount") else settled - wanted.cleared
    fits = item.balance - (settled - named)
    return BalanceExceededError(item, settled, fits=fits if item.is_credit else max(fits, ZERO), field=field)


def _check_tolerance(item: Item, wanted: Wanted, rest: Decimal, policy: Policy, *, field: str) -> None:
    limit = policy.item_limit(Money(item.amount, item.currency))
    if wanted.tolerance_write_off > limit.amount:
        raise ToleranceExceededError(limit, of_what=f"of item {item.number}", field=field)
    if rest:
        raise ToleranceExceededError(
            Money.zero(item.currency), of_what=f"of item {item.number}, which stays open,", field=field
        )


def check_together(
    receipt: Receipt,
    items: Mapping[str, Item],
    wanted: Sequence[Wanted],
    *,
    on_account: Decimal,
    rates: Collection[str],
) -> None:
    """Check what no allocation shows by itself: doubles, memos above the invoices, rates that nothing needs."""
    check_decimals(on_account, receipt.currency, field="on_account")
    if not wanted and not on_account:
        raise NothingAppliedError("Send at least one allocation, or an amount on_account.")
    named: set[str] = set()
    for position, one in enumerate(wanted):
        if one.item_id in named:
            raise ItemTwiceError(items[one.item_id], field=f"allocations.{position}.item_id")
        named.add(one.item_id)
    by_currency = _by_currency(items, wanted)
    for currency in rates:
        if currency not in by_currency or currency == receipt.currency:
            raise UnneededRateError(currency)
    for currency, found in by_currency.items():
        if sum((one.amount for one in found), ZERO) < 0:
            raise NothingAppliedError(
                f"The credit memos in {currency} come to more than the invoices: take less of them."
            )


def _by_currency(items: Mapping[str, Item], wanted: Sequence[Wanted]) -> dict[str, list[Wanted]]:
    found: dict[str, list[Wanted]] = {}
    for one in wanted:
        found.setdefault(items[one.item_id].currency, []).append(one)
    return found


@dataclass(frozen=True, slots=True)
class TakenBefore:
    """What a receipt's applications that stand took of items in one currency: paid, and written off as tolerance."""

    paid: Decimal
    written_off: Decimal


def check_written_off(
    receipt: Receipt,
    items: Mapping[str, Item],
    wanted: Sequence[Wanted],
    *,
    before: Mapping[str, TakenBefore],
    policy: Policy,
) -> None:
    """Raise `ToleranceExceededError` where all that a receipt writes off, in however many applications, is beyond its limit."""
    for currency, found in _by_currency(items, wanted).items():
        written_off = sum((one.tolerance_write_off for one in found), ZERO)
        if not written_off:
            continue
        earlier = before.get(currency, TakenBefore(ZERO, ZERO))
        paid = earlier.paid + sum((one.amount for one in found), ZERO)
        limit = policy.receipt_limit(Money(receipt.amount if currency == receipt.currency else paid, currency))
        if earlier.written_off + written_off > limit.amount:
            raise ToleranceExceededError(limit, of_what="of this receipt", field="allocations")

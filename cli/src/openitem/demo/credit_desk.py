"""What lies on the demo company's credit desk: groups, annual reports, credit insurance.

Everything depends on the seed and the day alone, like the company itself.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from openitem.demo.customers import Customer
from openitem.ledgers.ledger import Ledger

GROUPS = 3
GROUP_SIZE = 4
SHARE_WITH_ANNUAL_REPORT = 0.6
INSURED = 20


def fill_credit_desk(ledger: Ledger, random: Random, customers: Sequence[Customer], today: date) -> None:
    """Give some customers a parent that shares its limit, an annual report, an insurer."""
    _form_groups(ledger, customers)
    for customer in customers:
        if random.random() < SHARE_WITH_ANNUAL_REPORT:
            ledger.financial_statements[customer.customer_id] = _annual_report(random, customer, today.year - 1)
    limits = {limit.customer_id: limit.amount for limit in ledger.limits}
    for customer in random.sample(list(customers), INSURED):
        ledger.insurances[customer.customer_id] = {
            "insurer": random.choice(("Atradius", "Allianz Trade", "Coface")),
            "policy_number": f"P-{random.randrange(10**6):06}",
            "currency": customer.currency,
            "insured_limit": str(limits[customer.customer_id]),
            "covered_pct": random.choice(("85", "90")),
            "valid_from": (today - timedelta(days=200)).isoformat(),
            "valid_until": (today + timedelta(days=random.randint(15, 160))).isoformat(),
            "notify_overdue_after_days": 60,
            "notify_within_days": 30,
        }


def _form_groups(ledger: Ledger, customers: Sequence[Customer]) -> None:
    """Put customers of one currency below the first of them, whose limit is that of all: what they owe is counted in one."""
    limits = {limit.customer_id: limit for limit in ledger.limits}
    same = [customer for customer in customers if customer.currency == "EUR"]
    for number in range(GROUPS):
        head, *members = same[number * GROUP_SIZE : (number + 1) * GROUP_SIZE]
        ledger.shared_limits.append(head.customer_id)
        for member in members:
            ledger.customers[member.customer_id]["parent_id"] = head.customer_id
        group = sum((limits[one.customer_id].amount for one in (head, *members)), Decimal(0))
        ledger.limits[ledger.limits.index(limits[head.customer_id])] = replace(limits[head.customer_id], amount=group)


def _annual_report(random: Random, customer: Customer, year: int) -> dict[str, Any]:
    """Return the figures of a company in thousands: who pays late tends to have less equity and profit."""
    assets = customer.typical_amount * random.randint(2, 12)
    health = random.gauss(0.38 - 0.25 * customer.late_share, 0.12)
    equity = round(assets * max(-0.1, min(0.8, health)))
    current_assets, current_debt = round(assets * random.uniform(0.4, 0.7)), round((assets - equity) * 0.6)
    revenue = round(assets * random.uniform(1.1, 2.2))
    ebit = round(revenue * random.gauss(0.06 - 0.05 * customer.late_share, 0.04))
    interest = round((assets - equity) * 0.02)
    figures = {
        "total_assets": assets,
        "current_assets": current_assets,
        "inventories": round(current_assets * 0.35),
        "equity": equity,
        "retained_earnings": round(equity * 0.5),
        "total_liabilities": assets - equity,
        "current_liabilities": current_debt,
        "revenue": revenue,
        "prior_revenue": round(revenue * random.gauss(0.97, 0.08)),
        "operating_profit": ebit,
        "ebit": ebit,
        "financial_expenses": interest,
        "profit_before_tax": ebit - interest,
        "net_profit": round((ebit - interest) * 0.7),
    }
    return {
        "period_end": f"{year}-12-31",
        "currency": customer.currency,
        "units": "thousands",
        "audited": random.random() < 0.7,
        "source": f"annual report {year}",
        "figures": {name: f"{amount}.00" for name, amount in figures.items()},
    }

"""Invents a company from a seed, shaped after published figures on business customers.

About 36 % of the invoices are paid late, 3.4 days late on average over all, 23 % are disputed, and a sixth of the customers
is never late (IBM's late-payment sample, whose columns `openitem.ledgers.ibm_late_payment` explains). Everything depends on the
seed and the day alone.
"""

from datetime import date, timedelta
from decimal import Decimal
from random import Random

from openitem.demo.credit_desk import fill_credit_desk
from openitem.demo.customers import Customer, customer_body, iban, invent_customers
from openitem.demo.names import CALLS, COMPLAINTS
from openitem.ledgers.ledger import BankCredit, CustomerLimit, Dispute, Invoice, Ledger

INVOICES = 2_500
HISTORY_DAYS = 730
SHARE_DISPUTED = 0.23
SHARE_SHORT_PAID = 0.02
SHARE_STUCK = 0.10
"""Of the disputed invoices of the last nine months: nobody has paid them yet."""
SHARE_PAID_TOGETHER = 0.10
ACCOUNTS = {"EUR": "DE75512108001245126199", "USD": "GB33BUKB20201555555555"}


def invent(seed: int, today: date) -> Ledger:
    """Return the whole ledger as it stands on the morning of `today`."""
    random = Random(seed)
    customers = invent_customers(random)
    ledger = Ledger(customers={one.customer_id: customer_body(one, random) for one in customers})
    for position in range(INVOICES):
        _live_through(ledger, random, random.choice(customers), position, today)
    ledger.credits = _paid_together(random, ledger.credits) + _strangers(random, today)
    _set_limits(ledger, customers, today)
    fill_credit_desk(ledger, Random(seed), customers, today)
    _call_the_late(ledger, random, today)
    _order_today(ledger, random, customers, today)
    return ledger


def _live_through(ledger: Ledger, random: Random, customer: Customer, position: int, today: date) -> None:
    """Issue one invoice and let happen to it what has happened by `today`."""
    issued_on = today - timedelta(days=HISTORY_DAYS - HISTORY_DAYS * position // INVOICES)
    amount = Decimal(round(customer.typical_amount * random.lognormvariate(0, 0.6) * 100) + 100) / 100
    invoice = Invoice(
        number=f"RE-{issued_on.year}-{position + 1:05}",
        customer_id=customer.customer_id,
        issue_date=issued_on,
        due_date=issued_on + timedelta(days=customer.terms_days),
        amount=amount,
        currency=customer.currency,
    )
    ledger.invoices.append(invoice)
    late = random.random() < customer.late_share
    days_late = 1 + round(random.expovariate(1 / customer.late_days)) if late else -random.randint(0, 8)
    disputed = random.random() < SHARE_DISPUTED
    paid_on = invoice.due_date + timedelta(days=days_late)
    if disputed:
        _dispute(ledger, random, invoice, min(paid_on, today))
    stuck = disputed and issued_on > today - timedelta(days=270) and random.random() < SHARE_STUCK
    if paid_on < today and not stuck:
        ledger.credits.append(_credit(random, customer, invoice, paid_on, disputed=disputed))


def _dispute(ledger: Ledger, random: Random, invoice: Invoice, before: date) -> None:
    opened_on = min(invoice.issue_date + timedelta(days=random.randint(2, 20)), before)
    reason, words = random.choice(COMPLAINTS)
    amount = None if random.random() < 0.5 else _part(random, invoice.amount)
    ledger.disputes.append(Dispute(invoice.customer_id, invoice.number, amount, reason, words, opened_on))


def _part(random: Random, amount: Decimal) -> Decimal:
    return max(Decimal("0.01"), (amount * random.randint(5, 30) / 100).quantize(Decimal("0.01")))


def _credit(random: Random, customer: Customer, invoice: Invoice, paid_on: date, *, disputed: bool) -> BankCredit:
    short = not disputed and random.random() < SHARE_SHORT_PAID
    amount = invoice.amount - _part(random, invoice.amount) if short else invoice.amount
    reason = f" {random.choice(COMPLAINTS)[0].upper()}" if short else ""
    return BankCredit(
        account=ACCOUNTS[customer.currency],
        reference=f"B{invoice.number[3:].replace('-', '')}",
        value_date=paid_on,
        amount=amount,
        currency=customer.currency,
        payer_name=customer.name,
        payer_account=customer.bank_account,
        purpose=f"Invoice {invoice.number}{reason}",
    )


def _paid_together(random: Random, received: list[BankCredit]) -> list[BankCredit]:
    """Let some customers pay several invoices with one transfer."""
    paid: list[BankCredit] = []
    last: dict[str, int] = {}
    for credit in sorted(received, key=lambda one: (one.value_date, one.reference)):
        before = last.get(credit.payer_name)
        plain = credit.purpose.count(" ") == 1
        together = before is not None and plain and random.random() < SHARE_PAID_TOGETHER
        if together and before is not None and (credit.value_date - paid[before].value_date).days <= 5:
            paid[before] = _joined(paid[before], credit)
        else:
            paid.append(credit)
            if plain:
                last[credit.payer_name] = len(paid) - 1
            else:
                last.pop(credit.payer_name, None)
    return paid


def _joined(first: BankCredit, second: BankCredit) -> BankCredit:
    return BankCredit(
        account=first.account,
        reference=first.reference,
        value_date=first.value_date,
        amount=first.amount + second.amount,
        currency=first.currency,
        payer_name=first.payer_name,
        payer_account=first.payer_account,
        purpose=f"{first.purpose}, {second.purpose.removeprefix('Invoice ')}",
    )


def _strangers(random: Random, today: date) -> list[BankCredit]:
    """Money that nobody can place at sight."""
    return [
        BankCredit(
            account=ACCOUNTS["EUR"],
            reference=f"X{position:05}",
            value_date=today - timedelta(days=random.randint(1, 60)),
            amount=Decimal(random.randint(1_000, 90_000)) / 100,
            currency="EUR",
            payer_name=f"Privat {random.choice(('A', 'B', 'C'))}. Unbekannt",
            payer_account=iban(random),
            purpose="Danke",
        )
        for position in range(12)
    ]


def _set_limits(ledger: Ledger, customers: list[Customer], today: date) -> None:
    """Give each customer about a quarter's purchases, in steps of 1,000."""
    since = today - timedelta(days=365)
    for customer in customers:
        year = sum(
            (
                one.amount
                for one in ledger.invoices
                if one.customer_id == customer.customer_id and one.issue_date >= since
            ),
            Decimal(0),
        )
        amount = max(Decimal(1_000), (year / 4 / 1_000).quantize(Decimal(1)) * 1_000)
        ledger.limits.append(CustomerLimit(customer.customer_id, amount.quantize(Decimal("0.01")), customer.currency))


def _call_the_late(ledger: Ledger, random: Random, today: date) -> None:
    """Log a call with every second customer who is late, and the promise that came of it."""
    settled = {number for credit in ledger.credits for number in _numbers(credit)}
    late = [one for one in ledger.invoices if one.number not in settled and one.due_date < today]
    for invoice in late[::2]:
        called_on = max(invoice.due_date, today - timedelta(days=random.randint(1, 10)))
        ledger.activities.append(
            {
                "customer_id": invoice.customer_id,
                "kind": "call_out",
                "outcome": "promise",
                "note": random.choice(CALLS),
                "occurred_on": called_on.isoformat(),
            }
        )
        ledger.promises.append(
            {
                "customer_id": invoice.customer_id,
                "made_on": called_on.isoformat(),
                "promised_on": max(called_on, today + timedelta(days=random.randint(-2, 10))).isoformat(),
                "amount": str(invoice.amount),
                "currency": invoice.currency,
            }
        )


def _numbers(credit: BankCredit) -> list[str]:
    words = credit.purpose.removeprefix("Invoice ").split(", ")
    return [word.split(" ")[0] for word in words]


def _order_today(ledger: Ledger, random: Random, customers: list[Customer], today: date) -> None:
    for position, customer in enumerate(random.sample(customers, 60)):
        amount = Decimal(round(customer.typical_amount * random.lognormvariate(0.3, 0.8) * 100) + 100) / 100
        ledger.orders.append(
            {
                "customer_id": customer.customer_id,
                "order_id": f"SO-{today:%Y%m%d}-{position + 1:03}",
                "amount": str(amount),
                "currency": customer.currency,
                "requested_delivery_date": (today + timedelta(days=random.randint(2, 20))).isoformat(),
                "as_of": today.isoformat(),
            }
        )

"""The demo company's customers: who they are and how they pay."""

from dataclasses import dataclass
from random import Random

from openitem.demo.names import customer_names

CUSTOMERS = 100
SHARE_NEVER_LATE = 1 / 6
PLACES = (("DE", "EUR"), ("AT", "EUR"), ("NL", "EUR"), ("FR", "EUR"), ("IT", "EUR"), ("US", "USD"))
TERMS = (("net 30", 30), ("net 30", 30), ("net 45", 45), ("net 14", 14))


@dataclass(frozen=True, slots=True)
class Customer:
    """An invented customer and how it pays: `late_share` of its invoices, `late_days` on average when late."""

    customer_id: str
    name: str
    country: str
    currency: str
    terms: str
    terms_days: int
    late_share: float
    late_days: float
    typical_amount: int
    bank_account: str | None


def invent_customers(random: Random) -> list[Customer]:
    """Return the customers, the punctual ones first."""
    punctual = round(CUSTOMERS * SHARE_NEVER_LATE)
    return [
        _customer(random, position, name, never_late=position < punctual)
        for position, name in enumerate(customer_names(random, CUSTOMERS))
    ]


def _customer(random: Random, position: int, name: str, *, never_late: bool) -> Customer:
    country, currency = random.choice(PLACES)
    terms, terms_days = random.choice(TERMS)
    return Customer(
        customer_id=f"C-{1001 + position}",
        name=name,
        country=country,
        currency=currency,
        terms=terms,
        terms_days=terms_days,
        late_share=0.0 if never_late else random.betavariate(3, 3.6),
        late_days=random.uniform(4, 12.5),
        typical_amount=random.choice((300, 800, 2_000, 5_000, 12_000)),
        bank_account=iban(random) if random.random() < 0.8 else None,
    )


def iban(random: Random) -> str:
    """Return a German IBAN with valid check digits (ISO 13616, 97 − n mod 97)."""
    account = f"{random.randrange(10**18):018}"
    check = 98 - int(account + "131400") % 97
    return f"DE{check:02}{account}"


def customer_body(customer: Customer, random: Random) -> dict[str, object]:
    """Return what is put of a customer."""
    return {
        "name": customer.name,
        "country": customer.country,
        "currency": customer.currency,
        "payment_terms": customer.terms,
        "contacts": [
            {
                "name": "Accounts payable",
                "role": "accounts payable",
                "email": f"ap@{customer.customer_id.lower()}.example",
            }
        ],
        "bank_accounts": [customer.bank_account] if customer.bank_account else [],
        "collector": random.choice(("collector", "collector", "m.weber")),
        "credit_analyst": "credit_analyst",
    }

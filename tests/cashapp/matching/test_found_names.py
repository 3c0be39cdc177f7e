"""Customers found by an index: the same as when every name is looked at, and never more than can be looked at."""

import csv
import gzip
import random
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cashapp_service.customers import use_cases as customers
from cashapp_service.customers.domain import fingerprint
from cashapp_service.matching.domain import ALIKE_MAX, Candidates, Customer, LearnedPayer
from cashapp_service.matching.domain.names import marks_of, names_alike, normalised_name, search_for
from shared.events.credit import CustomerState
from tests.cashapp.driver import Cashapp
from tests.cashapp.matching.builders import receipt

words = st.sampled_from(
    ["nord", "licht", "nordlicht", "handel", "handels", "x", "ab", "müller", "GmbH", "uee", "&", "Söhne"]
)
names = st.lists(words, max_size=6).map(" ".join)


@given(names, names)
@settings(max_examples=500, print_blob=True, deadline=None)
def test_whoever_has_the_same_name_or_one_alike_is_found_by_its_marks(customer: str, payer: str) -> None:
    theirs, own = normalised_name(payer), normalised_name(customer)
    if not (theirs and own and (theirs == own or names_alike(theirs, own))):
        return
    marks, search = marks_of(customer), search_for(payer)
    assert marks is not None
    assert search is not None
    continued = search.beginning is not None and marks.spelled.startswith(search.beginning)
    of_its_words = marks.pair in search.pairs and set(marks.words) <= set(search.words)
    assert marks.spelled in search.spelled or continued or of_its_words


def state(customer_id: str, *known_as: str, **fields: Any) -> CustomerState:
    return CustomerState(
        customer_id=customer_id,
        name=known_as[0],
        aliases=list(known_as[1:]),
        country="DE",
        currency="EUR",
        payment_terms="net 30",
        **fields,
    )


async def keep(books: Cashapp, states: Iterable[CustomerState], version: int = 1) -> None:
    async with books.units.begin() as uow:
        for one in states:
            await customers.apply_state(uow, one, version)


async def found(books: Cashapp, *payer_names: str) -> list[tuple[str, str]]:
    """Return the customers whose names may be those of payers, each with the name."""
    async with books.units.read() as session:
        rows = await customers.named_like(session, payer_names, most=ALIKE_MAX)
    return [(row.customer_id, row.name) for row in rows]


def real_names(data: Path) -> list[str]:
    """Return registrants of the SEC, applicants for patents, and organisations in Chicago, each name once."""
    with gzip.open(data / "names-edgar" / "sec_company_names.csv.gz", "rt") as file:
        known = [row["name"] for row in csv.DictReader(file)]
    with (data / "names-patstat" / "applicant_names.csv").open() as file:
        known += [row["person_name"] for row in csv.DictReader(file)]
    with (data / "names-chicago-sites" / "site_names.csv").open() as file:
        known += [" ".join(row["Site name"].split()) for row in csv.DictReader(file)]
    return list(dict.fromkeys(name[:200] for name in known))


def as_banks_write(rng: random.Random, name: str) -> str:
    """Return a name as it stands in a bank's file: cut short, in capitals, with words before or behind it, or without some."""
    parts = name.split()
    return rng.choice(
        (
            name.upper()[:27],
            name[: rng.randint(4, 35)],
            f"{name} Zahlstelle {rng.choice(parts)}",
            f"Accounts payable of {name}",
            " ".join(rng.sample(parts, rng.randint(1, len(parts)))),
            name.replace(" ", "-").casefold(),
        )
    )


@pytest.mark.shared_data
async def test_of_real_names_the_same_customers_are_found_as_when_all_are_looked_at(
    books: Cashapp, shared_data: Path
) -> None:
    rng = random.Random(20261122)
    known = rng.sample(real_names(shared_data), 3_000)
    everybody = {f"N-{at}": name for at, name in enumerate(known)}
    async with books.units.begin() as uow:
        for first in range(0, len(known), 1_000):
            ids = list(everybody)[first : first + 1_000]
            await customers.known(uow, ids, owner_of(everybody))
    payer_names = {as_banks_write(rng, name) for name in rng.sample(known, 70)} | set(rng.sample(known, 30))
    all_of_them = Candidates([Customer(one, (name,)) for one, name in everybody.items()])
    differing, sorts = [], set()
    for payer_name in sorted(payer_names):
        some = Candidates([Customer(one, (name,)) for one, name in await found(books, payer_name)])
        before, now = (one.payers(receipt("1.00", payer_name=payer_name), ()) for one in (all_of_them, some))
        sorts |= {finding.sureness.name for finding in before.values()}
        if before != now and len(before) < ALIKE_MAX:
            differing.append((payer_name, before, now))
    assert differing == []
    assert sorts == {"NAME", "NAME_ALIKE"}


def owner_of(everybody: dict[str, str]) -> customers.AskOwner:
    async def ask(customer_id: str) -> CustomerState:
        return state(customer_id, everybody[customer_id])

    return ask


async def test_a_customer_is_found_by_the_names_that_it_has_now(books: Cashapp) -> None:
    await keep(books, [state("F-1", "Brauhaus Ostwind", "Ostwind Getränke")])
    assert await found(books, "Brauhaus Ostwind AG") == [("F-1", "Brauhaus Ostwind")]
    await keep(books, [state("F-1", "Brauhaus Westwind", "Ostwind Getränke")], version=2)
    await keep(books, [state("F-1", "Brauhaus Ostwind")], version=1)
    assert await found(books, "Brauhaus Ostwind AG") == []
    assert await found(books, "OSTWIND GETRAENKE") == [("F-1", "Ostwind Getränke")]


async def test_of_names_that_very_many_have_only_so_many_are_looked_at(books: Cashapp) -> None:
    await keep(
        books, [state(f"F-{at}", "Filiale Sturmhaube", f"Sturmhaube {at}") for at in range(100, 100 + ALIKE_MAX + 9)]
    )
    assert len(await found(books, "Sturmhaube Filiale")) == ALIKE_MAX
    received = await books.receipt("1.00", payer_name="Sturmhaube")
    assert (received["customer_id"], received["status"]) == (None, "unidentified")
    learned = [LearnedPayer(f"L-{at}", payer_name="Sturmhaube Nord") for at in range(2 * ALIKE_MAX)]
    looked_at = Candidates(learned_payers=learned).payers(receipt("1.00", payer_name="Sturmhaube Nord Zahlstelle"), ())
    assert len(looked_at) == ALIKE_MAX


async def test_a_payer_is_told_by_account_by_number_and_by_a_name_that_a_person_confirmed(books: Cashapp) -> None:
    account = "DE02500105170137075030"
    states = [state("F-2001", "Konto Eins", bank_account_fingerprints=[fingerprint(account)]), state("F-2002", "Zwei")]
    await keep(books, states)
    by_account = await books.receipt("1.00", payer_account=account)
    assert by_account["customer_id"] == "F-2001"
    numbered = await books.receipt("1.00", reference="Kunde F-2002")
    proposed = (await books.get(f"/v1/receipts/{numbered['id']}/proposals"))["data"]
    assert [one["customer_id"] for one in proposed] == ["F-2002"]
    first = await books.receipt("1.00", payer_name="Tante Ernas Erben")
    assert first["customer_id"] is None
    answer = await books.post(f"/v1/receipts/{first['id']}/identify", {"customer_id": "F-2002"})
    assert answer.status_code == 200, answer.text
    assert (await books.receipt("1.00", payer_name="TANTE ERNAS ERBEN"))["customer_id"] == "F-2002"

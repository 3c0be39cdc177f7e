"""The transactions behind a camt entry (<TxDtls>): who paid, what for, and how a batch falls apart."""

import re
from dataclasses import dataclass, replace
from decimal import Decimal

from cashapp_service.bank_statements.domain.amounts import read_amount
from cashapp_service.bank_statements.domain.xml_tree import Element

# Where the amount of a transaction stands, the account's currency first. Version 3 moved it up to <Amt>.
_AMOUNT_PATHS = ("Amt", "AmtDtls/TxAmt/Amt", "AmtDtls/InstdAmt/Amt")


@dataclass(frozen=True, slots=True)
class Transaction:
    """One payment inside an entry. `amount` is signed like the entry's."""

    amount: Decimal
    bank_reference: str | None = None
    customer_reference: str | None = None
    payer_name: str | None = None
    payer_account: str | None = None
    purpose: str = ""


def read_transactions(entry: Element, amount: Decimal, currency: str) -> list[Transaction]:
    """Return the payments of an entry: each of a batch where their amounts come to the entry's, else one."""
    details = [detail for group in entry.children("NtryDtls") for detail in group.children("TxDtls")]
    # The parties keep the roles of the original payment, so in a reversal they are the other way round.
    reversal = entry.text("RvslInd") in ("true", "1")
    role = "Dbtr" if (amount >= 0) != reversal else "Cdtr"
    info = entry.text("AddtlNtryInf") or ""
    amounts = [_amount(detail, amount, currency) for detail in details]
    known = [part for part in amounts if part is not None]
    read = [_transaction(detail, role, info) for detail in details]
    if len(details) > 1 and len(known) == len(details) and sum(known, Decimal(0)) == amount:
        return [replace(transaction, amount=part) for transaction, part in zip(read, known, strict=True)]
    return [_as_one(read, amount, info)]


def _as_one(read: list[Transaction], amount: Decimal, info: str) -> Transaction:
    """Return the entry as one payment; of several transactions, only what all of them agree on."""
    if not read:
        return Transaction(amount, purpose=_squeezed(info))
    first = read[0]
    if len(read) == 1:
        return replace(first, amount=amount)
    names = {transaction.payer_name for transaction in read}
    accounts = {transaction.payer_account for transaction in read}
    return Transaction(
        amount,
        payer_name=first.payer_name if len(names) == 1 else None,
        payer_account=first.payer_account if len(accounts) == 1 else None,
        purpose=_squeezed(" ".join(dict.fromkeys(transaction.purpose for transaction in read))),
    )


def _amount(detail: Element, entry_amount: Decimal, currency: str) -> Decimal | None:
    """Return the signed amount of one transaction in the account's currency, None where none is stated."""
    indicator = detail.text("CdtDbtInd")
    negative = indicator == "DBIT" if indicator else entry_amount < 0
    for path in _AMOUNT_PATHS:
        if detail.attribute(path, "Ccy") == currency:
            try:
                amount = read_amount(detail.text(path) or "", currency)
            except ValueError:
                return None
            return -amount if negative else amount
    return None


def _transaction(detail: Element, role: str, info: str) -> Transaction:
    return Transaction(
        amount=Decimal(0),
        bank_reference=detail.text("Refs/AcctSvcrRef"),
        customer_reference=_customer_reference(detail),
        payer_name=_party_name(detail, role) or _party_name(detail, f"Ultmt{role}"),
        payer_account=_party_account(detail, f"{role}Acct"),
        purpose=_purpose(detail, info),
    )


def _customer_reference(detail: Element) -> str | None:
    for path in ("Refs/EndToEndId", "Refs/InstrId", "Refs/TxId"):
        reference = detail.text(path)
        if reference and reference.upper() not in ("NOTPROVIDED", "NONREF"):
            return reference
    return None


def _party_name(detail: Element, party: str) -> str | None:
    name = detail.text(f"RltdPties/{party}/Pty/Nm") or detail.text(f"RltdPties/{party}/Nm")
    return _squeezed(name or "") or None


def _party_account(detail: Element, account: str) -> str | None:
    for path in ("IBAN", "Othr/Id", "BBAN", "UPIC", "PrtryAcct/Id"):
        if found := detail.text(f"RltdPties/{account}/Id/{path}"):
            return found.replace(" ", "")
    return None


def _purpose(detail: Element, info: str) -> str:
    """Return the remittance, unstructured first, then the documents and references of the structured one."""
    texts: list[str] = []
    for remittance in detail.children("RmtInf"):
        texts += [line.content for line in remittance.children("Ustrd")]
        for structured in remittance.children("Strd"):
            texts += [document.text("Nb") or "" for document in structured.children("RfrdDocInf")]
            texts.append(structured.text("CdtrRefInf/Ref") or structured.text("CdtrRefInf/CdtrRef") or "")
            texts += [line.content for line in structured.children("AddtlRmtInf")]
    purpose = _squeezed(" ".join(texts))
    return purpose or _squeezed(detail.text("AddtlTxInf") or info)


def _squeezed(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()

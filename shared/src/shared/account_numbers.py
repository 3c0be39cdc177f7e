"""Numbers of bank accounts as callers send them: in full, and as IBAN only with check digits that hold.

The one thing to know: answers show them masked ("…3000"). What was read and is put back as it was would replace the number.
"""

import re
from typing import Annotated

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from shared.card_numbers import is_false_iban

_MASK = re.compile(r"[…*\u2022\u25cf]")
_NO_PART = re.compile(r"[^A-Z0-9]")


def _in_full(value: str) -> str:
    if _MASK.search(value):
        raise PydanticCustomError("masked_account", "This is a masked account number: send all of it.")
    if not _NO_PART.sub("", value.upper()):
        raise PydanticCustomError("no_account", "Write an IBAN or account number, in letters from A to Z and digits.")
    return value


def _true_if_iban(value: str) -> str:
    if is_false_iban(_NO_PART.sub("", value.upper())):
        raise PydanticCustomError(
            "false_iban", "Length or check digits of this IBAN are wrong: compare it with its source."
        )
    return value


FullAccountNumber = Annotated[str, AfterValidator(_in_full)]
"""An account number in full, as a bank or a caller writes it."""
TrueAccountNumber = Annotated[FullAccountNumber, AfterValidator(_true_if_iban)]
"""One that money is paid to, or that is looked for: an IBAN has to be one."""

"""Shape of the proof on the wire."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

_LAW: dict[str, Any] = {"name": "entries_balance", "checked": 5000, "violations": []}


class Law(BaseModel):
    """One law of the books."""

    model_config = ConfigDict(json_schema_extra={"examples": [_LAW]})

    name: str = Field(examples=["item_balance_is_its_postings"], description="The law")
    checked: int = Field(description="How many facts were looked at")
    violations: list[str] = Field(description="The first facts that break it, in a sentence each")


class Integrity(BaseModel):
    """Whether the books hold."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"ok": True, "laws": [_LAW]}]})

    ok: bool = Field(description="Whether every law holds")
    laws: list[Law] = Field(description="Every law with what breaks it")

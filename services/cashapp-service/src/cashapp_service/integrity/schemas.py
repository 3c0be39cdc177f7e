"""Shape of the proof on the wire."""

from pydantic import BaseModel, ConfigDict, Field


class Law(BaseModel):
    """One law of the books."""

    name: str = Field(examples=["item_balance_is_its_postings"], description="The law")
    checked: int = Field(description="How many facts were looked at")
    violations: list[str] = Field(description="The first facts that break it, in a sentence each")


class Integrity(BaseModel):
    """Whether the books hold."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"ok": True, "laws": [{"name": "entries_balance", "checked": 5000, "violations": []}]}]
        }
    )

    ok: bool = Field(description="Whether every law holds")
    laws: list[Law] = Field(description="Every law with what breaks it")

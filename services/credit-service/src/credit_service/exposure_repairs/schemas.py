"""Shapes of a repair on the wire."""

from pydantic import BaseModel, ConfigDict, Field


class RepairedDocument(BaseModel):
    """A document whose state here was not its owner's."""

    category: str = Field(description="Category of exposure")
    document: str = Field(description="Identifier of the document")
    old: str | None = Field(description="As it was known here; null where it was not")
    new: str | None = Field(description="As its owner has it; null where the owner does not know it")
    why: str = Field(description="Why, in words")


class RepairedColumn(BaseModel):
    """A part of the account that was not what its documents sum up to."""

    category: str = Field(description="Category of exposure")
    old: str | None = Field(description="What stood here; an amount is in the account's currency")
    new: str | None = Field(description="What stands here now; an amount is in the account's currency")


class Repair(BaseModel):
    """What a repair changed."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "customer_id": "C-1",
                    "currency": "EUR",
                    "changed": True,
                    "exposure": [{"category": "open_items", "old": "100.00", "new": "40.00"}],
                    "documents": [
                        {
                            "category": "open_items",
                            "document": "itm_0191e0a4-7c3b-7a3e-8000-1d2b3c4d5e6f",
                            "old": "version 1, 100 EUR",
                            "new": "version 2, 40 EUR",
                            "why": "An event of the owner was not applied.",
                        }
                    ],
                    "remaining": 0,
                }
            ]
        }
    )

    customer_id: str = Field(description="The ERP's customer number")
    currency: str = Field(description="The account's currency")
    changed: bool = Field(description="False where all was as it should be")
    exposure: list[RepairedColumn] = Field(description="Parts of the account that changed")
    documents: list[RepairedDocument] = Field(description="Documents that changed")
    remaining: int = Field(description="Documents still to be repaired: repair again")

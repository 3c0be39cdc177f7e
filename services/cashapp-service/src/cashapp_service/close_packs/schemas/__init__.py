"""The close pack as JSON, and how its figures are laid out in sheets."""

from cashapp_service.close_packs.schemas.layout import sheets_of
from cashapp_service.close_packs.schemas.pack import ClosePack, PackAccount, PackAging, PackException, PackHeldCash

__all__ = ["ClosePack", "PackAccount", "PackAging", "PackException", "PackHeldCash", "sheets_of"]

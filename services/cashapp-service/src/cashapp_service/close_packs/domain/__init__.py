"""How a close pack is laid out: sheets that are written to a workbook and to a PDF alike."""

from cashapp_service.close_packs.domain.pdf import pdf_of
from cashapp_service.close_packs.domain.sheets import AGING, Cell, Column, Sheet
from cashapp_service.close_packs.domain.workbook import workbook_of

__all__ = ["AGING", "Cell", "Column", "Sheet", "pdf_of", "workbook_of"]

from odoo import api, models

from ..common import sheet_cells
from ..common.sheet_cells import comparable
from .company_name import company_key


class SfcSheetMixin(models.AbstractModel):
    """Industry and source are read the same way on every form (P11)."""
    _inherit = "sfc.sheet.mixin"

    @api.model
    def _sheet_sources(self):
        """{comparable name: id} in every language; sources that are offered on leads win."""
        sources = {}
        for form in self._sheet_languages():
            for source in form.env["utm.source"].search([], order="is_lead_source, id"):
                sources.update({comparable(source.name): source.id, comparable(source.display_name): source.id})
        return sources

    @api.model
    def _sheet_origin_lookups(self):
        """What _sheet_take_industry and _sheet_take_source need."""
        return {
            "industry": self.env["res.partner.industry"]._by_any_name(), "source": self._sheet_sources(),
            "known_sources": ", ".join(self.env["utm.source"].search([("is_lead_source", "=", True)]).mapped("display_name")),
        }

    @api.model
    def _sheet_take_industry(self, row, lookups):
        name = sheet_cells.text(row.cells.get("industry"))
        industry = lookups["industry"].get(company_key(name)) if name else None
        if name and not industry:
            row.errors.append(self.env._("Industry '%(name)s' is not known. Add it as an alias under Configuration > Industries.", name=name))
        return industry.id if industry else False

    @api.model
    def _sheet_take_source(self, row, lookups):
        name = sheet_cells.text(row.cells.get("source"))
        source_id = lookups["source"].get(comparable(name), False) if name else False
        if name and not source_id:
            row.errors.append(self.env._("Source '%(name)s' is not known. Known are: %(known)s", name=name, known=lookups["known_sources"]))
        return source_id

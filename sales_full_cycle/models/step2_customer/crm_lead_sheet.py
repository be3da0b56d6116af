from odoo import api, models
from odoo.fields import Domain

from ..common.sheet_cells import comparable


class CrmLead(models.Model):
    """How a deal is named on the forms of a customer, and found by that name (T3, T4b, T5)."""
    _inherit = "crm.lead"

    def _sheet_deal_label(self):
        number = self.deal_number or self.lead_number
        return f"{number} {self.name}" if number else self.name

    def _sheet_deal_keys(self):
        """Comparable names under which an import finds the deal."""
        return {comparable(name) for name in (self.deal_number, self.lead_number, self.name, self._sheet_deal_label()) if name}

    @api.model
    def _sheet_deals(self, names):
        """{comparable name: deals} of the opportunities that these names may mean, among those that the user may see; one query."""
        spellings = list({spelling for name in names for spelling in (name, name.split()[0])})
        named = Domain.OR(Domain(fname, "in", spellings) for fname in ("deal_number", "lead_number", "name"))
        found = {}
        for deal in self.with_context(active_test=False).search(Domain("type", "=", "opportunity") & named):
            for key in deal._sheet_deal_keys():
                found.setdefault(key, []).append(deal)
        return found

from odoo import models

from ..common.sheet_cells import comparable


class CrmLead(models.Model):
    """How a deal is named on the forms of a customer, and found by that name (T5)."""
    _inherit = "crm.lead"

    def _sheet_deal_label(self):
        number = self.deal_number or self.lead_number
        return f"{number} {self.name}" if number else self.name

    def _sheet_deal_keys(self):
        """Comparable names under which an import finds the deal."""
        return {comparable(name) for name in (self.deal_number, self.lead_number, self.name, self._sheet_deal_label()) if name}

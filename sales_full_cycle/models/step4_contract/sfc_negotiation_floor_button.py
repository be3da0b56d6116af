from odoo import models


class SfcNegotiation(models.Model):
    """The negotiation leads to the floor and holds nothing of it."""
    _inherit = "sfc.negotiation"

    def action_open_floor(self):
        self.ensure_one()
        self.check_access("read")
        return self.lead_id.action_open_floor()

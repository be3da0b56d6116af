from odoo import api, models


class SfcHandoverEngine(models.AbstractModel):
    _inherit = "sfc.handover.engine"

    @api.model
    def _work_models(self):
        """What somebody does for a negotiation changes hands as well (ahead 15)."""
        return (*super()._work_models(), "sfc.negotiation")

from odoo import api, fields, models


class SfcNegotiationCancel(models.TransientModel):
    """Why rounds of negotiation do not take place (S4.6). The negotiation checks who says so."""
    _name = "sfc.negotiation.cancel"
    _description = "Cancel a Negotiation"

    negotiation_ids = fields.Many2many("sfc.negotiation", required=True)
    reason = fields.Char(required=True)

    @api.model
    def _action_for(self, negotiations):
        return {
            "type": "ir.actions.act_window", "res_model": self._name, "views": [[False, "form"]], "target": "new",
            "name": self.env._("Cancel the round"), "context": {"default_negotiation_ids": negotiations.ids}}

    def action_apply(self):
        self.negotiation_ids.action_cancel(self.reason)
        return {"type": "ir.actions.act_window_close"}

from odoo import api, fields, models


class SfcNegotiationStart(models.TransientModel):
    """Negotiate although floor or options are missing: one sentence of reason (S4.2, S4.3, D11).

    Who may, what is missing and what is noted is the business of the deal; this only carries the reason there.
    """
    _name = "sfc.negotiation.start"
    _description = "Start a Negotiation"

    lead_id = fields.Many2one("crm.lead", "Deal", required=True, readonly=True)
    missing = fields.Text("Still missing", compute="_compute_missing")
    reason = fields.Char("Go on because", required=True)

    @api.depends("lead_id")
    def _compute_missing(self):
        for wizard in self:
            wizard.missing = "\n".join(wizard.lead_id._negotiation_gaps()) if wizard.lead_id else False

    @api.model
    def _action_for(self, deal):
        return {
            "type": "ir.actions.act_window", "res_model": self._name, "views": [[False, "form"]], "target": "new",
            "name": self.env._("Not ready to negotiate yet"), "context": {"default_lead_id": deal.id}}

    def action_start(self):
        """Start the round as the user who gave the reason."""
        self.ensure_one()
        return self.lead_id.with_context(sfc_gate_reason=self.reason).action_new_negotiation()

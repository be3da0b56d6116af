from odoo import api, fields, models


class SfcGatePass(models.TransientModel):
    """Go on although a stage gate says that something is missing: one sentence of reason (P7, D11).

    Who may, what is missing and what is noted is the business of `crm.lead`; this only carries the reason there.
    """
    _name = "sfc.gate.pass"
    _description = "Go On at a Stage Gate"

    lead_ids = fields.Many2many("crm.lead", string="Deals", required=True, context={"active_test": False})
    stage_id = fields.Many2one("crm.stage", "Into stage", required=True)
    missing = fields.Text("Still missing", compute="_compute_missing")
    reason = fields.Char("Go on because", required=True)

    @api.depends("lead_ids", "stage_id")
    def _compute_missing(self):
        for wizard in self:
            gaps = wizard.lead_ids._origin._gate_gaps(wizard.stage_id._origin)
            wizard.missing = "\n".join(f"{deal.display_name}: {'; '.join(gates.values())}" for deal, gates in gaps.items())

    @api.model
    def _action_for(self, deals, stage):
        return {
            "type": "ir.actions.act_window", "res_model": self._name, "views": [[False, "form"]], "target": "new",
            "name": self.env._("Go on anyway"), "context": {"default_lead_ids": deals.ids, "default_stage_id": stage.id},
        }

    def action_go_on(self):
        """Move the deals as the user who gave the reason."""
        self.ensure_one()
        self.lead_ids.with_context(sfc_gate_reason=self.reason).write({"stage_id": self.stage_id.id})
        return {"type": "ir.actions.client", "tag": "soft_reload"}

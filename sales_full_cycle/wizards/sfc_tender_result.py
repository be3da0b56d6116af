from odoo import fields, models

from ..models.step3_opportunity.sfc_tender import RESULTS


class SfcTenderResult(models.TransientModel):
    """How a tender ended, and why (T4b, D20). What follows for the deal is offered, never done by itself (ahead 12)."""
    _name = "sfc.tender.result"
    _description = "Result of a Tender"

    tender_id = fields.Many2one("sfc.tender", required=True, readonly=True)
    result = fields.Selection(RESULTS, required=True)
    reason_id = fields.Many2one("sfc.reason", "Why", domain=[("kind", "=", "tender")])
    decided_on = fields.Date("Decided on", required=True, default=fields.Date.context_today)
    note = fields.Text()

    def action_apply(self):
        """The tender checks who decides. A lost one goes on with Odoo's dialog for the deal."""
        self.ensure_one()
        tender = self.tender_id
        tender.check_access("write")
        tender._record_result(self.result, self.reason_id, self.note, self.decided_on)
        if tender._next_step_key() == "lost" and tender.lead_id.has_access("write"):
            return tender.action_mark_deal_lost()
        return {"type": "ir.actions.act_window_close"}

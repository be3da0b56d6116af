from odoo import fields, models

from ..models.common.sfc_scorecard import LEVELS


class SfcLeadDecision(models.TransientModel):
    """A decision about leads that needs a reason: another level than the score says, or discarding."""
    _name = "sfc.lead.decision"
    _description = "Decide on Leads"

    lead_ids = fields.Many2many("crm.lead", required=True, context={"active_test": False})
    kind = fields.Selection([("override", "Change level"), ("discard", "Discard")], required=True)
    level = fields.Selection(LEVELS)
    reason_id = fields.Many2one("sfc.reason", required=True, domain="[('kind', '=', kind)]")
    note = fields.Text("Remark")

    def action_apply(self):
        """Carry out the decision as the user who took it; record rules decide which leads he may change."""
        self.ensure_one()
        leads = self.lead_ids
        leads.check_access("write")
        if self.kind == "override":
            leads._check_screenable()
            leads._override(self.level, self.reason_id, self.note)
        else:
            leads._discard(self.reason_id)
        return {"type": "ir.actions.act_window_close"}

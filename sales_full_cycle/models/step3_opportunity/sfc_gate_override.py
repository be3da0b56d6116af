from odoo import api, fields, models
from odoo.exceptions import UserError


class SfcGateOverride(models.Model):
    """A deal went on although something was missing: what, who, why (P7, D11). Written by crm.lead alone, changed by nobody."""
    _name = "sfc.gate.override"
    _description = "Passed Stage Gate"
    _order = "passed_at desc, id desc"
    _rec_name = "lead_id"

    lead_id = fields.Many2one("crm.lead", "Deal", required=True, readonly=True, index=True, ondelete="cascade")
    stage_id = fields.Many2one("crm.stage", "Into stage", readonly=True, index="btree_not_null", ondelete="set null")
    stage_name = fields.Char("Stage", readonly=True, help="As the stage was called then.")
    severity = fields.Selection([("soft", "Warning"), ("hard", "Stop, overruled")], required=True, readonly=True)
    missing = fields.Text("Missing then", required=True, readonly=True)
    reason = fields.Char("Went on because", required=True, readonly=True)
    user_id = fields.Many2one("res.users", "By", required=True, readonly=True, ondelete="restrict", index=True)
    passed_at = fields.Datetime("At", required=True, readonly=True, default=fields.Datetime.now)
    owner_id = fields.Many2one(related="lead_id.user_id", string="Owner")
    team_id = fields.Many2one(related="lead_id.team_id")

    def write(self, vals):
        """Only Odoo's merge of deals moves a row, to the deal that survives."""
        if not self.env.su or vals.keys() - {"lead_id"}:
            raise UserError(self.env._("What was passed, by whom and why is history and cannot be changed."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_history(self):
        if not self.env.su:
            raise UserError(self.env._("What was passed, by whom and why is history and cannot be deleted."))

    def action_open_deal(self):
        self.ensure_one()
        self.lead_id.check_access("read")
        return self.lead_id.get_formview_action()

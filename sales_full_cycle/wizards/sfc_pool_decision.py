from odoo import fields, models
from odoo.exceptions import UserError


class SfcPoolDecision(models.TransientModel):
    """A leader decides, with a reason, that customers stay with their owner: once, or for good (ahead 3)."""
    _name = "sfc.pool.decision"
    _description = "Keep Customers from the Pool"

    profile_ids = fields.Many2many("sfc.customer.profile", string="Customers", required=True)
    kind = fields.Selection([
        ("keep", "Keep for another idle period"), ("protect", "Never to the pool"), ("unprotect", "May return to the pool again"),
    ], "Decision", required=True, default="keep")
    reason = fields.Char(help="Goes to the history of the customer.")

    def action_apply(self):
        """The model checks who may decide."""
        self.ensure_one()
        reason = (self.reason or "").strip()
        if self.kind != "unprotect" and not reason:
            raise UserError(self.env._("Say why."))
        if self.kind == "keep":
            self.profile_ids._pool_keep(reason)
        else:
            self.profile_ids._pool_protect(reason if self.kind == "protect" else False)
        return {"type": "ir.actions.act_window_close"}

from odoo import fields, models
from odoo.exceptions import AccessError


class SfcStandardMixin(models.AbstractModel):
    _name = "sfc.standard.mixin"
    _description = "Standard to be confirmed by the company"

    confirmed_by_id = fields.Many2one("res.users", "Confirmed by", readonly=True, copy=False)
    confirmed_on = fields.Date("Confirmed on", readonly=True, copy=False)

    def action_confirm_standard(self):
        """Say that this standard fits the company (S2.6: 提前明确); removes the banner. Sales managers only."""
        if not self.env.user.has_group("sales_team.group_sale_manager"):
            raise AccessError(self.env._("Only a sales manager can confirm a standard."))
        self.write({"confirmed_by_id": self.env.uid, "confirmed_on": fields.Date.context_today(self)})

from odoo import models


class CrmLead(models.Model):
    """What is invoiced and paid of a deal (R.1). Summed up when it is opened: the form of the deal carries no figure of it."""
    _inherit = "crm.lead"

    def action_open_instalments(self):
        self.ensure_one()
        self.check_access("read")
        return self.env["sfc.payment.milestone"]._action_of([("lead_id", "=", self.id)], self.env._("Payments of %(deal)s", deal=self.name))

from odoo import models


class SfcGrade(models.Model):
    _inherit = "sfc.grade"

    def write(self, vals):
        result = super().write(vals)
        if "pool_idle_days" in vals:
            self._refresh_pool()
        return result

    def _refresh_pool(self, batch=5_000):
        """The customers of the grades return to the pool earlier or later from now on."""
        # sudo: the dates are the system's, in every company
        customers = self.env["sfc.customer.profile"].sudo().search([("grade_id", "in", self.ids)], order="id")
        for start in range(0, len(customers), batch):
            customers[start:start + batch]._refresh_pool()

from odoo import models


class SfcSlaClock(models.Model):
    """Whom a late legal review is told to."""
    _inherit = "sfc.sla.clock"

    def _recipient(self, role):
        """Another legal reviewer who is there, else a sales manager."""
        if role != "legal":
            return super()._recipient(role)
        # sudo: the clock's company decides, not whom the user may see
        legal = self.env.ref("sales_full_cycle.group_sfc_legal").sudo().all_user_ids
        others = (legal - self.user_id).filtered(lambda user: user.active and self.company_id in user.company_ids)
        return others._approval_present()[:1] or super()._recipient("manager")

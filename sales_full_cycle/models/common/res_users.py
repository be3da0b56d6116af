from odoo import api, models


class ResUsers(models.Model):
    _inherit = "res.users"

    @api.model
    def _sfc_sales_managers(self, company):
        """Active sales managers of a company, longest there first; the technical superuser is not one."""
        managers = self.env.ref("sales_team.group_sale_manager").sudo().all_user_ids
        return managers.filtered(lambda u: u.active and not u.share and (not company or company in u.company_ids)).sorted("id")

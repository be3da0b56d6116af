from odoo import api, fields, models

from .company_name import company_key


class ResPartnerIndustry(models.Model):
    _inherit = "res.partner.industry"

    aliases = fields.Char(help="Other names under which an import finds this industry, separated by /.")
    is_listed = fields.Boolean("Offered on leads", default=True)

    @api.model
    def _by_any_name(self):
        """{comparable name or alias: industry}, in every installed language; listed industries win over Odoo's own."""
        names = {}
        for code, _name in self.env["res.lang"].get_installed():
            for industry in self.with_context(lang=code).search([], order="is_listed, id"):
                for name in (industry.name, industry.full_name, *(industry.aliases or "").split("/")):
                    if company_key(name):
                        names[company_key(name)] = industry
        return names

    @api.model
    def _keep_to_own_list(self):
        """Offer only this add-on's industries on leads; Odoo's 21 statistical sections stay for those who use them."""
        own = self.env["ir.model.data"].search([("module", "=", "base"), ("model", "=", self._name)])
        self.browse(own.mapped("res_id")).exists().write({"is_listed": False})

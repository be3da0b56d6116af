from odoo import api, fields, models
from odoo.tools import ormcache


class SfcIdealProfile(models.Model):
    """企业客户画像: the customers that the company looks for; the industry levels of the lead scorecard read it (S1.6)."""
    _name = "sfc.ideal.profile"
    _description = "Ideal Customer Profile"
    _inherit = ["sfc.standard.mixin"]

    name = fields.Char(required=True, translate=True)
    company_id = fields.Many2one("res.company", help="Empty: for every company that has no profile of its own.")
    target_industry_ids = fields.Many2many("res.partner.industry", "sfc_ideal_profile_target_rel", string="Target industries")
    adjacent_industry_ids = fields.Many2many("res.partner.industry", "sfc_ideal_profile_adjacent_rel", string="Adjacent industries")
    employees_min = fields.Integer("Employees from")
    currency_id = fields.Many2one("res.currency", compute="_compute_currency_id")
    revenue_min = fields.Monetary("Annual revenue from")
    region = fields.Char(translate=True)

    _one_per_company = models.UniqueIndex("(COALESCE(company_id, 0))", "There is already an ideal customer profile for this company.")

    @api.depends("company_id")
    def _compute_currency_id(self):
        for profile in self:
            profile.currency_id = (profile.company_id or self.env.company).currency_id

    @api.model
    def _by_company(self):
        """Profile per company id; the one under False serves companies without their own."""
        return {company_id: self.sudo().browse(profile_id) for company_id, profile_id in self._ids_by_company().items()}

    @api.model
    @ormcache()
    def _ids_by_company(self):
        return {profile.company_id.id: profile.id for profile in self.sudo().search([])}

    @api.model_create_multi
    def create(self, vals_list):
        self.env.registry.clear_cache()
        return super().create(vals_list)

    def unlink(self):
        self.env.registry.clear_cache()
        return super().unlink()

    def _industry_fit(self, industry):
        """'target', 'adjacent' or 'other'; False while industry or profile is missing."""
        if not self or not industry:
            return False
        if industry in self.target_industry_ids:
            return "target"
        return "adjacent" if industry in self.adjacent_industry_ids else "other"

    def write(self, vals):
        """A changed profile can change the level of leads that are still open: they are scored again in the background."""
        result = super().write(vals)
        if not vals.keys().isdisjoint({"active", "company_id"}):
            self.env.registry.clear_cache()
        if not vals.keys().isdisjoint({"target_industry_ids", "adjacent_industry_ids"}):
            self.env["crm.lead"]._request_rescoring()
        return result

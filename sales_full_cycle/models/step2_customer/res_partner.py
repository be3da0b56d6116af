from odoo import api, fields, models


class ResPartner(models.Model):
    """A contact shows its company's grade in the reader's company, and leads to the customer sheet (S2.4, S2.10)."""
    _inherit = "res.partner"

    customer_profile_ids = fields.One2many("sfc.customer.profile", "partner_id", "Sheets of this customer", groups="sales_team.group_sale_salesman")
    customer_grade_id = fields.Many2one(
        "sfc.grade", compute="_compute_customer_grade_id", search="_search_customer_grade_id",
        groups="sales_team.group_sale_salesman")

    @api.depends("commercial_partner_id.customer_profile_ids.grade_id")
    @api.depends_context("company")
    def _compute_customer_grade_id(self):
        # the grade alone is shown also to those who may not open the sheet
        found = self.env["sfc.customer.profile"]._find(self, self.env.company)
        for partner in self:
            profile = found.get(partner.commercial_partner_id)
            partner.customer_grade_id = profile.grade_id.id if profile else False

    @api.model
    def _search_customer_grade_id(self, operator, value):
        if operator not in ("in", "any"):
            return NotImplemented
        profiles = self.env["sfc.customer.profile"].sudo().with_context(active_test=False)._search(
            [("company_id", "=", self.env.company.id), ("grade_id", operator, value)])
        return [("commercial_partner_id", "in", profiles.subselect("partner_id"))]

    def write(self, vals):
        result = super().write(vals)
        if "industry_id" in vals:  # it chooses the scorecard
            self.sudo().customer_profile_ids._score_changed(vals)
        if "active" in vals:  # nothing is owed to an archived customer
            self.sudo().with_context(active_test=False).customer_profile_ids._refresh_cadence()
        return result

    def action_open_customer_profile(self):
        """Open the customer sheet of the contact's company; made when there is none yet."""
        self.ensure_one()
        profile = self.env["sfc.customer.profile"]._ensure(self, self.env.company, {self.commercial_partner_id: self.env.user})
        [profile] = profile.values()
        return {"type": "ir.actions.act_window", "res_model": profile._name, "res_id": profile.id, "view_mode": "form"}

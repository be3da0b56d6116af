from odoo import api, fields, models


class CrmLead(models.Model):
    """A deal knows its customer sheet; becoming a deal makes one (design.md section 6)."""
    _inherit = "crm.lead"

    customer_profile_id = fields.Many2one(
        "sfc.customer.profile", "Customer sheet", compute="_compute_customer_profile_id", store=True, index="btree_not_null", ondelete="set null")
    # stored for lists of deals: otherwise each page would read whole customer sheets for it
    customer_grade_id = fields.Many2one(related="customer_profile_id.grade_id", string="Customer Grade", store=True, index="btree_not_null")

    @api.depends("partner_id.commercial_partner_id", "company_id")
    def _compute_customer_profile_id(self):
        Profile = self.env["sfc.customer.profile"]
        for company, leads in self.grouped(lambda lead: lead.company_id or self.env.company).items():
            found = Profile._find(leads.partner_id, company) if leads.partner_id else {}
            for lead in leads:
                lead.customer_profile_id = found.get(lead.partner_id.commercial_partner_id, Profile).id

    def _complete_new(self):
        self._ensure_customers()
        return super()._complete_new()

    def write(self, vals):
        result = super().write(vals)
        if not self._is_written_one_by_one() and not {"partner_id", "type", "company_id"}.isdisjoint(vals):
            self._ensure_customers()
        return result

    def _written_together(self):
        self._ensure_customers()
        return super()._written_together()

    def _prepare_customer_values(self, partner_name, is_company=False, parent_id=False):
        """What the lead sheet knows about the company goes along when the lead becomes a customer (S1.10)."""
        values = super()._prepare_customer_values(partner_name, is_company=is_company, parent_id=parent_id)
        if is_company:
            values.update({"industry_id": self.industry_id.id, "vat": self.vat})
        return values

    def _ensure_customers(self):
        """Every deal with a customer has a customer sheet."""
        deals = self.filtered(lambda lead: lead.type == "opportunity" and lead.partner_id and not lead.customer_profile_id)
        for company, leads in deals.grouped(lambda lead: lead.company_id or self.env.company).items():
            owners = {lead.partner_id.commercial_partner_id: lead.user_id for lead in leads}
            profiles = self.env["sfc.customer.profile"]._ensure(leads.partner_id, company, owners)
            for lead in leads:
                profile = profiles[lead.partner_id.commercial_partner_id]
                if lead.source_id and not profile.source_id:
                    profile.source_id = lead.source_id

    def action_open_customer_profile(self):
        """The customer sheet behind the deal."""
        self.ensure_one()
        self.customer_profile_id.check_access("read")
        return {
            "type": "ir.actions.act_window", "res_model": "sfc.customer.profile", "res_id": self.customer_profile_id.id, "view_mode": "form",
            "name": self.env._("Customer"),
        }

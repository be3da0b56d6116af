from odoo import api, fields, models


class SfcCustomerProfile(models.Model):
    """决策链 of a customer: who is known, who is not (S2.8)."""
    _inherit = "sfc.customer.profile"

    decision_gaps = fields.Char("Open in the decision chain", compute="_compute_decision_gaps")

    @api.depends("role_ids.role", "role_ids.last_contacted_on")
    @api.depends_context("lang")
    def _compute_decision_gaps(self):
        for profile in self:
            profile.decision_gaps = " · ".join(profile.role_ids._gaps())

    def action_open_decision_chain(self):
        """The people of this customer, by role."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id("sales_full_cycle.sfc_decision_role_action")
        return {**action, "domain": [("profile_id", "=", self.id)], "context": {"default_profile_id": self.id}}

    def _grade_changed(self, before):
        result = super()._grade_changed(before)
        self._sync_deal_steps()
        return result

    def _sync_deal_steps(self):
        """Grade and contacts are evidence of the step of every deal of the customer."""
        if self:
            # sudo: the step follows from facts, whoever may see the deal
            self.env["crm.lead"].sudo().with_context(active_test=False).search([("customer_profile_id", "in", self.ids)])._sync_cycle_step()

    def _absorb(self, other):
        result = super()._absorb(other)
        self._sync_deal_steps()
        return result

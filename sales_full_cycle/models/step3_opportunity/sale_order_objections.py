from odoo import api, fields, models
from odoo.exceptions import UserError


class SaleOrder(models.Model):
    """Objections to a proposal, and the plan that its makers follow (S3.7, S3.12)."""
    _inherit = "sale.order"

    objection_ids = fields.One2many("sfc.objection", "sale_order_id", "Objections", copy=False)
    objection_count = fields.Integer("Number of objections", compute="_compute_objection_count")
    open_objection_count = fields.Integer("Open objections", compute="_compute_objection_count")

    @api.depends("objection_ids.state")
    def _compute_objection_count(self):
        """Of proposals only: plain quotations have none, and ask the database nothing. sudo: accountants see orders, not objections."""
        proposals = self.filtered("opportunity_id")
        totals, still_open = self.env["sfc.objection"].sudo()._count_by("sale_order_id", proposals) if proposals else ({}, {})
        for order in self:
            order.objection_count = totals.get(order._origin, 0)
            order.open_objection_count = still_open.get(order._origin, 0)

    def action_open_objections(self):
        self.ensure_one()
        return self.env["sfc.objection"]._action_of(
            [("sale_order_id", "=", self.id)], self.env._("Objections to %(proposal)s", proposal=self.name),
            lead_id=self.opportunity_id.id, sale_order_id=self.id)

    def action_new_objection(self):
        """:raises UserError: a quotation without deal"""
        self.ensure_one()
        if not self.opportunity_id:
            raise UserError(self.env._("%(proposal)s has no deal yet, and an objection belongs to one. Choose its opportunity first.", proposal=self.name))
        contact = self.partner_id if not self.partner_id.is_company else self.env["res.partner"]
        return self.env["sfc.objection"]._quick_entry(lead_id=self.opportunity_id.id, sale_order_id=self.id, contact_id=contact.id)

    def action_start_plan(self):
        """Odoo's own dialog, opened on the plans: 方案制定 (S3.7)."""
        self.check_access("write")
        return self.env["mail.activity.plan"]._start_on(self)

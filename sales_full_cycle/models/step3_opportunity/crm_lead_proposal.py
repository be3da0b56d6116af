from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, format_amount, format_date

from .sfc_solution_line import NEED_KINDS


class CrmLead(models.Model):
    """The deal and its proposals: the current one, what a new one takes from the deal, and 方案已提交 (S3.7, S3.15, D14)."""
    _inherit = "crm.lead"

    current_proposal_id = fields.Many2one(
        "sale.order", "Current proposal", compute="_compute_current_proposal_id", search="_search_current_proposal_id",
        help="方案: the newest quotation that is not cancelled.")
    proposal_decision_date = fields.Date(related="current_proposal_id.decision_date", string="Customer decides on", tracking=False)
    proposal_decider_id = fields.Many2one(related="current_proposal_id.decider_id", string="Who decides", tracking=False)

    @api.depends("order_ids.state")
    def _compute_current_proposal_id(self):
        for lead in self:
            lead.current_proposal_id = max(lead.order_ids.filtered(lambda order: order.state != "cancel"), key=lambda order: order.id, default=False)

    def _search_current_proposal_id(self, operator, value):
        if operator != "in":
            return NotImplemented
        orders = self.env["sale.order"].browse([order_id for order_id in value if order_id])
        newest = self.env["sale.order"]._read_group(
            [("opportunity_id", "in", orders.opportunity_id.ids), ("state", "!=", "cancel")], ["opportunity_id"], ["id:max"])
        found = Domain("id", "in", [lead.id for lead, order_id in newest if order_id in orders.ids])
        return found | Domain("order_ids", "not any", [("state", "!=", "cancel")]) if False in value else found

    def action_open_current_proposal(self):
        self.ensure_one()
        self.current_proposal_id.check_access("read")
        return {
            "type": "ir.actions.act_window", "name": self.env._("Proposal"), "res_model": "sale.order", "res_id": self.current_proposal_id.id,
            "view_mode": "form", "views": [(self.env.ref("sale.view_order_form").id, "form")],
        }

    # === 方案已提交 === #

    @api.model
    def _cycle_step_evidence(self):
        """A proposal was formally submitted; that is only possible when it was approved (S3.11)."""
        submitted = SQL(
            "EXISTS (SELECT FROM sfc_proposal_submission submission WHERE submission.lead_id = lead.id)",
            to_flush=self.env["sfc.proposal.submission"]._fields["lead_id"])
        return {**super()._cycle_step_evidence(), "proposed": submitted}

    # === WHAT A PROPOSAL TAKES FROM ITS DEAL === #

    def _needs_in_words(self):
        """{field name: the need as it stands in a proposal} of what is known, in the customer's language."""
        self.ensure_one()
        lead = self.with_context(lang=self.partner_id.lang or self.env.lang)
        words = {
            "need_function": lead.need_function, "need_service": lead.need_service, "budget_max": lead._budget_in_words(),
            "purchase_date": lead.purchase_date and lead.env._(
                "Purchase planned for %(date)s", date=format_date(lead.env, lead.purchase_date)),
            "decision_process": lead.decision_process,
        }
        return {fname: words[fname] for fname, _label in NEED_KINDS if words[fname]}

    def _budget_in_words(self):
        if not self.budget_max:
            return False
        low, high = (format_amount(self.env, amount, self.company_currency, trailing_zeroes=False) for amount in (self.budget_min, self.budget_max))
        if self.budget_min:
            return self.env._("Budget %(low)s to %(high)s, tax included", low=low, high=high)
        return self.env._("Budget up to %(high)s, tax included", high=high)

    def _situation_in_words(self):
        """客户现状与需求: who asks and what for, to be completed by whoever writes the proposal."""
        self.ensure_one()
        customer = self.partner_id.commercial_partner_id.name or self.partner_name
        who = " · ".join(filter(None, [customer, self._proposal_industry().with_context(lang=self.partner_id.lang or self.env.lang).name]))
        return "\n".join(filter(None, [who, self.need_summary or self.need_function]))

    def _proposal_industry(self):
        return self.industry_id or self.partner_id.commercial_partner_id.industry_id

    def _known_decider(self):
        """The contact that the customer's decision chain names as decision maker."""
        return self.customer_profile_id.role_ids.filtered(lambda line: line.role == "decision_maker").contact_id[:1]

from odoo import api, models
from odoo.tools import format_date

from .crm_lead_next_step import Due, NextThing


class CrmLead(models.Model):
    """What is next with the proposal: make, complete, submit, send, ask for the decision (S3.7, S3.11, S3.15)."""
    _inherit = "crm.lead"

    @api.depends("order_ids.state", "order_ids.approval_state", "order_ids.proposal_released", "order_ids.submission_ids", "order_ids.decision_date",
                 "order_ids.proposal_gaps")
    def _compute_next_thing(self):
        return super()._compute_next_thing()

    @api.model
    def _next_things(self):
        open_it = (self.env._("Open the proposal"), "action_open_current_proposal")
        return [
            *super()._next_things(),
            NextThing("propose", "opportunity", "_due_propose", self.env._("New proposal"), "action_sale_quotations_new"),
            NextThing("wait", "opportunity", "_due_wait"),
            NextThing("complete", "opportunity", "_due_complete", *open_it),
            NextThing("submit", "opportunity", "_due_submit", self.env._("Submit for approval"), "_next_submit"),
            NextThing("send", "opportunity", "_due_send", self.env._("Send the proposal"), "_next_send"),
            NextThing("plan_decision", "opportunity", "_due_plan_decision", *open_it),
            NextThing("ask_decision", "opportunity", "_due_ask_decision", self.env._("New follow-up"), "action_new_follow_up"),
            NextThing("win", "opportunity", "_due_win", self.env._("Won"), "action_set_won_rainbowman"),
        ]

    def _due_propose(self):
        return None if self.current_proposal_id else Due(self.env._("Make the proposal."))

    def _due_wait(self):
        if self.current_proposal_id.approval_state != "pending":
            return None
        return Due(self.env._("Proposal %(number)s waits for approval.", number=self.current_proposal_id.name))

    def _due_complete(self):
        proposal = self.current_proposal_id
        gaps = [] if proposal.proposal_released else proposal._approval_gaps()
        return Due(self.env._("Complete proposal %(number)s.", number=proposal.name), gaps) if gaps else None

    def _due_submit(self):
        proposal = self.current_proposal_id
        if proposal.proposal_released:
            return None
        match proposal.approval_state:
            case "refused":
                return Due(self.env._("Proposal %(number)s was refused: change it and submit it again.", number=proposal.name))
            case "outdated":
                return Due(self.env._("Proposal %(number)s was changed after its approval: submit it again.", number=proposal.name))
        return Due(self.env._("Submit proposal %(number)s for approval.", number=proposal.name))

    def _due_send(self):
        proposal = self.current_proposal_id
        if proposal.state == "sale" or proposal.submission_ids:
            return None
        return Due(self.env._("Proposal %(number)s may leave: give it to the customer.", number=proposal.name))

    def _due_plan_decision(self):
        proposal = self.current_proposal_id
        if proposal.state == "sale" or proposal.decision_date:
            return None
        return Due(self.env._("Ask when the customer decides, and who, and note it on the proposal."))

    def _due_ask_decision(self):
        proposal = self.current_proposal_id
        if proposal.state == "sale":
            return None
        return Due(self.env._("Ask for the decision: the customer decides on %(date)s.", date=format_date(self.env, proposal.decision_date)))

    def _due_win(self):
        return Due(self.env._("The customer has ordered: the deal is won."))

    def _next_submit(self):
        return self.current_proposal_id.action_submit_for_approval()

    def _next_send(self):
        return self.current_proposal_id.action_quotation_send()

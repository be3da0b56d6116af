from odoo import api, fields, models
from odoo.tools import format_date, format_datetime

from ..step3_opportunity.crm_lead_next_step import Due, NextThing


class CrmLead(models.Model):
    """What is next while the customer thinks about the proposal: negotiate, confirm the minutes (S4.4, S4.6)."""
    _inherit = "crm.lead"

    @api.depends("negotiation_ids.state", "negotiation_ids.start", "negotiation_ids.line_ids.outcome")
    def _compute_next_thing(self):
        return super()._compute_next_thing()

    @api.model
    def _next_things(self):
        things = super()._next_things()
        place = next(place for place, thing in enumerate(things) if thing.code == "ask_decision")
        own = [
            NextThing("minutes", "opportunity", "_due_minutes", self.env._("Open the minutes"), "_next_minutes"),
            NextThing("negotiate", "opportunity", "_due_negotiate", self.env._("Start a round"), "action_new_negotiation"),
        ]
        return [*things[:place], *own, *things[place:]]

    def _draft_round(self):
        return self.negotiation_ids.filtered(lambda negotiation: negotiation.state == "draft").sorted("round")[-1:]

    def _due_minutes(self):
        draft = self._draft_round()
        if not draft or self.current_proposal_id.state == "sale":
            return None
        if draft.start and draft.start > fields.Datetime.now():
            return Due(self.env._("Round %(round)s of the negotiation is on %(date)s.", round=draft.round, date=format_datetime(self.env, draft.start)))
        return Due(self.env._("Confirm the minutes of round %(round)s.", round=draft.round), draft._confirmation_gaps())

    def _due_negotiate(self):
        """While the customer's decision is awaited: a first round, or another one for what is still open. From that day on the decision is asked for."""
        proposal = self.current_proposal_id
        if proposal.state == "sale" or not proposal.decision_date or proposal.decision_date <= fields.Date.context_today(self):
            return None
        last = self.negotiation_ids.filtered(lambda negotiation: negotiation.state == "confirmed").sorted("round")[-1:]
        if not last:
            return Due(self.env._("Negotiate: the customer decides on %(date)s.", date=format_date(self.env, proposal.decision_date)), self._negotiation_gaps())
        still_open = last._open_lines()
        return Due(self.env._("Negotiate what is still open."), [line._topic_label() for line in still_open]) if still_open else None

    def _next_minutes(self):
        draft = self._draft_round()
        draft.check_access("write")
        return draft._open()

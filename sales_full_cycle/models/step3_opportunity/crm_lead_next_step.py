from collections import namedtuple

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

PHASES = [("lead", "Leads"), ("customer", "Customers"), ("opportunity", "Deals"), ("contract", "Contracts"), ("delivery", "Delivery")]
PHASE_OF_STEP = {
    "captured": "lead", "screened": "lead", "qualified": "customer", "evaluated": "opportunity", "proposed": "opportunity",
    "negotiating": "contract", "signed": "contract", "delivering": "delivery", "accepted": "delivery", "serviced": "delivery",
}

# Something that may have to be done: code; for a "lead" or an "opportunity"; method that says whether it is due now;
# label of its button and method of the button, both empty where nobody can do anything but wait.
NextThing = namedtuple("NextThing", "code type due button action", defaults=(None, None))
# What such a method returns when it is: one sentence, and what exactly is missing.
Due = namedtuple("Due", "sentence missing", defaults=((),))

CHIP = Markup('<span class="badge text-bg-warning me-1">%s</span>')


class CrmLead(models.Model):
    """The head of the form: the five phases, the next thing to do with its button, and what is missing for it (design.md section 4)."""
    _inherit = "crm.lead"

    cycle_phase = fields.Selection(PHASES, "Phase", compute="_compute_cycle_phase")
    # only for the form: nobody reads these for many deals at once
    next_thing = fields.Char("Next", compute="_compute_next_thing", compute_sudo=True)
    next_action = fields.Char(compute="_compute_next_thing", compute_sudo=True, help="Technical code of what is next.")
    next_button = fields.Char(compute="_compute_next_thing", compute_sudo=True)
    next_missing = fields.Html("Missing", compute="_compute_next_thing", compute_sudo=True, sanitize=False)

    @api.depends("cycle_step")
    def _compute_cycle_phase(self):
        for lead in self:
            lead.cycle_phase = PHASE_OF_STEP.get(lead.cycle_step)

    @api.depends("type", "active", "won_status", "screening_level", "is_complete", "user_id", "nurture_until", "customer_grade_id",
                 "needs_completeness", "no_decider_reason", "customer_profile_id.role_ids.role", "customer_profile_id.role_ids.last_contacted_on")
    @api.depends_context("lang", "uid")
    def _compute_next_thing(self):
        for lead in self:
            thing, due = lead._find_next_thing()
            lead.next_thing = due.sentence if due else False
            lead.next_action = thing.code if thing else False
            lead.next_button = thing.button if thing and thing.action else False
            lead.next_missing = Markup().join(CHIP % text for text in due.missing) if due else False

    def _find_next_thing(self):
        """(NextThing, Due) of the first that is due; nothing of what is closed."""
        self.ensure_one()
        if self.active and self.won_status == "pending":
            for thing in self._next_things():
                if thing.type == self.type and (due := getattr(self, thing.due)()):
                    return thing, due
        return None, None

    # === WHAT MAY BE NEXT === #

    @api.model
    def _next_things(self):
        """Everything that may be next, in the order of the cycle; each step adds its own where it belongs."""
        return [
            NextThing("screen", "lead", "_due_screen", self.env._("Screen"), "action_screen"),
            NextThing("nurture", "lead", "_due_nurture"),
            NextThing("assign", "lead", "_due_assign", *self._assign_button()),
            NextThing("convert", "lead", "_due_convert", self.env._("Convert to Opportunity"), "_next_convert"),
            NextThing("customer", "opportunity", "_due_customer"),
            NextThing("grade", "opportunity", "_due_grade", self.env._("Grade the customer"), "_next_grade"),
            NextThing("needs", "opportunity", "_due_needs", self.env._("Send questionnaire"), "action_send_questionnaire"),
            NextThing("decider", "opportunity", "_due_decider", self.env._("New follow-up"), "action_new_follow_up"),
        ]

    @api.model
    def _assign_button(self):
        """Leaders choose somebody, others may take it themselves."""
        user = self.env.user
        if user.has_group("sales_full_cycle.group_sfc_team_leader") or user.has_group("sales_team.group_sale_manager"):
            return self.env._("Assign"), "_next_assign"
        return self.env._("Assign to me"), "action_assign_to_me"

    def _due_screen(self):
        if self.screening_level:
            return None
        if self.is_complete:
            return Due(self.env._("Screen the lead: how promising is it?"))
        return Due(self.env._("Complete the lead sheet, then screen the lead."), self._missing_labels())

    def _due_nurture(self):
        if not self.nurture_until:
            return None
        return Due(self.env._("Put aside until %(date)s; an activity reminds of it.", date=format_date(self.env, self.nurture_until)))

    def _due_assign(self):
        return None if self.user_id else Due(self.env._("Nobody follows this lead up yet."))

    def _due_convert(self):
        return Due(self.env._("Turn the lead into a deal, or discard it."))

    def _due_customer(self):
        return None if self.customer_profile_id else Due(self.env._("Choose the customer of the deal."))

    def _due_grade(self):
        return Due(self.env._("Grade the customer: how often it is followed up depends on it.")) if self._qualification_due("customer_graded") else None

    def _due_needs(self):
        gap = self._qualification_due("needs_complete")
        return Due(self.env._("Find out what the customer needs: %(gap)s.", gap=gap), self.missing_needs.split(", ")) if gap else None

    def _due_decider(self):
        if not self._qualification_due("decider_contacted"):
            return None
        gaps = self.decision_gaps
        return Due(self.env._("Get in touch with the decision maker, or say why not."), [gaps] if gaps else [])

    def _qualification_due(self, what):
        return self._qualification_missing().get(what)

    # === THE BUTTON === #

    def action_next_thing(self):
        """Do what is next, or open where it is done. Each action checks rights and state itself.

        :raises UserError: meanwhile there is nothing to do
        """
        self.ensure_one()
        self.check_access("write")
        thing, _due = self.sudo()._find_next_thing()  # sudo: what the form showed is found the same way
        if not thing or not thing.action:
            raise UserError(self.env._("There is nothing to do here just now. Reload the page to see where the deal stands."))
        return getattr(self, thing.action)()

    def _next_assign(self):
        action = self.env["ir.actions.act_window"]._for_xml_id("sales_full_cycle.sfc_lead_action_assign")
        return {**action, "context": {"default_lead_ids": self.ids}}

    def _next_convert(self):
        action = self.env["ir.actions.act_window"]._for_xml_id("sales_full_cycle.crm_lead_action_convert")
        return {**action, "context": {"active_model": self._name, "active_id": self.id, "active_ids": self.ids, "sfc_gate": True}}

    def _next_grade(self):
        return self.customer_profile_id.action_grade()

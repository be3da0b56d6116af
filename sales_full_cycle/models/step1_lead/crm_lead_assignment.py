from markupsafe import Markup

from odoo import api, fields, models

from ..common import sla_time

FIRST_CONTACT = {"high": "first_contact", "medium": "first_contact_medium"}


class CrmLead(models.Model):
    """A high lead has an owner within 24 hours, and the owner makes contact (S1.8, S1.9)."""
    _inherit = "crm.lead"
    _sla_fk = "lead_id"

    sla_clock_ids = fields.One2many("sfc.sla.clock", "lead_id", "Promises", readonly=True)
    first_contact_at = fields.Datetime("First contact", readonly=True, copy=False, help="Of the present owner.")
    needs_owner = fields.Boolean(compute="_compute_needs_owner", search="_search_needs_owner")

    @api.depends("screening_level", "user_id", "active", "won_status", "nurture_until")
    def _compute_needs_owner(self):
        for lead in self:
            lead.needs_owner = lead._is_promised() and lead.screening_level == "high" and not lead.user_id

    @api.model
    def _search_needs_owner(self, operator, value):
        if operator != "in":
            return NotImplemented
        return [("screening_level", "=", "high"), ("user_id", "=", False), ("won_status", "=", "pending"), ("nurture_until", "=", False)]

    @api.model
    def _form_lists(self):
        return {**super()._form_lists(), "sla_clock_ids": None}

    def _is_promised(self):
        """Promises are owed for leads and deals that are alive and not put aside."""
        return self.active and self.won_status == "pending" and not self.nurture_until

    def write(self, vals):
        owner_changes = self.browse()
        if "user_id" in vals:
            owner_changes = self.filtered(lambda lead: lead.user_id.id != vals["user_id"] and not lead._is_handed_over())
        if self._is_written_one_by_one():  # the first owner of a lead: see _written_together()
            owner_changes = owner_changes.filtered("user_id")
        result = super().write(vals)
        if owner_changes:
            given = owner_changes.sudo()  # sudo: whoever gives a lead away may not see it any more
            given.filtered("first_contact_at").first_contact_at = False
            given._sla_cancel(*FIRST_CONTACT.values())
            given._sync_promises_owed()
        elif not vals.keys().isdisjoint({"active", "stage_id", "probability", "nurture_until"}):
            self.filtered(lambda lead: lead.screening_level)._sync_promises()
        return result

    def _written_together(self):
        result = super()._written_together()
        self.sudo()._sync_promises_owed()  # sudo: whoever gives a lead away may not see it any more
        return result

    def _sync_promises_owed(self):
        """Leads that nobody screened and that have no promise owe none, and cost one query."""
        running = self._sla_open(["assign", *FIRST_CONTACT.values()])
        (self & (running.lead_id | self.filtered("screening_level")))._sync_promises()

    def _is_handed_over(self):
        """A handover passes promises on as they run (ahead 15); a lead that nobody had is assigned for the first time, whatever the way.

        Only the engine, which runs in sudo, may say that it is one: the context alone may come from a client.
        """
        return self.env.su and self.env.context.get("sfc_handover") and bool(self.user_id)

    def _sync_promises(self):
        """Start, meet or cancel the promises of assignment and first contact, as the leads now stand. Idempotent."""
        wanting_owner = self.filtered("needs_owner")
        owned = self.filtered(lambda lead: lead._is_promised() and lead.user_id)
        (self - wanting_owner - owned)._sla_cancel("assign")
        owned.filtered(lambda lead: lead.screening_level == "high")._sla_stop("assign")
        owned.filtered(lambda lead: lead.screening_level != "high")._sla_cancel("assign")
        wanting_owner._give_team()
        wanting_owner._sla_start("assign")
        self._sync_first_contact(owned)

    def _give_team(self):
        """A lead to be assigned belongs to a team, or no leader would learn of it: that of whoever screened it."""
        teamless = self.filtered(lambda lead: not lead.team_id)
        if teamless:
            teamless.team_id = self.env["crm.team"]._get_default_team_id(user_id=self.env.uid, domain=[("use_leads", "=", True)])

    def _sync_first_contact(self, owned):
        waiting = owned.filtered(lambda lead: not lead.first_contact_at)
        for level, key in FIRST_CONTACT.items():
            due = waiting.filtered(lambda lead, level=level: lead.screening_level == level)
            (self - due)._sla_cancel(key)
            fresh = due - due._sla_open([key]).lead_id
            fresh._sla_start(key)
            fresh._plan_next_step()

    def _plan_next_step(self):
        """The new owner gets the next step: a call by the next working day. Nobody owns a lead without a next action (S1.9)."""
        if not self or self.env.context.get("sfc_no_clocks"):
            return
        call = self.env.ref("mail.mail_activity_data_call")
        today = fields.Date.context_today(self)
        model_id = self.env["ir.model"]._get_id("crm.lead")
        self.env["mail.activity"].with_context(mail_activity_quick_update=True).create([{
            "res_model_id": model_id, "res_id": lead.id, "user_id": lead.user_id.id, "activity_type_id": call.id,
            "summary": lead.env._("First contact"), "note": Markup("<br/>").join((lead.need_summary or "").splitlines()),
            "date_deadline": sla_time.next_working_day((lead.company_id or self.env.company).resource_calendar_id.sudo(), today),
        } for lead in self])

    def _register_contact(self):
        """The owner has been in touch: the first-contact promise is met, now or late."""
        leads = self.filtered(lambda lead: lead.user_id and not lead.first_contact_at)
        if leads:
            leads.sudo().first_contact_at = fields.Datetime.now()  # sudo: a colleague may finish the activity
            leads._sla_stop(*FIRST_CONTACT.values())

    def action_assign_to_me(self):
        self.check_access("write")
        self.write({"user_id": self.env.uid})

    # === AUTOMATIC ASSIGNMENT === #

    def _sla_warned(self, clock):
        if clock.key == "assign" and (clock.company_id or self.env.company).lead_auto_assign:
            self._assign_least_loaded()
        return super()._sla_warned(clock)

    def _assign_least_loaded(self):
        """Give the lead to the available team member with the fewest open leads and deals."""
        self.ensure_one()
        members = self.team_id.crm_team_member_ids.filtered(lambda m: not m.assignment_optout and m.user_id.active).user_id
        if not members:
            return
        load = dict(self.env["crm.lead"].sudo()._read_group(
            [("user_id", "in", members.ids), ("won_status", "=", "pending")], ["user_id"], ["__count"]))
        self.user_id = min(members, key=lambda user: (load.get(user, 0), user.id))
        self._message_log(body=self.env._("Assigned automatically: the time to assign was nearly over."))

from odoo import api, fields, models
from odoo.exceptions import UserError


class SfcNegotiation(models.Model):
    """Who takes part on both sides, who is invited, and the meeting in the calendar (S4.4)."""
    _inherit = "sfc.negotiation"

    attendee_ids = fields.Many2many(
        "res.users", "sfc_negotiation_attendee_rel", string="Our side", domain=[("share", "=", False)],
        help="我方人员. A manager or an expert who is added here is invited.")
    customer_attendee_ids = fields.Many2many(
        "res.partner", "sfc_negotiation_customer_rel", string="Customer's side", domain="[('commercial_partner_id', '=?', partner_id)]", help="客户人员")
    start = fields.Datetime("Time", copy=False, index=True, tracking=True, help="时间. The time of the meeting, where there is one in the calendar.")
    location = fields.Char("Place", copy=False, help="地点")
    calendar_event_ids = fields.One2many("calendar.event", "sfc_negotiation_id", "Meetings", readonly=True)
    calendar_event_id = fields.Many2one("calendar.event", "Meeting", compute="_compute_calendar_event_id")

    @api.depends("calendar_event_ids.active")
    def _compute_calendar_event_id(self):
        """The newest one in the calendar. sudo: that there is a meeting, also where a colleague keeps it private."""
        events = self.env["calendar.event"].sudo().search([("sfc_negotiation_id", "in", self.ids)], order="id")
        newest = {event.sfc_negotiation_id.id: event.id for event in events}
        for negotiation in self:
            negotiation.calendar_event_id = newest.get(negotiation._origin.id)

    # === INVITATIONS === #

    @api.model
    def _check_people(self, pairs):
        """:param pairs: {(person, deal)}
        :raises UserError: a person could not open the deal
        """
        deals_of = {}
        for person, deal in pairs:
            if person and person != deal.sudo().user_id:  # sudo: the owner sees it; whose deal it is is no secret
                deals_of[person] = deals_of.get(person, deal.browse()) | deal
        blind = [(person, deals - deals.with_user(person)._filtered_access("read").with_env(deals.env)) for person, deals in deals_of.items()]
        gaps = [
            self.env._("%(name)s does not see the deal %(deal)s. Add the person as a collaborator of the deal first.",
                       name=person.name, deal=", ".join(deals.mapped("name")))
            for person, deals in blind if deals]
        if gaps:
            raise UserError("\n".join(gaps))

    def _invite(self, invited):
        """Tell those who are new, each once and in his language; whoever leads the round is told by Odoo that it is his.

        :param invited: {negotiation: the people it had before}
        """
        if self.env["crm.lead"]._is_import() or self.env.context.get("mail_auto_subscribe_no_notify"):
            return
        for negotiation, before in invited.items():
            people = negotiation.attendee_ids - before - negotiation.user_id - self.env.user
            event = negotiation.calendar_event_id.sudo()  # sudo: the meeting of the round, whoever made it
            if event and people:
                event.write({"partner_ids": [(4, partner.id) for partner in people.partner_id]})  # the calendar invites
                continue
            for person in people.sudo():  # sudo: name and language of a colleague
                told = negotiation.with_context(lang=person.lang)
                told.message_notify(
                    partner_ids=person.partner_id.ids, email_layout_xmlid="mail.mail_notification_light",
                    subject=told.env._("You are invited to negotiate: %(deal)s", deal=told.lead_id.name),
                    body=told.env._(
                        "%(name)s asks you to take part in round %(round)s of the negotiation about %(deal)s.", name=told.env.user.name,
                        round=told.round, deal=told.lead_id.name))

    # === MEETING === #

    def action_schedule_meeting(self):
        """The meeting of the round: Odoo's dialog with both sides filled in, or the one that is in the calendar already."""
        self.ensure_one()
        event = self.calendar_event_id
        if event:
            event.check_access("read")
            return {
                "type": "ir.actions.act_window", "name": self.env._("Meeting"), "res_model": "calendar.event", "res_id": event.id,
                "views": [(False, "form")]}
        self.check_access("write")
        self._check_draft()
        people = (self.attendee_ids | self.user_id | self.env.user).partner_id | self.customer_attendee_ids
        defaults = {
            "sfc_negotiation_id": self.id, "opportunity_id": self.lead_id.id, "partner_ids": people.ids, "user_id": self.env.uid,
            "name": self.env._("Negotiation, round %(round)s: %(deal)s", round=self.round, deal=self.lead_id.name), "location": self.location,
            "start": self.start}
        return {
            "type": "ir.actions.act_window", "name": self.env._("Meeting"), "res_model": "calendar.event", "views": [(False, "form")], "target": "new",
            "context": {f"default_{fname}": value for fname, value in defaults.items() if value}}

    def _move_meetings(self, vals):
        """Another time or place of the round is one of its meeting."""
        if {"start", "location"}.isdisjoint(vals) or self.env.context.get("sfc_from_meeting"):
            return
        for negotiation in self.filtered("calendar_event_id"):
            event = negotiation.calendar_event_id.sudo()  # sudo: the meeting of the round, whoever made it
            changed = {"location": negotiation.location} if event.location != negotiation.location else {}
            if negotiation.start and negotiation.start != event.start:
                changed |= {"start": negotiation.start, "stop": negotiation.start + (event.stop - event.start)}
            if changed:
                event.write(changed)

    def _follow_meetings(self, events):
        """Time and place of a draft are those of its meeting; `self` in sudo, since the meeting may be moved by whoever takes part."""
        for negotiation in self.filtered(lambda negotiation: negotiation.state == "draft"):
            event = negotiation.calendar_event_id & events
            if event and (event.start, event.location) != (negotiation.start, negotiation.location):
                negotiation.with_context(sfc_from_meeting=True).write({"start": event.start, "location": event.location or negotiation.location})

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import html2plaintext

from .sfc_objection import PROMISE


class SfcObjection(models.Model):
    """Answering an objection, reopening it, and the session with the technical people (S3.13, S3.14)."""
    _inherit = "sfc.objection"

    can_answer = fields.Boolean(compute="_compute_can_answer")
    session_ids = fields.One2many("calendar.event", "sfc_objection_id", "Technical sessions", readonly=True)
    session_count = fields.Integer("Number of sessions", compute="_compute_session_count")

    @api.depends("user_id", "lead_id")
    @api.depends_context("uid")
    def _compute_can_answer(self):
        for objection in self:
            objection.can_answer = objection._may_answer()

    @api.depends("session_ids")
    def _compute_session_count(self):
        counts = dict(self.env["calendar.event"]._read_group([("sfc_objection_id", "in", self.ids)], ["sfc_objection_id"], ["__count"]))
        for objection in self:
            objection.session_count = counts.get(objection._origin, 0)

    # === ANSWER === #

    def _may_answer(self):
        """Its owner, whoever works on the deal, the team leader and sales managers."""
        deal = self.sudo().lead_id  # sudo: who works on it, nothing else
        return self.env.user in (self.user_id | deal.collaborator_ids.user_id) or deal.with_env(self.env)._is_in_charge()

    def _check_may_answer(self):
        """:raises AccessError: the user has nothing to do with the deal"""
        self.check_access("write")
        refused = self.filtered(lambda objection: not objection._may_answer())
        if refused:
            raise AccessError(self.env._(
                "Only the owner, the collaborators of the deal, the team leader or a sales manager answers %(numbers)s.",
                numbers=", ".join(refused.mapped("number"))))

    def action_answer(self):
        """The customer has our answer, now or when the form says: the promise is met.

        :raises UserError: not open, or what was answered is missing (all gaps at once)
        """
        self._check_may_answer()
        self._register_answer()

    def _register_answer(self):
        gaps = [gap for objection in self for gap in objection._answer_gaps()]
        if gaps:
            raise UserError("\n".join(gaps))
        now = fields.Datetime.now()
        for objection in self:
            objection.sudo().write({  # sudo: status and author are the system's
                "state": "answered", "answered_by_id": self.env.uid, "answered_at": objection.answered_at or now, "reaction": False})
        for answered_at, answered in self.grouped("answered_at").items():
            answered._sla_stop(PROMISE, at=answered_at)

    def _answer_gaps(self):
        """What keeps the objection from being answered, as sentences."""
        if self.state != "open":
            return [self.env._("%(number)s is not open. Reopen it first if the customer is not satisfied.", number=self.number)]
        missing = [
            self._fields[fname]._description_string(self.env)
            for fname in ("kind", "answer_mode", "answer") if not (self[fname] or "").strip()]
        return [self.env._("%(number)s: fill in %(fields)s first.", number=self.number, fields=", ".join(missing))] if missing else []

    def action_resolved(self):
        """The customer is satisfied: closed."""
        self._check_may_answer()
        self._check_answered()
        self.sudo().write({"state": "closed", "reaction": "resolved"})  # sudo: see action_answer

    def action_reopen(self):
        """The customer is not satisfied: the next answer is owed from now on, the last one stays in the history."""
        self._check_may_answer()
        self._check_answered()
        for objection in self:
            objection._message_log(body=self.env._(
                "Answer of %(name)s on %(date)s, which did not satisfy the customer: %(answer)s", name=objection.answered_by_id.name,
                date=fields.Datetime.to_string(fields.Datetime.context_timestamp(self, objection.answered_at).replace(tzinfo=None)),
                answer=objection.answer))
        self.sudo().write({  # sudo: see action_answer
            "state": "open", "reaction": "still_open", "reopened_at": fields.Datetime.now(),
            "answer_mode": False, "answer": False, "answered_at": False, "answered_by_id": False})
        self._sync_promise()

    def _check_answered(self):
        """:raises UserError: there is no answer that the customer could think about"""
        early = self.filtered(lambda objection: objection.state == "open")
        if early:
            raise UserError(self.env._("Not answered yet: %(numbers)s. Note the answer first.", numbers=", ".join(early.mapped("number"))))

    # === TECHNICAL SESSION === #

    def action_plan_session(self):
        """A meeting with the technical people of the deal, the owner and the customer's contact (S3.14)."""
        self.ensure_one()
        self._check_may_answer()
        people = self.sudo().lead_id.collaborator_ids._of_role("technical") | self.user_id | self.env.user  # sudo: who they are, nothing else
        return {
            "type": "ir.actions.act_window", "name": self.env._("Technical session"), "res_model": "calendar.event", "views": [(False, "form")],
            "target": "new", "context": {
                "default_sfc_objection_id": self.id, "default_name": self.env._("Technical session: %(objection)s", objection=self.display_name),
                "default_description": self.text, "default_partner_ids": (people.partner_id | self.contact_id).ids, "default_user_id": self.env.uid,
            }}

    def action_open_sessions(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("calendar.action_calendar_event")
        return {**action, "views": [(False, "list"), (False, "form")], "domain": [("sfc_objection_id", "=", self.id)], "context": {}}

    # === FROM A COMMENT ON THE PORTAL === #

    @api.model
    def _from_message(self, message):
        """The objection that a customer's comment on a proposal is: made now, or the one it has become before.

        :raises UserError: not a customer's comment, or of a quotation without deal
        """
        known = self.sudo().with_context(active_test=False).search([("message_id", "=", message.id)]).with_env(self.env)
        if known:
            known.check_access("read")
            return known
        order = self.env["sale.order"].browse(message.res_id) if message.model == "sale.order" else self.env["sale.order"]
        author = message.author_id
        if not order or not author.partner_share or message.message_type not in ("comment", "email"):
            raise UserError(self.env._("Only what a customer writes on a proposal can become an objection."))
        order.check_access("read")
        if not order.opportunity_id:
            raise UserError(self.env._("%(proposal)s has no deal yet, and an objection belongs to one. Choose its opportunity first.", proposal=order.name))
        objection = self.create({
            "sale_order_id": order.id, "lead_id": order.opportunity_id.id, "contact_id": author.id, "channel": "portal", "raised_at": message.date,
            "text": html2plaintext(message.body or "").strip() or self.env._("See the attachments of the comment."),
        })
        objection.sudo().message_id = message  # sudo: only this way leads to a message
        return objection

from collections import defaultdict

from markupsafe import Markup, escape

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

OPEN = ("waiting", "pending")


class SfcApproval(models.Model):
    """One decision that one rule demands about one document. Its engine is the only writer; the document's part of it is sfc.approval.mixin.

    Four eyes, reviewers and states are checked here, once, for every screen and every adopter (design.md section 5, P1, P2).
    """
    _name = "sfc.approval"
    _description = "Approval"
    _inherit = ["mail.thread", "mail.activity.mixin", "sfc.sla.mixin", "sfc.document.row"]
    _order = "id desc"
    _sla_fk = "approval_id"
    _mail_post_access = "read"

    rule_id = fields.Many2one("sfc.approval.rule", required=True, readonly=True, index=True, ondelete="restrict")
    kind = fields.Selection(related="rule_id.kind", store=True, index=True)
    rank = fields.Integer("Order", readonly=True)
    submission = fields.Integer(readonly=True, help="Counts the submissions of the document.")
    state = fields.Selection([
        ("waiting", "Not asked yet"), ("pending", "To approve"), ("approved", "Approved"), ("refused", "Refused"),
        ("withdrawn", "Withdrawn"), ("outdated", "Out of date"),
    ], "Status", required=True, readonly=True, default="waiting", index=True)
    # For rules and reports; what it was when the document was submitted.
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    user_id = fields.Many2one("res.users", "Responsible", readonly=True, index="btree_not_null")
    team_id = fields.Many2one("crm.team", readonly=True, index="btree_not_null")
    lead_id = fields.Many2one("crm.lead", "Deal", readonly=True, index="btree_not_null", ondelete="set null")
    partner_id = fields.Many2one("res.partner", "Customer", readonly=True, index="btree_not_null")
    currency_id = fields.Many2one(related="company_id.currency_id", store=True)
    amount = fields.Monetary(readonly=True, help="With tax, in the currency of the company.")
    discount = fields.Float("Discount (%)", digits=(5, 2), readonly=True, aggregator="avg")
    discount_words = fields.Char("Price ratio", compute="_compute_discount_words", help="折: 8折 is 20 % off.")
    payment_days = fields.Integer("Payment term (days)", readonly=True, aggregator="avg")
    # Who asks, who decides
    submitted_by_id = fields.Many2one("res.users", "Submitted by", required=True, readonly=True)
    submitted_at = fields.Datetime("Submitted", required=True, readonly=True)
    reviewer_ids = fields.Many2many("res.users", "sfc_approval_reviewer_rel", "approval_id", "user_id", "Reviewers", readonly=True)
    asked_at = fields.Datetime("Asked", readonly=True)
    decided_by_id = fields.Many2one("res.users", "Decided by", readonly=True)
    decided_at = fields.Datetime("Decided", readonly=True)
    reason_id = fields.Many2one("sfc.reason", readonly=True, ondelete="restrict")
    note = fields.Text("Comment", readonly=True)
    # What it is about
    content = fields.Json(readonly=True, prefetch=False)
    content_hash = fields.Char("SHA-256", readonly=True)
    difference = fields.Html(compute="_compute_difference", sanitize=False)
    completeness = fields.Text(compute="_compute_completeness")
    can_decide = fields.Boolean(compute="_compute_can_decide", search="_search_can_decide")
    sla_clock_ids = fields.One2many("sfc.sla.clock", "approval_id")
    review_activity_ids = fields.One2many("mail.activity", "sfc_approval_id")

    # === COMPUTE METHODS === #

    @api.depends("rule_id.name")
    def _compute_display_name(self):
        for approval in self:
            approval.display_name = f"{approval.document_name or ''} – {approval._told_name()}"

    @api.depends_context("lang")
    @api.depends("discount")
    def _compute_discount_words(self):
        for approval in self:
            approval.discount_words = self._price_ratio(approval.discount)

    @api.model
    def _price_ratio(self, discount):
        """10 % off is 9/10 (9折), 12.5 % off 8.75/10; nothing off is no ratio."""
        tenths = f"{(100 - discount) / 10:.2f}".rstrip("0").rstrip(".")
        return self.env._("%(tenths)s/10", tenths=tenths) if discount > 0 else False

    @api.depends_context("uid")
    @api.depends("state", "reviewer_ids")
    def _compute_can_decide(self):
        for approval in self:
            approval.can_decide = approval.state == "pending" and self.env.user in approval.reviewer_ids and not approval._own_interest(self.env.user)

    def _search_can_decide(self, operator, value):
        if operator != "in" or True not in value or False in value:
            return NotImplemented
        return [("state", "=", "pending"), ("reviewer_ids", "in", self.env.uid)]

    @api.depends_context("lang")
    def _compute_completeness(self):
        """What is missing in the document, in sentences; a document that waits was complete when it was submitted."""
        for approval in self:
            document = approval._document().sudo().with_context(lang=self.env.lang)  # sudo: who may read the approval may know what is missing
            approval.completeness = "\n".join(document._approval_gaps()) or self.env._("Nothing is missing.")

    @api.depends_context("lang")
    def _compute_difference(self):
        for approval in self:
            baseline = approval._baseline()
            document = approval._document()
            approval.difference = document._approval_difference_html(baseline.content, approval.content) if baseline else False

    def _baseline(self):
        """What the reviewer knows already: the last submission before this one that was approved, else the last one."""
        self.ensure_one()
        document = self._document().sudo()  # sudo: who may read this approval may read its document
        return document._approval_baseline(document._approval_rows().filtered(lambda approval: approval.submission < self.submission))

    # === RIGHTS === #

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            raise UserError(self.env._("An approval is asked for with “Submit for approval” on the document."))
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.su:
            raise UserError(self.env._("An approval is history and cannot be edited. Approve or refuse it with the buttons."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_history(self):
        if not self.env.su:
            raise UserError(self.env._("An approval is history and cannot be deleted."))

    # === DECIDE === #

    def action_approve(self, note=None):
        """Approve as the current user.

        :raises UserError: it is not up to this user, decided already, or about another content than the document has now
        """
        self._decide("approved", note)
        return True

    def action_refuse(self, reason, note=None):
        """Refuse as the current user, for a reason (sfc.reason of kind approval_refusal, or its id)."""
        reason = self.env["sfc.reason"].browse(reason) if isinstance(reason, int) else reason
        if not reason or reason.kind != "approval_refusal":
            raise UserError(self.env._("Say why: choose a reason for the refusal."))
        self._decide("refused", note, reason)
        return True

    def action_open_refusal(self):
        """The dialog that asks for the reason."""
        self._check_may_decide()
        return self._dialog("sfc.approval.refusal", self.env._("Refuse"))

    def action_open_question(self):
        """The dialog in which the reviewer asks the author."""
        self._check_may_decide()
        return self._dialog("sfc.approval.question", self.env._("Ask the author"))

    def _dialog(self, model, name):
        return {
            "type": "ir.actions.act_window", "name": name, "res_model": model, "view_mode": "form", "views": [(False, "form")], "target": "new",
            "context": {"default_approval_ids": self.ids}}

    def _decide(self, state, note, reason=None):
        self._lock_documents()
        self._check_may_decide()
        if state == "approved":
            self._check_same_content()
        for documents in self._documents():
            documents._approval_check_decision(state)
        approvals = self.sudo()  # sudo: nobody may write approvals; that this user may decide was checked
        approvals._close_activities(self.env.user)
        note, now = (note or "").strip(), fields.Datetime.now()
        for text, told in approvals.grouped(lambda approval: approval._document()._approval_decision_note(state, note)).items():
            told.write({
                "state": state, "decided_by_id": self.env.uid, "decided_at": now, "note": text or False, "reason_id": reason.id if reason else False})
        approvals._sla_stop()
        for approval in approvals:
            approval._tell_decision()
        for documents in self._documents():
            documents._approval_decided()

    def _lock_documents(self):
        """One decision at a time on a document; who comes second is told, and sees the first one's when reloading."""
        for documents in self.sudo()._documents():  # sudo: a reviewer need not have the right to write the document
            if documents.try_lock_for_update(allow_referencing=True) != documents:
                raise UserError(self.env._("Somebody else is deciding about or changing the same document at this moment. Reload the page and look again."))

    def _check_may_decide(self):
        """Reviewers alone decide, never about their own document (four eyes)."""
        self.check_access("read")
        for approval in self:
            if approval.state != "pending":
                raise UserError(approval._closed_words())
            if self.env.user not in approval.reviewer_ids:
                raise AccessError(self.env._(
                    "It is not up to you to decide about %(approval)s. Reviewers: %(names)s.", approval=approval.display_name,
                    names=", ".join(approval.reviewer_ids.sudo().mapped("name"))))
            if approval._own_interest(self.env.user):
                raise AccessError(self.env._(
                    "You wrote or submitted %(document)s: somebody else has to approve it (four eyes).", document=approval.document_name))

    def _closed_words(self):
        status = dict(self._fields["state"]._description_selection(self.env))[self.state]
        if self.decided_by_id:
            return self.env._("%(approval)s: %(status)s by %(name)s already.", approval=self.display_name, status=status, name=self.decided_by_id.sudo().name)
        return self.env._("%(approval)s does not wait for a decision: %(status)s.", approval=self.display_name, status=status)

    def _own_interest(self, user):
        """Is the user author or submitter, and the company has not allowed that?"""
        self.ensure_one()
        approval = self.sudo()  # sudo: the authors count, not whether the reviewer may see all about them
        return not approval.company_id.approval_allow_self and user in approval._document()._approval_authors() | approval.submitted_by_id

    def _check_same_content(self):
        for approval in self.sudo():  # sudo: as in the hash that was stored
            if approval._document()._approval_hash() != approval.content_hash:
                raise UserError(self.env._(
                    "%(document)s has been changed since it was submitted. It has to be submitted again before it can be approved.",
                    document=approval.document_name))

    def _ask_author(self, question):
        """Post the reviewer's question to the author; the approval goes on waiting."""
        self._check_may_decide()
        for approval in self.sudo():  # sudo: a reviewer need not have the right to post on the document
            approval._post_note(
                self.env._("Question about the approval “%(rule)s”", rule=approval.rule_id.name), question, approval._askers())

    # === ASK, in sudo === #

    def _ask(self):
        """Ask the reviewers of the approvals in self: now it is their turn."""
        now = fields.Datetime.now()
        for approval in self:
            approval.write({"state": "pending", "asked_at": now, "reviewer_ids": [(6, 0, approval._find_reviewers().ids)]})
        self._open_activities()
        for promise, approvals in self.grouped(lambda approval: approval._promise_key()).items():
            approvals._sla_start(promise)

    def _promise_key(self):
        """Hook: the promise (D9) by which this approval is decided in time."""
        self.ensure_one()
        return self.kind

    def _ask_next(self):
        """Ask the lowest rank of the open approvals in self (of one document), unless one is still being asked."""
        if not any(approval.state == "pending" for approval in self):
            first = min(self.mapped("rank"))
            self.filtered(lambda approval: approval.rank == first)._ask()

    def _find_reviewers(self):
        """Who decides about this approval.

        :raises UserError: nobody may; the message says what to do about it
        """
        document = self._document()
        reviewers = self.rule_id._reviewers(document, document._approval_authors() | self.submitted_by_id)
        if not reviewers:
            raise UserError(self.env._(
                "Nobody but the author can decide about “%(rule)s” of %(document)s. Appoint a sales manager or team leader, or let authors approve "
                "where nobody else can: Settings > CRM > Sales Full Cycle: approvals.", rule=self._told_name(), document=document.display_name))
        return reviewers

    def _route(self):
        """Ask whoever decides now, after people have come, gone, or named a representative. Where nobody is left the reviewers stay."""
        for approval in self:
            document = approval._document()
            reviewers = approval.rule_id._reviewers(document, document._approval_authors() | approval.submitted_by_id)
            if reviewers and reviewers != approval.reviewer_ids:
                approval.reviewer_ids = reviewers
                approval.sla_clock_ids.filtered(lambda clock: not clock.stopped_at).write({"user_id": reviewers[0].id})
        self._open_activities()

    def _open_activities(self):
        """Each reviewer has exactly one activity; those of people who are no longer reviewers go."""
        activity_type = self.env.ref("sales_full_cycle.mail_activity_type_approval")
        vals_by_env, over = defaultdict(list), self.env["mail.activity"]
        for approval in self:
            desk, asked = approval._desk(), approval.review_activity_ids
            over |= asked.filtered(lambda activity, approval=approval: activity.user_id not in approval.reviewer_ids)
            vals_by_env[approval._voice().env] += [{
                "sfc_approval_id": approval.id, "activity_type_id": activity_type.id, "user_id": user.id, "automated": True,
                "res_model_id": self.env["ir.model"]._get_id(desk._name), "res_id": desk.id,
                # today, so that the activity menu counts it at once; how much time there is says the clock
                "date_deadline": fields.Date.context_today(approval.with_context(tz=user.tz)),
                "summary": approval.rule_id.with_context(lang=user.lang).name,
            } for user in approval.reviewer_ids - asked.user_id]
        over.unlink()
        for env, vals_list in vals_by_env.items():
            env["mail.activity"].create(vals_list)

    def _close_activities(self, decider=None):
        """The decider's activity is done, those of the other reviewers have become pointless."""
        activities = self.review_activity_ids
        done = activities.filtered(lambda activity: activity.user_id == decider)
        (activities - done).unlink()
        done.action_archive()

    def _close(self, state):
        """Nothing is to be decided any more: withdrawn, or the document has changed."""
        self._close_activities()
        self.write({"state": state})
        self._sla_cancel()

    def _outdate(self):
        """The document has changed while it waited: reviewers need not decide, authors know that they have to submit again."""
        self.filtered(lambda approval: approval.state == "pending")._tell_reviewers(self.env._("Changed while it waited: you need not decide any more"))
        self._close("outdated")
        for documents in self._documents():
            documents._approval_tell_outdated()

    def _sla_party(self):
        return {"user_id": self.reviewer_ids[:1].id, "team_id": self.team_id.id, "partner_id": self.partner_id.id}

    # === TELL === #

    def _desk(self):
        """Hook: the record on which people are asked and told. Its readers read what is said there; an approval that fewer may know of is its own desk."""
        return self._document()

    def _voice(self):
        """Hook: the approval in the name of whoever asks and tells. Authors read for ever what they wrote."""
        return self

    def _told_name(self):
        """Hook: what the approval is called where others than its readers may see it."""
        return self.rule_id.sudo().name or ""  # sudo: who may read the approval may know its rule

    def _askers(self):
        """Who wants to know how it ends."""
        return self.submitted_by_id | self.user_id

    def _tell_decision(self):
        words = {
            "approved": self.env._("Approved: %(rule)s", rule=self.rule_id.name),
            "refused": self.env._("Refused: %(rule)s (%(reason)s)", rule=self.rule_id.name, reason=self.reason_id.name),
        }[self.state]
        self._post_note(words, self.note, self._askers())

    def _post_note(self, words, text, users, desk=None):
        """On the document (or another desk), for colleagues only."""
        body = Markup("<b>%s</b>") % words
        if text:
            body += Markup("<br/>") + Markup("<br/>").join(escape(line) for line in text.splitlines())
        (desk or self._desk()).message_post(
            body=body, message_type="comment", subtype_xmlid="mail.mt_note", author_id=self.env.user.partner_id.id,
            partner_ids=(users - self.env.user).partner_id.ids)

    def _tell_reviewers(self, words):
        """To those who were asked and need not decide any more."""
        for approval in self:
            if people := approval.reviewer_ids - self.env.user:
                approval._voice()._desk().message_notify(
                    partner_ids=people.partner_id.ids, subject=words, body=approval.display_name, email_layout_xmlid="mail.mail_notification_light")

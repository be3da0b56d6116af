from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import is_html_empty

from .approval_content import content_hash
from .sfc_approval import OPEN

# Written by the engine alone, whoever asks: with them a document could approve itself.
ENGINE_FIELDS = {"approval_state", "approval_content_hash"}
WATCHED_STATES = ("pending", "approved", "outdated")


class SfcApprovalMixin(models.AbstractModel):
    """A document that needs approval (S3.11). The adopter declares `_approval_fk`, `approval_ids` over it, and the hooks below.

    The state says what was decided; `_approval_is_current()` says whether that decision is about what the document says now.
    """
    _name = "sfc.approval.mixin"
    _description = "Document that needs approval"

    _approval_fk = None  # name of the foreign key on sfc.approval

    approval_state = fields.Selection([
        ("none", "Not submitted"), ("pending", "Waiting for approval"), ("approved", "Approved"), ("refused", "Refused"), ("outdated", "Changed since"),
    ], "Approval", default="none", readonly=True, copy=False, index=True)
    approval_content_hash = fields.Char("Approved content (SHA-256)", readonly=True, copy=False)
    approval_can_decide = fields.Boolean("Waits for my decision", compute="_compute_approval_can_decide", search="_search_approval_can_decide")
    approval_difference = fields.Html("Changed since the approval", compute="_compute_approval_difference", sanitize=False)

    # === COMPUTE METHODS === #

    @api.depends_context("uid")
    @api.depends("approval_state")
    def _compute_approval_can_decide(self):
        mine = self._approval_mine()[self._approval_fk]
        for document in self:
            document.approval_can_decide = document in mine

    def _search_approval_can_decide(self, operator, value):
        if operator != "in" or True not in value or False in value:
            return NotImplemented
        return [("approval_ids", "any", [("can_decide", "=", True)])]

    @api.depends_context("lang")
    @api.depends("approval_state")
    def _compute_approval_difference(self):
        for document in self:
            baseline = document._approval_last_known() if document.id else self.env["sfc.approval"]
            document.approval_difference = document._approval_difference_html(baseline.content, document._approval_canonical()) if baseline else False

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        self._check_no_engine_fields({key for vals in vals_list for key in vals})
        return super(SfcApprovalMixin, self._without_engine_defaults()).create(vals_list).with_env(self.env)

    def write(self, vals):
        self._check_no_engine_fields(vals)
        result = super().write(vals)
        if vals.keys() - ENGINE_FIELDS:
            self._approval_content_changed()
        return result

    def _without_engine_defaults(self):
        """The status is not taken from a person's context either."""
        refused = {f"default_{fname}" for fname in ENGINE_FIELDS}
        if self.env.su or refused.isdisjoint(self.env.context):
            return self
        context = {key: value for key, value in self.env.context.items() if key not in refused}
        return self.with_context(context)  # pylint: disable=context-overridden

    def _check_no_engine_fields(self, names):
        if not self.env.su and ENGINE_FIELDS.intersection(names):
            raise UserError(self.env._("The approval status follows from submitting and deciding; it cannot be written."))

    # === HOOKS === #

    def _approval_kinds(self):
        """Kinds of rules that apply to this document; none: it needs no approval."""
        return []

    def _approval_content(self):
        """The business content of one document: {field name: value} as `_approval_read` gives it; the hash, the snapshot and the difference follow it.

        Called in sudo. An extension adds its fields: `return {**super()._approval_content(), **self._approval_values(self, ["my_field"])}`.
        """
        self.ensure_one()
        return {}

    def _approval_figures(self):
        """What the rules compare: amount (company currency, with tax), discount (%), payment_days."""
        return {"amount": 0.0, "discount": 0.0, "payment_days": 0}

    def _approval_gaps(self):
        """Sentences about what is missing before this document may be submitted; each step adds its own."""
        return []

    def _approval_team(self):
        return self.team_id

    def _approval_lead(self):
        return self.env["crm.lead"]

    def _approval_authors(self):
        """Who may not decide about this document."""
        return self.create_uid | self.user_id

    def _approval_submitted(self):
        """Hook: the documents in self have been submitted."""

    def _approval_approved(self):
        """Hook: the last rank has approved the documents in self."""

    def _approval_refused(self):
        """Hook: the documents in self were refused."""

    def _approval_check_decision(self, state):
        """Hook: what reviewers have to do before the documents in self can be approved or refused.

        :param state: approved / refused
        :raises UserError: all that is missing, in one message
        """

    def _approval_decision_note(self, state, note):
        """Hook: what is kept of a decision on this document and told to its author.

        :param note: what the reviewer wrote, perhaps empty
        """
        return note

    def _approval_tell_outdated(self):
        """Hook: note on the documents in self that their submission has become void."""
        self._message_log_batch({document.id: self.env._(
            "The content was changed while it waited for approval: it has to be submitted again.") for document in self})

    # === CONTENT === #

    @api.model
    def _approval_values(self, record, fnames):
        """Canonical values of a record: this document, or a line of it."""
        record.ensure_one()
        return {fname: canonical(record, fname) for fname in fnames}

    def _approval_canonical(self):
        # sudo, no language: whoever asks, and in whatever language, the content is the same
        return self.sudo().with_context(lang=None)._approval_content()

    def _approval_hash(self):
        self.ensure_one()
        return content_hash(self._approval_canonical())

    def _approval_is_current(self):
        """Approved, and the content is still the approved one. What lets a document go out asks this."""
        self.ensure_one()
        document = self.sudo()  # sudo: the customer's portal asks, too
        return document.approval_state == "approved" and document._approval_hash() == document.approval_content_hash

    def _approval_content_changed(self):
        """The content may have changed: approvals of another content are out of date, one of the very content counts (again).

        Adopters call it after writes to records that belong to the content.
        """
        # sudo: also the customer changes content, in the portal
        watched = self.sudo().filtered(lambda document: document.approval_state in WATCHED_STATES)
        for state, documents in watched.grouped(lambda document: document._approval_state_now()).items():
            changed = documents.filtered(lambda document, state=state: document.approval_state != state)
            changed._approval_open()._outdate()
            changed.approval_state = state

    def _approval_state_now(self):
        """State of a submitted or approved document, as its present content has it."""
        self.ensure_one()
        now = self._approval_hash()
        if self.approval_state == "pending" and all(approval.content_hash == now for approval in self._approval_open()):
            return "pending"
        return "approved" if now == self.approval_content_hash else "outdated"

    # === SUBMIT, WITHDRAW === #

    def action_submit_for_approval(self):
        """Ask for approval of the documents as they are now.

        :raises UserError: all that is missing, in one message
        """
        self.check_access("write")
        self._approval_lock()
        self._check_submission()
        documents = self.sudo()  # sudo: nobody may create approvals; that this user may submit was checked
        self.env["sfc.approval"].flush_model(["state"])  # what has been closed in this transaction frees the unique index
        approvals = self.env["sfc.approval"].sudo().create([vals for document in documents for vals in document._prepare_approvals()])
        documents.approval_state = "pending"
        for document in documents:
            (approvals & document._approval_rows())._ask_next()
        self._approval_submitted()
        return True

    def action_withdraw_approval(self):
        """Ask no longer: the reviewers' activities go, the document is what it was before."""
        self.check_access("write")
        self._approval_lock()
        documents = self.sudo()  # sudo: nobody may write approvals; that this user may withdraw was checked
        if idle := documents.filtered(lambda document: document.approval_state != "pending"):
            raise UserError(self.env._("Nothing waits for approval: %(documents)s.", documents=", ".join(idle.mapped("display_name"))))
        open_approvals = documents._approval_open()
        open_approvals._tell_reviewers(self.env._("Withdrawn: you need not decide any more"))
        open_approvals._close("withdrawn")
        for document in documents:
            document.approval_state = document._approval_state_undecided()
        return True

    def _approval_lock(self):
        # sudo: a lock is no change
        if self.sudo().try_lock_for_update(allow_referencing=True) != self.sudo():
            raise UserError(self.env._("Somebody else is deciding about or changing the same document at this moment. Reload the page and look again."))

    def _check_submission(self):
        complaints = []
        for document in self:
            for gap in document._approval_obstacles():
                complaints.append(self.env._("%(document)s: %(gap)s", document=document.display_name, gap=gap) if len(self) > 1 else gap)
        if complaints:
            raise UserError("\n".join([self.env._("Before it can be submitted for approval:"), *(f"- {complaint}" for complaint in complaints)]))

    def _approval_obstacles(self):
        """Why this document cannot be submitted: its state, or what is missing in it."""
        self.ensure_one()
        if self.approval_state == "pending":
            return [self.env._("It waits for approval already. Withdraw it first if you want to submit it again.")]
        if self._approval_is_current():
            return [self.env._("It is approved, and unchanged since.")]
        if not self._approval_rules():
            return [self.env._("No approval rule is for it: it needs no approval.")]
        return self._approval_gaps()

    def _approval_rules(self):
        """Active rules that demand an approval of this document."""
        self.ensure_one()
        return self._approval_rules_by_document()[self]

    def _approval_rules_by_document(self):
        """{document: active rules that demand an approval of it, in their order}. One query for all."""
        # sudo: rules are the company's, deals and prices not everybody's to read; what is demanded is everybody's to obey
        kinds = {document: document.sudo()._approval_kinds() for document in self}
        asked = sorted({kind for names in kinds.values() for kind in names})
        rules = self.env["sfc.approval.rule"].sudo().search([("kind", "in", asked)], order="rank, id") if asked else self.env["sfc.approval.rule"].sudo()
        return {document: document._approval_matching(rules.filtered(lambda rule, names=names: rule.kind in names)) for document, names in kinds.items()}

    def _approval_matching(self, rules):
        if not rules:
            return rules
        document = self.sudo()  # sudo: see _approval_rules_by_document
        company, team, figures = document.company_id, document._approval_team(), document._approval_figures()
        return rules.filtered(lambda rule: rule._matches(company, team, figures))

    def _prepare_approvals(self):
        """Values of the approvals of a new submission: those of the first rank are asked, the others wait."""
        self.ensure_one()
        content = self._approval_canonical()
        common = {
            self._approval_fk: self.id, "company_id": self.company_id.id, "user_id": self.user_id.id, "team_id": self._approval_team().id,
            "lead_id": self._approval_lead().id, "partner_id": self.partner_id.id, "submitted_by_id": self.env.uid,
            "submitted_at": fields.Datetime.now(), "submission": max(self._approval_rows().mapped("submission"), default=0) + 1,
            "content": content, "content_hash": content_hash(content), **self._approval_figures(),
        }
        return [{**common, "rule_id": rule.id, "rank": rule.rank} for rule in self._approval_rules()]

    def _approval_rows(self):
        """All approvals of the documents, asked for in sudo.

        Where a reader of the document may see some of them only, the adopter reads them through another field than `approval_ids`: the cache does
        not tell readers apart, and a row that somebody may not see must neither be overlooked by the engine nor shown to him.
        """
        return self.approval_ids

    def _approval_open(self):
        """Approvals of the documents that are not decided yet."""
        return self._approval_rows().filtered(lambda approval: approval.state in OPEN)

    def _approval_state_undecided(self):
        """The state without the open submission."""
        self.ensure_one()
        if not self.approval_content_hash:
            return "none"
        return "approved" if self._approval_hash() == self.approval_content_hash else "outdated"

    # === DECIDED === #

    def _approval_decided(self):
        """One of the approvals of each document was decided: the next rank, or the end."""
        approved, refused = self.browse(), self.browse()
        for document, document_sudo in zip(self, self.sudo(), strict=True):  # sudo: reviewers need not have the right to write the document
            last = document_sudo._approval_last_submission()
            open_approvals = document_sudo._approval_open()
            if any(approval.state == "refused" for approval in last):
                open_approvals._close("withdrawn")
                document_sudo.approval_state = "refused"
                refused |= document
            elif not open_approvals:
                document_sudo.write({"approval_state": "approved", "approval_content_hash": last[0].content_hash})
                approved |= document
            else:
                open_approvals._ask_next()
        approved._approval_approved()
        refused._approval_refused()

    def _approval_last_submission(self):
        rows = self._approval_rows()
        newest = max(rows.mapped("submission"), default=0)
        return rows.filtered(lambda approval: approval.submission == newest)

    # === DECISION BUTTONS OF THE DOCUMENT === #

    def _approval_mine(self):
        """Approvals of the documents that the current user may decide now."""
        # sudo: reviewers are named on the approval; whether the user may read the document is checked when deciding
        asked = self.env["sfc.approval"].sudo().search([(self._approval_fk, "in", self.ids), ("state", "=", "pending"), ("reviewer_ids", "in", self.env.uid)])
        return asked.filtered(lambda approval: not approval._own_interest(self.env.user)).sudo(False)

    def _approval_mine_or_refuse(self):
        mine = self._approval_mine()
        if idle := self - mine[self._approval_fk]:
            raise UserError(self.env._("Nothing about %(documents)s waits for your decision.", documents=", ".join(idle.mapped("display_name"))))
        return mine

    def action_approve_document(self):
        """Approve what waits for the current user on the documents."""
        return self._approval_mine_or_refuse().action_approve()

    def action_refuse_document(self):
        return self._approval_mine_or_refuse().action_open_refusal()

    def action_ask_author_document(self):
        return self._approval_mine_or_refuse().action_open_question()


def canonical(record, fname):
    """A field's value as JSON keeps it, equal when nothing has changed: ids of records, ISO dates, rounded floats, None for nothing."""
    field, value = record._fields[fname], record[fname]
    if field.type == "many2one":
        return value.id or None
    if field.type in ("many2many", "one2many"):
        return sorted(value.ids)
    if field.type in ("float", "monetary"):
        return round(value, 6) + 0.0  # no -0.0
    if field.type in ("date", "datetime"):
        return field.to_string(value) if value else None
    if field.type == "html":
        return None if is_html_empty(value) else str(value)
    if field.type in ("boolean", "integer"):
        return value
    return value or None

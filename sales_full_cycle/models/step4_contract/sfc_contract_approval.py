from odoo import fields, models

from .sfc_contract import EDITABLE

HEAD_FIELDS = (
    "name", "type_id", "parent_id", "partner_id", "contact_id", "date_start", "date_end", "lang", "warranty_months", "delivery_place", "delivery_lead_days",
    "currency_id", "amount_total",
)
CLAUSE_FIELDS = ("name", "kind", "body")
MILESTONE_FIELDS = ("name", "trigger", "percent", "amount", "due_days")
# Keys of the order's content begin with it: the order and the contract have fields of the same name.
ORDER = "order."


class SfcContract(models.Model):
    """法务审核: no contract leaves, and none is signed, before legal has approved it as it stands (S4.7, D10, D11).

    This file: what is approved, by whom, and how the status follows. sfc_contract_review.py: verdicts on clauses and the compliance checklist.
    """
    _name = "sfc.contract"
    _inherit = ["sfc.contract", "sfc.approval.mixin"]
    _approval_fk = "contract_id"
    # who may read a contract takes part in its conversation: legal and finance may not write it
    _mail_post_access = "read"

    approval_ids = fields.One2many("sfc.approval", "contract_id", "Approvals", copy=False)

    # === WHAT IS APPROVED === #

    def _approval_kinds(self):
        return [*super()._approval_kinds(), "amendment" if self.parent_id or self.type_id.is_amendment else "contract"]

    def _approval_content(self):
        """What both sides will sign. Never anything of the floor: legal and the history of approvals read this."""
        order = self.sale_order_id
        return {
            **super()._approval_content(), **self._approval_values(self, HEAD_FIELDS),
            "clause_ids": self._approval_rows_of(self.clause_ids, CLAUSE_FIELDS),
            "milestone_ids": self._approval_rows_of(self.milestone_ids, MILESTONE_FIELDS),
            **({f"{ORDER}{key}": value for key, value in order._approval_content().items()} if order else {}),
        }

    def _approval_rows_of(self, rows, fnames):
        return [{"id": row.id, **self._approval_values(row, fnames)} for row in sorted(rows, key=lambda row: (row.sequence, row.id))]

    def _approval_change(self, key, before, after, name, old, new):
        """Changes of the order are told in its own words."""
        if key.startswith(ORDER):
            return self.env["sale.order"]._approval_change(key.removeprefix(ORDER), before, after, name, old, new)
        return super()._approval_change(key, before, after, name, old, new)

    def _approval_figures(self):
        """Amount, discount and payment term of the order; the type says which reviewers are asked."""
        figures = super()._approval_figures()
        if order := self.sale_order_id:
            figures.update((key, value) for key, value in order._approval_figures().items() if key in figures)
        return {**figures, "contract_type_id": self.type_id.id}

    def _approval_team(self):
        return self.lead_id.team_id or self.sale_order_id.team_id

    def _approval_lead(self):
        return self.lead_id

    def _approval_authors(self):
        return super()._approval_authors() | self.author_id

    # === MAY IT BE SUBMITTED === #

    def _approval_gaps(self):
        return [*super()._approval_gaps(), *self._payment_plan_gaps()]

    def _approval_obstacles(self):
        self.ensure_one()
        if self.approval_state != "pending" and self.state != "draft":
            return [self.env._("Only a draft is submitted; this is not one any more.")]
        if self._skips_legal():
            return self._approval_gaps()
        if not self._approval_rules():
            return [self.env._(
                "No approval rule asks legal about it, and without legal nothing is signed. A sales manager puts one in force: "
                "Configuration > Standards > Approval Rules.")]
        return super()._approval_obstacles()

    def action_submit_for_approval(self):
        """Ask legal. What is still approved as it stands, and what the company lets pass without legal, is approved at once."""
        self.check_access("write")
        standing = self.filtered(lambda contract: contract.state == "draft" and contract._approval_is_current())
        skipping = (self - standing).filtered(lambda contract: contract._skips_legal())
        if standing:
            standing._follow_approval()
        if skipping:
            skipping._approve_without_legal()
        reviewed = self - standing - skipping
        return super(SfcContract, reviewed).action_submit_for_approval() if reviewed else True

    def action_withdraw_approval(self):
        result = super().action_withdraw_approval()
        self._follow_approval()
        return result

    # === AMENDMENTS THAT SKIP LEGAL === #

    def _changes_only_dates(self):
        """This amendment changes dates and contacts, nothing else."""
        self.ensure_one()
        return self.only_dates

    def _skips_legal(self):
        """补充协议 of dates and contacts, where the company has said so (D10)."""
        self.ensure_one()
        # sudo: the setting and what the amendment changes bind everybody
        contract = self.sudo()
        return contract.company_id.amendment_skip_legal and "amendment" in contract._approval_kinds() and contract._changes_only_dates()

    def _approve_without_legal(self):
        """Approved as it stands, and said so on the amendment; a change of it asks again."""
        self._approval_lock()
        self._check_submission()
        amendments = self.sudo()  # sudo: the engine's fields; that this user may submit was checked
        for amendment in amendments:
            amendment.write({"approval_state": "approved", "approval_content_hash": amendment._approval_hash()})
        amendments._message_log_batch({amendment.id: self.env._(
            "Approved without legal review: only dates and contacts change, and the company lets these pass (Settings).") for amendment in amendments})
        amendments._follow_approval()

    # === THE STATUS FOLLOWS === #

    def _follow_approval(self):
        """Put contracts that are not signed yet where their approval is."""
        contracts = self.sudo()  # sudo: the status follows from the approval, whoever decided or changed something
        for state, held in (
            ("legal_review", contracts.filtered(lambda contract: contract.approval_state == "pending" and contract.state == "draft")),
            ("approved", contracts.filtered(lambda contract: contract.approval_state == "approved" and contract.state in ("draft", "legal_review"))),
            ("draft", contracts.filtered(
                lambda contract: contract.approval_state in ("none", "refused", "outdated") and contract.state in ("legal_review", "approved", "sent"))),
        ):
            if held:
                held._move(state)

    def _approval_submitted(self):
        result = super()._approval_submitted()
        self._follow_approval()
        return result

    def _approval_approved(self):
        result = super()._approval_approved()
        self._follow_approval()
        return result

    def _approval_refused(self):
        result = super()._approval_refused()
        self._follow_approval()
        return result

    def _approval_content_changed(self):
        """What changes before the signature makes the approval out of date and the contract a draft again; what is signed stands as it was approved."""
        contracts = self.sudo().filtered(lambda contract: contract.state in EDITABLE)  # sudo: see the engine
        before = {contract: contract.approval_state for contract in contracts}
        result = super(SfcContract, contracts)._approval_content_changed()
        contracts.filtered(lambda contract: contract.approval_state != before[contract])._follow_approval()
        return result

    def _moved(self, before):
        result = super()._moved(before)
        # sudo: nobody may write approvals; who cancels need not be who submitted
        self.sudo().filtered(lambda contract: contract.state == "cancelled")._stop_asking()
        return result

    def _stop_asking(self):
        """Nobody reviews what was cancelled."""
        waiting = self._approval_open()
        waiting.filtered(lambda approval: approval.state == "pending")._tell_reviewers(self.env._("Cancelled: you need not decide any more"))
        waiting._close("withdrawn")
        for contract in self.filtered(lambda contract: contract.approval_state == "pending"):
            contract.approval_state = contract._approval_state_undecided()

    # === BUTTONS === #

    def action_download_pdf(self):
        """The contract on paper, as it stands now."""
        self.check_access("read")
        return self.env.ref("sales_full_cycle.report_contract_action").report_action(self, config=False)

from odoo import api, fields, models
from odoo.exceptions import UserError

VERDICTS = [("pass", "Pass"), ("change", "Change"), ("reject", "Reject")]
# Verdicts with which a contract cannot be approved.
OBJECTIONS = ("change", "reject")
# The reviewers', while the contract waits for them.
REVIEW_FIELDS = {"verdict", "comment"}
# The system's.
STAMP_FIELDS = {"previous_comment", "verdict_by_id", "verdict_at"}


class SfcContractClause(models.Model):
    """The verdict of the reviewers on a clause (S4.7); and a clause that changes is another content of its contract."""
    _inherit = "sfc.contract.clause"

    verdict = fields.Selection(VERDICTS, copy=False, help="通过 · 修改 · 拒绝")
    comment = fields.Text(copy=False, help="意见: what has to change; the salesperson reads it.")
    previous_comment = fields.Text("Earlier comment", readonly=True, copy=False, help="On the wording before the last submission.")
    verdict_by_id = fields.Many2one("res.users", "Judged by", readonly=True, copy=False)
    verdict_at = fields.Datetime("Judged on", readonly=True, copy=False)

    # === CREATE AND WRITE === #

    @api.model_create_multi
    def create(self, vals_list):
        clauses = super().create(vals_list)
        # values and defaults of the context alike
        if not self.env.su and clauses.filtered(lambda clause: any(clause[fname] for fname in REVIEW_FIELDS | STAMP_FIELDS)):
            raise UserError(self.env._("A new clause has no verdict: legal judges it in the review."))
        clauses.contract_id._approval_content_changed()
        return clauses

    def write(self, vals):
        self._check_review(vals)
        contracts = self.contract_id
        result = super().write({**vals, **self._prepare_stamp(vals["verdict"])} if "verdict" in vals else vals)
        if vals.keys() - REVIEW_FIELDS - STAMP_FIELDS:
            (contracts | self.contract_id)._approval_content_changed()
        return result

    def unlink(self):
        contracts = self.contract_id
        result = super().unlink()
        contracts.exists()._approval_content_changed()
        return result

    def _check_review(self, fnames):
        """:raises AccessError: the user does not review the contract now"""
        if self.env.su:
            return
        if not STAMP_FIELDS.isdisjoint(fnames):
            raise UserError(self.env._("Who judged a clause, and when, is noted by the system."))
        if not REVIEW_FIELDS.isdisjoint(fnames):
            self.contract_id._check_may_review()

    # === VERDICTS === #

    def _verdict_in_words(self):
        return dict(self._fields["verdict"]._description_selection(self.env)).get(self.verdict, "")

    @api.model
    def _prepare_stamp(self, verdict):
        """Who judges, and when; nobody where the verdict is taken back."""
        return {"verdict_by_id": verdict and self.env.uid, "verdict_at": verdict and fields.Datetime.now()}

    def _judge_anew(self):
        """Another wording than was judged: what was said about the old one can still be read."""
        for clause in self.filtered(lambda clause: clause.verdict or clause.comment):
            clause.write({"verdict": False, "comment": False, "previous_comment": clause.comment or clause.previous_comment})

    def action_pass(self):
        self.write({"verdict": "pass"})
        return True

    def action_ask_change(self):
        """The clause has to change; a dialog asks how."""
        return self._object("change")

    def action_reject(self):
        """The clause cannot stay; a dialog asks why."""
        return self._object("reject")

    def _object(self, verdict):
        self.ensure_one()
        self.write({"verdict": verdict})
        return {
            "type": "ir.actions.act_window", "name": self.name, "res_model": self._name, "res_id": self.id, "view_mode": "form",
            "views": [(self.env.ref("sales_full_cycle.sfc_contract_clause_view_form_review").id, "form")], "target": "new"}

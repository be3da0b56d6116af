from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools.misc import formatLang

from .sfc_contract_clause_review import OBJECTIONS


class SfcContract(models.Model):
    """What the reviewer works with: verdicts on clauses, the compliance checklist, the order in words (S4.7, R.2, D16)."""
    _inherit = "sfc.contract"

    # the clauses once more, for a list of its own on the form
    review_clause_ids = fields.One2many("sfc.contract.clause", "contract_id", "Clauses under review", readonly=True)
    check_ids = fields.One2many("sfc.contract.check", "contract_id", "Compliance checklist", readonly=True, copy=False, help="合规检查")
    compliance_open = fields.Integer(
        "Compliance open", compute="_compute_compliance_open", store=True, help="Points of the checklist without answer, or with “no” and no remark.")
    order_text = fields.Text("What the order says", compute="_compute_order_text", compute_sudo=True, help="For readers who do not see orders.")

    # === COMPUTE METHODS === #

    @api.depends("check_ids.is_open")
    def _compute_compliance_open(self):
        for contract in self:
            contract.compliance_open = len(contract.check_ids.filtered("is_open"))

    @api.depends_context("lang")
    @api.depends("sale_order_id.order_line.name", "sale_order_id.order_line.price_total", "sale_order_id.payment_term_id", "sale_order_id.amount_total")
    def _compute_order_text(self):
        for contract in self:
            order = contract.sale_order_id
            lines = [contract._order_line_in_words(line) for line in order.order_line if not line.is_downpayment and not line.is_expense]
            if order.payment_term_id:
                lines.append(self.env._("Payment term: %(term)s", term=order.payment_term_id.name))
            contract.order_text = "\n".join(lines) or False

    def _order_line_in_words(self, line):
        """A product with quantity, price and amount with tax; a section or note as it is."""
        if line.display_type:
            return line.name
        amounts = {
            "name": line.name, "quantity": f"{line.product_uom_qty:g}", "unit": line.product_uom_id.name or "",
            "price": formatLang(self.env, line.price_unit, digits=line.currency_id.decimal_places),
            "discount": f"{line.discount:g}", "total": formatLang(self.env, line.price_total, currency_obj=line.currency_id),
        }
        if line.discount:
            return self.env._("%(name)s: %(quantity)s %(unit)s × %(price)s, %(discount)s %% off = %(total)s with tax", **amounts)
        return self.env._("%(name)s: %(quantity)s %(unit)s × %(price)s = %(total)s with tax", **amounts)

    # === WHO REVIEWS === #

    def _check_may_review(self):
        """Verdicts and answers are the reviewers', while the contract waits for them (four eyes).

        :raises AccessError: somebody else, or at another time
        """
        if self.env.su:
            return
        if foreign := self - self._approval_mine().contract_id:
            raise AccessError(self.env._(
                "%(contracts)s: clauses are judged and the checklist is answered by the reviewers, while the contract waits for their decision.",
                contracts=", ".join(foreign.mapped("display_name"))))

    def action_pass_rest(self):
        """Pass for every clause that has no verdict yet."""
        self.review_clause_ids.filtered(lambda clause: not clause.verdict).action_pass()
        return True

    # === A SUBMISSION === #

    def _approval_submitted(self):
        contracts = self.sudo()  # sudo: the checklist and the verdicts are nobody's to write but the reviewers'
        contracts._make_checks()
        contracts._renew_verdicts()
        return super()._approval_submitted()

    def _make_checks(self):
        """The points of the checklist that a contract does not have yet; answers of earlier rounds stay."""
        items = self.env["sfc.compliance.item"].search([])
        self.env["sfc.contract.check"].create([
            {"contract_id": contract.id, "item_id": item.id}
            for contract in self for item in items - contract.check_ids.item_id if item._is_for(contract)])

    def _renew_verdicts(self):
        """Clauses that were changed since the last submission are judged anew; the others keep their verdict."""
        for contract in self:
            newest = max(contract.approval_ids.mapped("submission"))
            seen, shown = contract._submitted_clauses(newest - 1), contract._submitted_clauses(newest)
            contract.clause_ids.filtered(lambda clause, seen=seen, shown=shown: seen.get(clause.id) != shown.get(clause.id))._judge_anew()

    def _submitted_clauses(self, submission):
        """{clause id: its content} as it was submitted."""
        approval = self.approval_ids.filtered(lambda approval: approval.submission == submission)[:1]
        return {row["id"]: row for row in (approval.content or {}).get("clause_ids", [])}

    # === A DECISION === #

    def _approval_check_decision(self, state):
        result = super()._approval_check_decision(state)
        contracts = self.sudo()  # sudo: a reviewer of another department may not read everything
        gaps = [
            self.env._("%(contract)s: %(gap)s", contract=contract.display_name, gap=gap) if len(self) > 1 else gap
            for contract in contracts for gap in contract._decision_gaps(state)]
        if gaps:
            heading = self.env._("Before it can be approved:") if state == "approved" else self.env._("Before it can be returned:")
            raise UserError("\n".join([heading, *(f"- {gap}" for gap in gaps)]))
        return result

    def _decision_gaps(self, state):
        """Sentences; an approval says that every clause stands and the checklist is done, a refusal says what has to change."""
        objected = self.clause_ids.filtered(lambda clause: clause.verdict in OBJECTIONS)
        if state != "approved":
            return [
                self.env._("Clause “%(clause)s” (%(verdict)s): write a comment.", clause=clause.name, verdict=clause._verdict_in_words())
                for clause in objected if not clause.comment]
        return [
            *(self.env._("Clause “%(clause)s” has the verdict “%(verdict)s”.", clause=clause.name, verdict=clause._verdict_in_words())
              for clause in objected),
            *(self.env._("Checklist “%(point)s”: no needs a remark.", point=check.name) if check.answer else
              self.env._("Checklist “%(point)s” is not answered.", point=check.name) for check in self.check_ids.filtered("is_open")),
        ]

    def _approval_decision_note(self, state, note):
        """Returned with comments: those on the clauses go to the author with the note, unless the reviewer took them over already."""
        note = super()._approval_decision_note(state, note)
        if state == "approved":
            return note
        return "\n".join(filter(None, [note, *(line for line in self._review_comments() if line not in note)]))

    def _review_comments(self):
        """What the reviewers say about single clauses, a line each."""
        return [
            self.env._("%(clause)s (%(verdict)s): %(comment)s", clause=clause.name, verdict=clause._verdict_in_words(), comment=clause.comment)
            for clause in self.clause_ids if clause.verdict and clause.comment]

    def _approval_approved(self):
        """Who approves the contract lets every clause pass that nobody objected to."""
        # sudo: the verdict follows from the decision that was just made
        self.sudo().clause_ids.filtered(lambda clause: not clause.verdict).action_pass()
        return super()._approval_approved()

from odoo import api, fields, models

from .sfc_payment_milestone import STATES


class SfcPaymentMilestone(models.Model):
    """What comes back from the invoices: posted, paid, partly paid, credited, cancelled, deleted (R.1, ahead 9)."""
    _inherit = "sfc.payment.milestone"

    # Every invoice there ever was for it, with credit notes
    invoice_ids = fields.One2many("account.move", "sfc_milestone_id", "Invoices and credit notes", readonly=True)
    invoice_id = fields.Many2one(
        "account.move", compute="_compute_figures", store=True, index="btree_not_null", copy=False, help="The one that counts.")
    state = fields.Selection(STATES, "Status", compute="_compute_figures", store=True, index=True, copy=False, tracking=True)
    amount_invoiced = fields.Monetary("Invoiced", compute="_compute_figures", store=True, copy=False, help="Posted, with tax, credit notes deducted.")
    amount_paid = fields.Monetary("Received", compute="_compute_figures", store=True, copy=False)
    amount_residual = fields.Monetary("Open amount", compute="_compute_figures", store=True, copy=False)

    @api.depends(
        "contract_id.state", "reached_on", "currency_id", "invoice_ids.sfc_instalment_counts", "invoice_ids.state", "invoice_ids.payment_state",
        "invoice_ids.amount_total", "invoice_ids.amount_residual", "invoice_ids.reversed_entry_id", "invoice_ids.matched_payment_ids.state")
    def _compute_figures(self):
        for milestone in self:
            # one by one, not filtered(): that would forget the invoices of the other instalments, and each of these would be read alone
            posted = [move for move in milestone.invoice_ids if move.state == "posted"]
            milestone.invoice_id = milestone.invoice_ids.filtered("sfc_instalment_counts")[:1]
            milestone.amount_invoiced = sum(move._instalment_total() for move in posted)
            milestone.amount_residual = sum(move._instalment_residual() for move in posted)
            milestone.amount_paid = milestone.amount_invoiced - milestone.amount_residual
            milestone.state = milestone._state_now()
        self._promise_later()

    def _state_now(self):
        self.ensure_one()
        if self.invoice_id.state == "posted":
            return self._paid_state()
        if self.contract_id.state == "cancelled":
            return "cancelled"
        if self.invoice_id:
            return "draft_invoice"
        return "to_invoice" if self.reached_on else "planned"

    def _paid_state(self):
        currency = self.currency_id or self.invoice_id.currency_id
        sign = -1 if self.amount_invoiced < 0 else 1
        if currency.compare_amounts(sign * self.amount_residual, 0) <= 0:
            return "paid"
        return "invoiced" if currency.is_zero(self.amount_paid) else "partial"

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import format_amount
from odoo.tools.sql import column_exists, create_column

from .sale_order_billing import Billing
from .sfc_contract import IN_FORCE


class AccountMove(models.Model):
    """The invoice of an instalment: exactly one counts, and it is what the contract says (R.1, ahead 9)."""
    _inherit = "account.move"

    sfc_milestone_id = fields.Many2one(
        "sfc.payment.milestone", "Instalment", readonly=True, copy=False, index="btree_not_null", ondelete="restrict")
    sfc_contract_id = fields.Many2one(related="sfc_milestone_id.contract_id", string="Contract")
    sfc_instalment_counts = fields.Boolean(
        "Counts for the instalment", compute="_compute_sfc_instalment_counts", store=True, help="Neither cancelled nor credited in full.")

    _one_that_counts = models.UniqueIndex("(sfc_milestone_id) WHERE sfc_instalment_counts", "This instalment has an invoice already.")

    def _auto_init(self):
        """No invoice of before has an instalment: nothing to compute for the whole ledger."""
        if not column_exists(self.env.cr, "account_move", "sfc_instalment_counts"):
            create_column(self.env.cr, "account_move", "sfc_instalment_counts", "bool")
        return super()._auto_init()

    # === COMPUTE METHODS === #

    @api.depends("sfc_milestone_id", "reversed_entry_id", "state", "payment_state", "amount_total", "reversal_move_ids.state", "reversal_move_ids.amount_total")
    def _compute_sfc_instalment_counts(self):
        for move in self:
            move.sfc_instalment_counts = bool(
                move.sfc_milestone_id and not move._is_credit_of_instalment() and move.state != "cancel" and not move._is_credited_in_full())

    def _is_credit_of_instalment(self):
        return self.reversed_entry_id.sfc_milestone_id == self.sfc_milestone_id

    def _is_credited_in_full(self):
        """Also when it was paid before, and the credit note is still open."""
        if self.payment_state == "reversed":
            return True
        credited = sum(credit.amount_total for credit in self.reversal_move_ids if credit.state == "posted")
        return bool(credited) and self.currency_id.compare_amounts(credited, self.amount_total) >= 0

    def _instalment_total(self):
        """What a posted invoice or credit note adds to what is invoiced."""
        if self.payment_state == "reversed" and not self._is_credit_of_instalment() and not self.reversal_move_ids:
            return 0.0  # taken back by an entry that is not a credit note of it
        return self._instalment_sign() * self.amount_total

    def _instalment_residual(self):
        return self._instalment_sign() * max(self.amount_residual - self._paid_without_entry(), 0)

    def _instalment_sign(self):
        return -1 if self.move_type == "out_refund" else 1

    def _paid_without_entry(self):
        """Payments of methods without outstanding account have no entry until the bank statement; Odoo calls their invoices paid all the same."""
        amounts = dict.fromkeys(("in_process", "paid"), 0.0)
        for payment in self.matched_payment_ids:
            if not payment.move_id and payment.state in amounts:
                amounts[payment.state] += payment.currency_id._convert(payment.amount, self.currency_id, self.company_id, payment.date)
        # what is called paid may be in the residual already, by the statement
        return amounts["in_process"] + max(amounts["paid"] - (self.amount_total - self.amount_residual), 0)

    # === CREATE AND WRITE === #

    @api.model_create_multi
    def create(self, vals_list):
        if any(vals.get("sfc_milestone_id") for vals in vals_list):
            self._refuse_instalment_link(*vals_list)
            # what has been cancelled or credited in this transaction frees the unique index
            self.flush_model(["sfc_instalment_counts"])
        return super().create(vals_list)

    def write(self, vals):
        self._refuse_instalment_link(vals)
        return super().write(vals)

    def unlink(self):
        """With a draft go the lines of its down payment in the order. Odoo deletes these with the rights of the user; finance has none on orders."""
        billed = self.filtered("sfc_milestone_id").sudo().line_ids  # sudo: who may delete the invoice is asked below
        down_payments = billed.sale_line_ids.filtered(lambda line: line.is_downpayment and line.invoice_lines <= billed)
        down_payments.invoice_lines = [Command.clear()]
        result = super().unlink()
        down_payments.unlink()
        return result

    def _refuse_instalment_link(self, *vals_list):
        """Only invoicing an instalment links an invoice with it."""
        fnames = {"sfc_milestone_id", "sfc_instalment_counts"}
        if not self.env.su and not Billing.of(self.env) and any(fnames & vals.keys() for vals in vals_list):
            raise UserError(self.env._("Invoices belong to an instalment by “Create draft invoices” of the instalment; this cannot be written."))

    def _reverse_moves(self, default_values_list=None, cancel=False):
        """A credit note belongs to the instalment of its invoice."""
        if not self.sfc_milestone_id:
            return super()._reverse_moves(default_values_list, cancel)
        values = default_values_list or [{} for _move in self]
        for move, defaults in zip(self, values, strict=True):
            defaults["sfc_milestone_id"] = move.sfc_milestone_id.id
        return super(AccountMove, Billing().on(self))._reverse_moves(values, cancel).with_env(self.env)

    def _fetch_duplicate_reference(self, matching_states=("draft", "posted")):
        """Instalments of one amount on one day are no duplicates: each has exactly one invoice that counts."""
        found = super()._fetch_duplicate_reference(matching_states)
        return {
            move: others.filtered(lambda other, milestone=move.sfc_milestone_id: not milestone or other.sfc_milestone_id in (milestone, milestone.browse()))
            for move, others in found.items()}

    def action_open_instalment_contract(self):
        self.ensure_one()
        return self.sfc_milestone_id.action_open_contract()

    # === POSTING === #

    def _post(self, soft=True):
        self.filtered("sfc_instalment_counts")._check_instalments()
        return super()._post(soft)

    def _check_instalments(self):
        """What the customer gets is what was agreed.

        :raises UserError: the contract is not in force, or an amount was changed
        """
        complaints = []
        for move in self.sudo():  # sudo: who posts need not see the contract
            milestone = move.sfc_milestone_id
            if milestone.contract_id.state not in IN_FORCE:
                complaints.append(self.env._("%(instalment)s: the contract is not in force. Cancel this draft.", instalment=milestone.display_name))
            elif move.currency_id != milestone.currency_id or move.currency_id.compare_amounts(
                    move._instalment_sign() * move.amount_total, milestone.amount):
                complaints.append(milestone._other_total(move))
        if complaints:
            raise UserError("\n".join(complaints))


class AccountMoveReversal(models.TransientModel):
    """Credit note and new draft at once: the new draft is the invoice of the instalment."""
    _inherit = "account.move.reversal"

    def reverse_moves(self, is_modify=False):
        linked = is_modify and self.move_ids.sfc_milestone_id
        return super(AccountMoveReversal, Billing().on(self) if linked else self).reverse_moves(is_modify)

    def _modify_default_reverse_values(self, origin_move):
        values = super()._modify_default_reverse_values(origin_move)
        if origin_move.sfc_milestone_id and not origin_move._is_credit_of_instalment():
            values["sfc_milestone_id"] = origin_move.sfc_milestone_id.id
        return values


class SfcPaymentMilestone(models.Model):
    _inherit = "sfc.payment.milestone"

    def _other_total(self, move):
        """A sentence: the invoice is not the instalment."""
        return self.env._(
            "%(instalment)s is %(amount)s with tax, the invoice %(total)s. Correct the invoice, or have the payment plan changed.",
            instalment=self.display_name, amount=format_amount(self.env, self.amount, self.currency_id),
            total=format_amount(self.env, move._instalment_sign() * move.amount_total, move.currency_id))

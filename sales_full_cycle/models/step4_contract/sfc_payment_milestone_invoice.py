from psycopg2.errors import UniqueViolation

from odoo import models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tools import SQL, mute_logger

from .sale_order_billing import Billing
from .sfc_contract import IN_FORCE
from .sfc_payment_milestone import NOT_INVOICED


class SfcPaymentMilestone(models.Model):
    """An instalment becomes exactly one invoice, in draft, through Odoo's own down payments (R.1, ahead 9, design.md section 7).

    All but the last are down payments of a fixed amount with tax. The last one that is not invoiced is the regular invoice, which deducts the others.
    """
    _inherit = "sfc.payment.milestone"

    def action_create_invoices(self):
        """Draft invoices for what is selected; what became of each is shown line by line."""
        self._check_finance()
        self.check_access("read")
        results = [(milestone, *milestone._invoice_or_reason()) for milestone in self._in_order()]
        return self.env["sfc.instalment.result"]._show(results)

    def _in_order(self):
        """Contract by contract in the order of the plan, so that the last instalment of a selection is the one that deducts the others."""
        return self.sorted(lambda milestone: (milestone.contract_id.id, milestone.sequence, milestone.id))

    def _invoice_or_reason(self):
        """(invoice, None), or (none, why not). A refusal undoes what was done for this instalment, not for the others."""
        self.ensure_one()
        none = self.env["account.move"]
        try:
            with self.env.cr.savepoint(), mute_logger("odoo.sql_db"):  # the unique index may refuse; that is told below
                invoice = self._create_invoice()
                invoice.flush_recordset()
                return invoice, None
        except UniqueViolation as error:
            if error.diag.constraint_name != self.env["account.move"]._one_that_counts.full_name(none):
                raise
            return none, self._told_taken()
        except (UserError, AccessError) as error:
            return none, str(error.args[0])

    def _told_taken(self):
        return self.env._("Somebody else is invoicing this contract at this moment, or has just done so. Load the list again and look.")

    def _create_invoice(self):
        """:raises UserError: why this instalment cannot be invoiced, all reasons in one message"""
        self._lock_contract()
        milestone = self.sudo()  # sudo: finance may run neither Odoo's wizard nor write orders; that it is finance was checked
        if gaps := milestone._invoice_gaps():
            raise UserError("\n".join(gaps))
        lang = milestone.contract_id.sale_order_id.partner_invoice_id.lang
        billing = Billing(milestone.with_context(lang=lang))
        if milestone._is_last_to_invoice():
            invoice = milestone._create_last_invoice(billing)
        else:
            invoice = milestone._create_down_payment(billing)
        invoice = invoice.with_env(milestone.env)
        milestone._check_total(invoice)
        return invoice.with_env(self.env)

    def _lock_contract(self):
        """One at a time for a contract: which instalment is the last depends on the others.

        Who comes while somebody else is at it is told so. Who comes after, with an older snapshot, fails on the UPDATE, and Odoo tries again with
        what is true now.
        """
        contract = self.contract_id.sudo()  # sudo: a lock is no change
        if not contract.try_lock_for_update(allow_referencing=True):
            raise UserError(self._told_taken())
        self.env.cr.execute(SQL("UPDATE sfc_contract SET write_date = write_date WHERE id = %s", contract.id))

    # === MAY IT BE INVOICED === #

    def _invoice_gaps(self):
        self.ensure_one()
        contract = self.contract_id
        if self.invoice_id:
            return [self.env._(
                "Invoiced already: %(invoice)s. Cancel or credit that invoice if it has to be made anew.", invoice=self.invoice_id.display_name)]
        if contract.state not in IN_FORCE:
            return [self.env._("The contract is not in force: only signed contracts are invoiced.")]
        gaps = []
        if not self.reached_on:
            gaps.append(self.env._("Not due yet: it is to be invoiced after “%(event)s”.", event=self._trigger_label()))
        if contract.sale_order_id.state != "sale":
            gaps.append(self.env._("Confirm the order %(order)s first.", order=contract.sale_order_id.name))
        gaps += contract._whole_gaps() + self._plan_gaps()
        if self._is_last_to_invoice():
            gaps += self._delivery_gaps()
        return gaps

    def _trigger_label(self):
        return dict(self._fields["trigger"]._description_selection(self.env))[self.trigger]

    def _delivery_gaps(self):
        lines = [gap for line in self.contract_id.sale_order_id.order_line if (gap := line._delivery_gap())]
        if not lines:
            return []
        return [self.env._(
            "The last invoice bills what was delivered, and that is not yet what the contract says (%(lines)s). Complete the delivered quantities of the "
            "order, or agree on an amendment.", lines="; ".join(lines))]

    def _is_last_to_invoice(self):
        """All others are invoiced, by down payments: this one is the regular invoice. If that exists already, an instalment that is invoiced anew
        is a down payment, as it was."""
        others = self.contract_id.milestone_ids - self
        return all(other.state not in NOT_INVOICED for other in others) and all(other.invoice_id._is_downpayment() for other in others)

    # === INVOICES === #

    def _invoice_line_name(self):
        return self.env._("%(contract)s, instalment %(position)s: %(name)s", contract=self.contract_id.number, position=self.position, name=self.name)

    def _create_down_payment(self, billing):
        order = self.contract_id.sale_order_id
        wizard = billing.on(self.env["sale.advance.payment.inv"]).create({
            "sale_order_ids": [Command.set(order.ids)], "advance_payment_method": "fixed", "fixed_amount": self.amount})
        return wizard._create_invoices(wizard.sale_order_ids)

    def _create_last_invoice(self, billing):
        return billing.on(self.contract_id.sale_order_id)._create_invoices(final=True)

    def _check_total(self, invoice):
        """:raises UserError: the invoice is not the instalment"""
        if len(invoice) != 1 or self.currency_id.compare_amounts(invoice._instalment_sign() * invoice.amount_total, self.amount):
            raise UserError("\n".join(self._other_total(move) for move in invoice))

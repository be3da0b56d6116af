from odoo import models
from odoo.exceptions import UserError


class Billing:
    """In the context, says that the billing of an instalment is at work. An object: no client can put one into a context."""
    KEY = "sfc_billing"

    def __init__(self, milestone=None):
        self.milestone_id = milestone.id if milestone else None
        self.due_date = milestone.due_date if milestone else None
        self.line_name = milestone._invoice_line_name() if milestone else None

    def on(self, records):
        return records.with_context(**{self.KEY: self})

    @classmethod
    def of(cls, env):
        """The billing at work, if any."""
        billing = env.context.get(cls.KEY)
        return billing if isinstance(billing, cls) else None


class SaleOrder(models.Model):
    """An order under a contract is invoiced by the instalments of the contract; Odoo's other ways to bill or pay it are closed (ahead 9)."""
    _inherit = "sale.order"

    def _under_contract(self):
        """The orders that a contract governs; a cancelled one does not."""
        # sudo: who invoices or pays need not see the contract
        return self.filtered(lambda order: order.sudo().contract_ids.filtered(lambda contract: contract.state != "cancelled"))

    def _check_not_under_contract(self):
        """Every other way to bill or pay calls this."""
        governed = self._under_contract().sudo()
        if not governed:
            return
        contracts = governed.contract_ids.filtered(lambda contract: contract.state != "cancelled")
        names = {"orders": ", ".join(governed.mapped("name")), "contracts": ", ".join(contracts.mapped("display_name"))}
        if self.env.user.share:
            raise UserError(self.env._("%(orders)s is paid in the instalments of contract %(contracts)s: please pay the invoices that you receive.", **names))
        raise UserError(self.env._(
            "%(orders)s: invoice the instalments of contract %(contracts)s. An order under a contract is invoiced and paid by its payment plan only.", **names))

    def _create_invoices(self, grouped=False, final=False, date=None):
        if not Billing.of(self.env):
            self._check_not_under_contract()
        return super()._create_invoices(grouped=grouped, final=final, date=date)

    def _prepare_invoice(self):
        """The invoice of an instalment says so, and is due when the contract says."""
        values = super()._prepare_invoice()
        billing = Billing.of(self.env)
        if billing and billing.milestone_id:
            values.update(
                sfc_milestone_id=billing.milestone_id, invoice_payment_term_id=False,
                invoice_date_due=max(billing.due_date, self.company_id._local_date()))
        return values

    def _has_to_be_paid(self):
        """No prepayment on the portal: it would be an invoice beside the plan."""
        return super()._has_to_be_paid() and not self._under_contract()

    def _get_default_payment_link_values(self):
        self._check_not_under_contract()
        return super()._get_default_payment_link_values()

    def _tell_payment_to_match(self, transaction):
        """A payment came in for the order itself, by a link from before the contract: a person matches it with an invoice of an instalment."""
        # sudo: runs for the customer who paid, or in a cron
        for order in self.sudo():
            contract = order.contract_ids.filtered(lambda contract: contract.state != "cancelled")[:1]
            if any(transaction.reference in (activity.note or "") for activity in contract.activity_ids):
                continue
            contract.activity_schedule(
                "mail.mail_activity_data_todo", user_id=contract.user_id.id, summary=order.env._("Payment to be matched with an instalment"),
                note=order.env._(
                    "%(payment)s was paid online for %(order)s. No invoice was made, because instalments are invoiced here: invoice the instalment and "
                    "match the payment with it.", payment=transaction.reference, order=order.name))


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def _delivery_gap(self):
        """A sentence about a line that is invoiced as delivered, and is not yet what the contract says; nothing when it is."""
        self.ensure_one()
        if self.display_type or self.is_downpayment or self.product_id.invoice_policy != "delivery":
            return None
        if not self.product_uom_id.compare(self.qty_delivered, self.product_uom_qty):
            return None
        return self.env._(
            "%(line)s: delivered %(delivered)s of %(ordered)s", line=self.product_id.display_name, delivered=self.qty_delivered, ordered=self.product_uom_qty)


class SaleAdvancePaymentInv(models.TransientModel):
    _inherit = "sale.advance.payment.inv"

    def _create_invoices(self, sale_orders):
        if not Billing.of(self.env):
            sale_orders._check_not_under_contract()
        return super()._create_invoices(sale_orders)

    def _prepare_down_payment_invoice_line_values(self, order, so_line, account):
        """The customer reads which instalment of which contract it is."""
        values = super()._prepare_down_payment_invoice_line_values(order, so_line, account)
        billing = Billing.of(self.env)
        return {**values, "name": billing.line_name} if billing and billing.line_name else values


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    def _check_amount_and_confirm_order(self):
        """A payment is no signature: an order whose contract is not signed is not confirmed by it."""
        held = self._under_contract().filtered(lambda transaction: any(order.state in ("draft", "sent") for order in transaction.sale_order_ids))
        held._tell_to_match()
        return super(PaymentTransaction, self - held)._check_amount_and_confirm_order()

    def _invoice_sale_orders(self):
        """The money is there, so nothing is raised: no invoice beside the plan, a person is told."""
        held = self._under_contract()
        held._tell_to_match()
        return super(PaymentTransaction, self - held)._invoice_sale_orders()

    def _under_contract(self):
        return self.filtered(lambda transaction: transaction.sale_order_ids._under_contract())

    def _tell_to_match(self):
        for transaction in self:
            transaction.sale_order_ids._under_contract()._tell_payment_to_match(transaction)

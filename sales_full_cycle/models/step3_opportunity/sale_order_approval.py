from odoo import fields, models

HEAD_FIELDS = (
    "partner_id", "partner_invoice_id", "partner_shipping_id", "currency_id", "pricelist_id", "fiscal_position_id", "payment_term_id",
    "validity_date", "commitment_date", "require_signature", "require_payment", "prepayment_percent", "note", "amount_total",
)
LINE_FIELDS = ("name", "display_type", "is_optional", "product_id", "product_uom_qty", "product_uom_id", "price_unit", "discount", "tax_ids")


class SaleOrder(models.Model):
    """方案审批: the quotation of a deal needs approval before the customer sees it (S3.11, D10). Others are Odoo's as ever."""
    _name = "sale.order"
    _inherit = ["sale.order", "sfc.approval.mixin"]
    _approval_fk = "sale_order_id"

    approval_ids = fields.One2many("sfc.approval", "sale_order_id", "Approvals", copy=False)
    # All of them, for the engine and the record rules, which ask in sudo (_approval_rows); what people read may be less.
    approval_row_ids = fields.One2many("sfc.approval", "sale_order_id", groups=fields.NO_ACCESS, copy=False)

    def _approval_rows(self):
        return self.sudo().approval_row_ids  # sudo: that is what the engine asks in

    def _approval_kinds(self):
        return [*super()._approval_kinds(), *(["proposal"] if self.opportunity_id else [])]

    def _approval_content(self):
        """Without what Odoo writes itself when the customer orders: state, dates, signature, down payments with their section, expenses."""
        # one by one, not filtered(): that would forget the lines of the other quotations, and each of these would be read alone
        lines = sorted((line for line in self.order_line if not line.is_downpayment and not line.is_expense), key=lambda line: (line.sequence, line.id))
        return {
            **super()._approval_content(), **self._approval_values(self, HEAD_FIELDS),
            "order_line": [{"id": line.id, **self._approval_values(line, LINE_FIELDS)} for line in lines]}

    def _approval_figures(self):
        company = self.company_id
        amount = self.currency_id._convert(self.amount_total, company.currency_id, company, self.date_order or fields.Date.today())
        return {"amount": amount, "discount": self._approval_discount(), "payment_days": self._approval_payment_days()}

    def _approval_discount(self):
        """Discount on the whole quotation in %, however it is given: per line, as a line of its own, or as a price typed under the pricelist's."""
        lines = self.order_line.filtered(lambda line: not line.is_downpayment and not line.display_type)
        full = sum(line.product_uom_qty * max(line.price_unit, line.technical_price_unit) for line in lines if line.price_unit >= 0)
        net = sum(line.product_uom_qty * line.price_unit * (1 - line.discount / 100) for line in lines)
        return round(max(100 * (1 - net / full), 0), 2) if full > 0 else 0.0

    def _approval_payment_days(self):
        """Days until the last payment is due."""
        today = fields.Date.context_today(self)
        return max(((line._get_due_date(today) - today).days for line in self.payment_term_id.line_ids), default=0)

    def _approval_gaps(self):
        gaps = super()._approval_gaps()
        # a confirmed order that was changed is approved again: until then nothing of it goes out
        if self.state == "cancel":
            gaps.append(self.env._("It is cancelled."))
        if not self.order_line.filtered(lambda line: not line.display_type):
            gaps.append(self.env._("Add what you offer: there is no product or service yet."))
        return gaps

    def _approval_team(self):
        return self.opportunity_id.team_id or self.team_id

    def _approval_lead(self):
        return self.opportunity_id

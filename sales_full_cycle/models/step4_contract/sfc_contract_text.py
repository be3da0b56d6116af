from odoo import models
from odoo.tools import format_date
from odoo.tools.misc import formatLang

from .contract_text import placeholders

# To be completed by hand on paper; other names without a value stay, and hold the review up.
BLANK = "____________"


class SfcContract(models.Model):
    """The figures that stand in braces in the clauses, in the language of the contract (S4.10)."""
    _inherit = "sfc.contract"

    def _placeholder_values(self):
        """{name: words} of what may stand in braces; empty where the contract does not say it yet. Each step may add its own."""
        self.ensure_one()
        # sudo: legal writes no order and sees no deal, but reads what the contract says of them
        contract = self.sudo().with_context(lang=self.lang or None)
        order, customer, company = contract.sale_order_id, contract.partner_id.commercial_partner_id, contract.company_id
        return {
            "number": contract.number, "title": contract.name, "order": order.name, "parent_number": contract.parent_id.number,
            "customer": customer.name, "customer_address": contract._address_in_words(customer), "customer_tax_id": customer.vat or BLANK,
            "contact": contract._contact_in_words(),
            "company": company.name, "company_address": contract._address_in_words(company.partner_id), "company_tax_id": company.vat or BLANK,
            "amount": contract._money(order.amount_total) if order else "", "amount_untaxed": contract._money(order.amount_untaxed) if order else "",
            "amount_tax": contract._money(order.amount_tax) if order else "", "currency": contract.currency_id.name,
            "lead_days": contract.delivery_lead_days or "", "delivery_place": contract.delivery_place or BLANK,
            "warranty_months": contract.warranty_months or "", "payment_plan": contract._payment_plan_in_words(),
            "date_start": contract.date_start and format_date(contract.env, contract.date_start),
            "date_end": contract._end_in_words(),
        }

    def _end_in_words(self):
        return format_date(self.env, self.date_end) if self.date_end else self.env._("no fixed end")

    def _money(self, amount):
        return formatLang(self.env, amount, digits=self.currency_id.decimal_places)

    def _address_in_words(self, partner):
        return " ".join(partner._display_address(without_company=True).split()) or BLANK

    def _contact_in_words(self):
        contact = self.contact_id or self.partner_id
        return ", ".join(filter(None, (contact.name, contact.phone, contact.email)))

    def _payment_plan_in_words(self):
        """The instalments, a line each; without any the payment term of the order."""
        triggers = dict(self.env["sfc.payment.milestone"]._fields["trigger"]._description_selection(self.env))
        lines = [
            self.env._("%(place)s. %(name)s: %(amount)s %(currency)s (%(percent)s %%), %(days)s days after: %(event)s",
                       place=place, name=milestone.name, amount=self._money(milestone.amount), currency=self.currency_id.name,
                       percent=f"{milestone.percent:g}", days=milestone.due_days, event=triggers.get(milestone.trigger, ""))
            for place, milestone in enumerate(self.milestone_ids.sorted("sequence"), 1)]
        return "\n".join(lines) or self.sale_order_id.payment_term_id.name or ""

    # === GAPS === #

    def _approval_gaps(self):
        """Sentences about what is missing before the contract may be reviewed, as the approval engine asks for them; each step adds its own."""
        return [*super()._approval_gaps(), *self._order_gaps(), *self._text_gaps()]

    def _order_gaps(self):
        order = self.sudo().sale_order_id  # sudo: whether it is released and whose it is, nothing else
        if not order:
            return []
        gaps = []
        if order._unreleased_proposals():
            gaps.append(self.env._("The proposal %(order)s is not approved as it stands now. Have it approved first.", order=order.name))
        if order.state == "cancel":
            gaps.append(self.env._("The order %(order)s is cancelled.", order=order.name))
        if order.partner_id.commercial_partner_id != self.sudo().partner_id.commercial_partner_id:
            gaps.append(self.env._("The order %(order)s is for another customer than the contract.", order=order.name))
        return gaps

    def _text_gaps(self):
        """No clauses, or names in braces that stand for nothing."""
        self.ensure_one()
        if not self.clause_ids:
            return [self.env._("The contract has no clauses yet.")]
        left = {clause: placeholders(clause.body) for clause in self.clause_ids}
        return [
            self.env._("Clause “%(clause)s”: complete %(names)s.", clause=clause.name, names=", ".join(f"{{{name}}}" for name in names))
            for clause, names in left.items() if names]

from odoo import fields, models

from .sfc_contract import IN_FORCE

FIGURES = ("amount_invoiced", "amount_paid", "amount_residual")


class SfcCustomerProfile(models.Model):
    """What is signed, invoiced and paid with a customer (R.1). Of the contracts that the reader may see, added up when the sheet is opened."""
    _inherit = "sfc.customer.profile"

    contract_amount = fields.Monetary("Signed", compute="_compute_contract_figures", help="With tax, amendments included, in company currency.")
    contract_amount_invoiced = fields.Monetary("Invoiced", compute="_compute_contract_figures")
    contract_amount_paid = fields.Monetary("Received", compute="_compute_contract_figures")
    contract_amount_residual = fields.Monetary("Open amount", compute="_compute_contract_figures")

    def _compute_contract_figures(self):
        """Two queries for any number of sheets. Amendments count by themselves in what is signed, and in their contract in the rest."""
        sums = {}
        for fnames, domain in ((("amount_total",), [("state", "in", IN_FORCE)]), (FIGURES, [("parent_id", "=", False)])):
            for fname, values in self._contract_sums(domain, fnames).items():
                sums[fname] = values
        for profile in self:
            key = (profile.partner_id.id, profile.company_id.id)
            profile.contract_amount = sums["amount_total"].get(key, 0)
            for fname in FIGURES:
                profile[f"contract_{fname}"] = sums[fname].get(key, 0)

    def _contract_sums(self, domain, fnames):
        """{field: {(customer, company): amount in its currency today}}"""
        rows = self.env["sfc.contract"]._read_group(
            [*domain, ("partner_id.commercial_partner_id", "in", self.partner_id.ids), ("company_id", "in", self.company_id.ids)],
            ["partner_id", "company_id", "currency_id"], [f"{fname}:sum" for fname in fnames])
        sums, today = {fname: {} for fname in fnames}, fields.Date.context_today(self)
        for partner, company, currency, *amounts in rows:
            key = (partner.commercial_partner_id.id, company.id)
            for fname, amount in zip(fnames, amounts, strict=True):
                sums[fname][key] = sums[fname].get(key, 0) + currency._convert(amount, company.currency_id, company, today)
        return sums

    def action_open_instalments(self):
        self.ensure_one()
        self.check_access("read")
        return self.env["sfc.payment.milestone"]._action_of(
            [("partner_id.commercial_partner_id", "=", self.partner_id.id), ("company_id", "=", self.company_id.id)],
            self.env._("Payments of %(customer)s", customer=self.name))

from odoo import api, fields, models
from odoo.exceptions import ValidationError

# D10, in Chinese yuan and in any other currency.
SMALL_IN_CNY, SMALL_ELSEWHERE = 50_000, 7_000


class ResCompany(models.Model):
    """Below which amount a repeat deal on standard terms needs no negotiation (D10)."""
    _inherit = "res.company"

    contract_no_negotiation_below = fields.Monetary(
        "No negotiation below", compute="_compute_contract_no_negotiation_below", store=True, readonly=False, currency_field="currency_id",
        help="免谈判. Contracts on standard terms with a customer that bought before, with tax. 0: every contract needs confirmed minutes.")

    @api.depends("currency_id")
    def _compute_contract_no_negotiation_below(self):
        for company in self:
            company.contract_no_negotiation_below = SMALL_IN_CNY if company.currency_id.name == "CNY" else SMALL_ELSEWHERE

    @api.constrains("contract_no_negotiation_below")
    def _check_contract_no_negotiation_below(self):
        if any(company.contract_no_negotiation_below < 0 for company in self):
            raise ValidationError(self.env._("The amount below which nothing needs to be negotiated cannot be negative."))

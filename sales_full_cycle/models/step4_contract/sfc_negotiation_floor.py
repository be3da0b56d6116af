from odoo import api, fields, models


class SfcNegotiationFloor(models.Model):
    """谈判底线: how far we go in a deal (S4.2, ahead 5). A secret of the deal's owner and the sales managers: no mail.thread, no tracking, in no print."""
    _name = "sfc.negotiation.floor"
    _description = "Negotiation floor"
    _rec_name = "lead_id"

    lead_id = fields.Many2one("crm.lead", "Deal", required=True, readonly=True, index=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", required=True, readonly=True, default=lambda self: self.env.company)
    currency_id = fields.Many2one(related="company_id.currency_id")
    max_discount = fields.Float("Maximum discount (%)", digits=(5, 2), help="最低折扣: 20 % is 8折.")
    max_lead_days = fields.Integer("Longest lead time (days)", help="最长交付周期")
    min_amount = fields.Monetary("Minimum amount", help="最低金额. With tax, in the currency of the company. 0: does not matter.")

    _one_per_deal = models.UniqueIndex("(lead_id)", "This deal has a floor already.")

    @api.depends("lead_id")
    def _compute_display_name(self):
        """Never a figure: the name of a record gets around."""
        for floor in self:
            floor.display_name = floor.lead_id.display_name

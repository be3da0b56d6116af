from odoo import models


class SaleOrder(models.Model):
    """Hard gate: feasibility is judged before a solution is approved; no evaluation, no approval of the proposal (S3.16, D11)."""
    _inherit = "sale.order"

    def _approval_gaps(self):
        gaps = super()._approval_gaps()
        deal = self.opportunity_id.sudo()  # sudo: whether it was evaluated, nothing else
        if deal and not deal.deal_evaluation_id:
            gaps.append(self.env._(
                "Evaluate the deal %(deal)s first, with the button 'Evaluate' on it: urgency, budget match and decision-chain clarity.", deal=deal.name))
        return gaps

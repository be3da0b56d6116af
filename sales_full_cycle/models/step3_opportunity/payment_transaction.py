from odoo import models


class PaymentTransaction(models.Model):
    """A payment for an unapproved proposal is refused before the money moves (controllers/portal_proposal.py). If money came all the same, because the
    proposal was changed meanwhile, nothing is raised: the payment is kept, the confirmation is not made, a person is told (design.md section 7).
    """

    _inherit = "payment.transaction"

    def _post_process(self):
        return super(PaymentTransaction, self.with_context(sfc_payment_arrived=True))._post_process()

    def _check_amount_and_confirm_order(self):
        held = self.filtered(lambda transaction: transaction.sale_order_ids._unreleased_proposals())
        held.sale_order_ids._unreleased_proposals()._tell_proposal_held()
        return super(PaymentTransaction, self - held)._check_amount_and_confirm_order()

from odoo import models


class SfcPaymentMilestone(models.Model):
    """What an instalment means for its contract."""
    _inherit = "sfc.payment.milestone"

    def _is_settled(self):
        """Nothing of it is open any more: the contract may be done."""
        self.ensure_one()
        return self.state == "paid"

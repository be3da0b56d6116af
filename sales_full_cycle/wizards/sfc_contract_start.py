from odoo import api, fields, models


class SfcContractStart(models.TransientModel):
    """Make a contract although the minutes are not confirmed: one sentence of reason (D11). Who may, and what is missing, says sfc.contract."""
    _name = "sfc.contract.start"
    _description = "Make a Contract without Confirmed Minutes"

    sale_order_id = fields.Many2one("sale.order", "Proposal", required=True, readonly=True)
    missing = fields.Char("Still missing", readonly=True)
    reason = fields.Char("Go on because", required=True)

    @api.model
    def _action_for(self, order, missing):
        return {
            "type": "ir.actions.act_window", "res_model": self._name, "views": [(False, "form")], "target": "new", "name": self.env._("Go on anyway"),
            "context": {"default_sale_order_id": order.id, "default_missing": missing},
        }

    def action_go_on(self):
        """As the user who gave the reason."""
        self.ensure_one()
        return self.env["sfc.contract"]._make_from(self.sale_order_id, self.reason)._open()

from odoo import api, models


class SfcApprovalRule(models.Model):
    _inherit = "sfc.approval.rule"

    @api.model_create_multi
    def create(self, vals_list):
        rules = super().create(vals_list)
        self.env["sale.order"]._proposal_rules_changed()
        return rules

    def write(self, vals):
        result = super().write(vals)
        self.env["sale.order"]._proposal_rules_changed()
        return result

    def unlink(self):
        result = super().unlink()
        self.env["sale.order"]._proposal_rules_changed()
        return result

from odoo import api, fields, models


class SfcApprovalRule(models.Model):
    """Reviewers by contract type (S4.7)."""
    _inherit = "sfc.approval.rule"

    contract_type_ids = fields.Many2many("sfc.contract.type", string="Contract types", help="Empty: contracts of every type.")

    @api.depends_context("lang")
    @api.depends("contract_type_ids.name")
    def _compute_condition(self):
        result = super()._compute_condition()
        for rule in self.filtered("contract_type_ids"):
            rule.condition = self.env._(
                "%(condition)s (%(types)s)", condition=rule.condition, types=", ".join(rule.contract_type_ids.mapped("name")))
        return result

    def _matches(self, company, team, figures):
        if self.contract_type_ids and figures.get("contract_type_id") not in self.contract_type_ids.ids:
            return False
        return super()._matches(company, team, figures)

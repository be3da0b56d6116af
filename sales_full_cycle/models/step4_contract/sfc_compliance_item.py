from odoo import fields, models
from odoo.exceptions import UserError


class SfcComplianceItem(models.Model):
    """合规检查: a point that legal answers about every contract (D16)."""
    _name = "sfc.compliance.item"
    _description = "Compliance point"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean("In use", default=True)
    type_ids = fields.Many2many("sfc.contract.type", string="Contract types", help="Empty: contracts of every type.")
    company_id = fields.Many2one("res.company", help="Empty: every company.")

    def write(self, vals):
        """What contracts were checked against is not given another meaning afterwards; translations of the add-on come in sudo."""
        if "name" in vals and not self.env.su:
            # sudo: also answers about contracts that the user does not see
            used = self.env["sfc.contract.check"].sudo().search([("item_id", "in", self.ids)]).item_id
            if used:
                raise UserError(self.env._(
                    "Contracts were checked against %(points)s: archive it and add a new point.", points=", ".join(used.mapped("name"))))
        return super().write(vals)

    def _is_for(self, contract):
        self.ensure_one()
        return (not self.type_ids or contract.type_id in self.type_ids) and self.company_id in (contract.company_id, self.company_id.browse())

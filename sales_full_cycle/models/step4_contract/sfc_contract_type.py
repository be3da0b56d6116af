from odoo import fields, models


class SfcContractType(models.Model):
    """合同类型 (D16): what clauses a contract gets and who reviews it."""
    _name = "sfc.contract.type"
    _description = "Contract type"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(help="Technical name of a type that came with the handbook.")
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    is_amendment = fields.Boolean("For amendments", help="补充协议")

    _code_unique = models.UniqueIndex("(code) WHERE code IS NOT NULL", "There is already a contract type with this technical name.")

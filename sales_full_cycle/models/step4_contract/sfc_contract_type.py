from odoo import fields, models


class SfcContractType(models.Model):
    """合同类型 (D16): what clauses a contract gets, how long it lasts, who reviews it."""
    _name = "sfc.contract.type"
    _description = "Contract type"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(help="Technical name of a type that came with the handbook.")
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    is_amendment = fields.Boolean("For amendments", help="补充协议")
    is_standard = fields.Boolean(
        "Standard terms", help="免谈判: a small repeat deal of this type needs no negotiation; the amount is set in the company's settings.")
    duration_months = fields.Integer("Runs for (months)", help="A new contract ends so many months after it begins. 0: it has no fixed end.")
    warranty_months = fields.Integer("Warranty (months)", default=12, help="质保期 of a new contract.")

    _code_unique = models.UniqueIndex("(code) WHERE code IS NOT NULL", "There is already a contract type with this technical name.")
    _durations_positive = models.Constraint("CHECK (duration_months >= 0 AND warranty_months >= 0)", "A number of months cannot be negative.")

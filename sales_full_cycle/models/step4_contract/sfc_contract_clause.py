from odoo import fields, models

from .sfc_clause import CLAUSE_KINDS


class SfcContractClause(models.Model):
    """A clause as it stands in one contract; it may depart from its template and from the minutes, and then says so to legal (S4.10, ahead 6)."""
    _name = "sfc.contract.clause"
    _description = "Clause of a contract"
    _order = "contract_id, sequence, id"

    contract_id = fields.Many2one("sfc.contract", required=True, index=True, ondelete="cascade")
    sequence = fields.Integer("No.", default=10)
    name = fields.Char("Title", required=True)
    kind = fields.Selection(CLAUSE_KINDS, required=True, default="other")
    body = fields.Text("Text", required=True)
    template_id = fields.Many2one("sfc.clause", index="btree_not_null", ondelete="restrict")
    negotiation_line_id = fields.Many2one(
        "sfc.negotiation.line", "Agreed in", index="btree_not_null", ondelete="set null", help="The line of the minutes that this clause carries out.")
    company_id = fields.Many2one(related="contract_id.company_id", store=True)

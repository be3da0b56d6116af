from odoo import api, fields, models

# Whose duty a clause of each kind is; what concerns both sides is in no list.
PARTY_OF_KIND = {"ours": "ours", "delivery": "ours", "theirs": "theirs", "payment": "theirs", "breach": "breach"}


class SfcContract(models.Model):
    """双方权责: what each side has to do, and what happens when it does not (S4.11)."""
    _inherit = "sfc.contract"

    duties = fields.Html("Rights and duties", compute="_compute_duties", sanitize=False)

    @api.depends("clause_ids.kind", "clause_ids.name", "clause_ids.body", "clause_ids.sequence")
    @api.depends_context("lang")
    def _compute_duties(self):
        for contract in self:
            contract.duties = self.env["ir.qweb"]._render("sales_full_cycle.contract_duties", {"parties": contract._duties()})

    def _duties(self):
        """[(heading, clauses)] of both parties and of breach; the rights of one side are the duties of the other."""
        self.ensure_one()
        clauses = self.clause_ids.sorted(lambda clause: (clause.sequence, clause._origin.id or 0))
        return [
            (heading, clauses.filtered(lambda clause, party=party: PARTY_OF_KIND.get(clause.kind) == party)) for party, heading in self._party_headings()]

    @api.model
    def _party_headings(self):
        return [
            ("ours", self.env._("We owe, and the customer may demand")), ("theirs", self.env._("The customer owes, and we may demand")),
            ("breach", self.env._("If one side does not keep to it")),
        ]

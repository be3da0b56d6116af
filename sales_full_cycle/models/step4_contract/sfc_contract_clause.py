from odoo import api, fields, models
from odoo.exceptions import UserError

from .contract_text import fill
from .sfc_clause import CLAUSE_KINDS
from .sfc_contract import EDITABLE
from .sfc_negotiation_line import TOPICS

# Computed, and nobody's to claim.
SYSTEM_FIELDS = {"difference_kind", "company_id"}
# What both sides sign; the rest is the review's.
CONTENT_FIELDS = {"contract_id", "sequence", "name", "kind", "topic", "source", "body", "template_id", "negotiation_line_id"}


class SfcContractClause(models.Model):
    """A clause as it stands in one contract; it may depart from its template and from the minutes, and then says so to legal (S4.10, ahead 6).

    `source` is what was written, perhaps with names in braces; `body` is the text with these filled in. Whoever writes `body` writes the source.
    """
    _name = "sfc.contract.clause"
    _description = "Clause of a contract"
    _order = "contract_id, sequence, id"

    contract_id = fields.Many2one("sfc.contract", required=True, index=True, ondelete="cascade")
    sequence = fields.Integer("No.", default=10)
    name = fields.Char("Title", required=True)
    kind = fields.Selection(CLAUSE_KINDS, required=True, default="other")
    topic = fields.Selection(TOPICS, "Carries out", help="Which topic of the minutes this clause carries out.")
    source = fields.Text("Wording", help="Names in braces, as {customer} or {amount}, are filled in from the contract.")
    body = fields.Text("Text", required=True, compute="_compute_body", store=True, readonly=False, precompute=True)
    template_id = fields.Many2one("sfc.clause", index="btree_not_null", ondelete="restrict")
    negotiation_line_id = fields.Many2one(
        "sfc.negotiation.line", "Agreed in", index="btree_not_null", ondelete="set null", help="The line of the minutes that this clause carries out.")
    company_id = fields.Many2one(related="contract_id.company_id", store=True)

    # === COMPUTE METHODS === #

    @api.depends(
        "source", "contract_id.lang", "contract_id.partner_id", "contract_id.contact_id", "contract_id.name", "contract_id.amount_total",
        "contract_id.currency_id", "contract_id.date_start", "contract_id.date_end", "contract_id.warranty_months", "contract_id.delivery_lead_days",
        "contract_id.delivery_place", "contract_id.milestone_ids.name", "contract_id.milestone_ids.sequence", "contract_id.milestone_ids.trigger",
        "contract_id.milestone_ids.percent", "contract_id.milestone_ids.amount", "contract_id.milestone_ids.due_days", "contract_id.milestone_ids.due_date")
    def _compute_body(self):
        """Until the signature the figures follow the contract; then the text stands as it was signed."""
        for contract, clauses in self.grouped("contract_id").items():
            values = contract._placeholder_values() if contract.state in EDITABLE else None
            for clause in clauses:
                clause.body = fill(clause.source, values) or clause.body if values is not None else clause.body or clause.source

    # === CREATE AND WRITE === #

    @api.model_create_multi
    def create(self, vals_list):
        clauses = super().create([self._written_as_source(vals) for vals in vals_list])
        clauses._check_open(clauses._fields)
        return clauses

    def write(self, vals):
        if not self.env.su and SYSTEM_FIELDS & vals.keys():
            raise UserError(self.env._("How a clause differs follows from its words and cannot be written."))
        self._check_open(vals)
        result = super().write(self._written_as_source(vals))
        if "contract_id" in vals:
            self._check_open(vals)
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_signed(self):
        self._check_open(CONTENT_FIELDS)

    @api.model
    def _written_as_source(self, vals):
        """A text that is typed is the new wording; where both are given the wording counts."""
        if "body" not in vals and SYSTEM_FIELDS.isdisjoint(vals):
            return vals
        rest = {fname: value for fname, value in vals.items() if fname != "body" and fname not in SYSTEM_FIELDS}
        if "body" not in vals:
            return rest
        return {**rest, "source": rest.get("source") or vals["body"]}

    def _check_open(self, fnames):
        """The words of a contract are written by who may write the contract, until it is signed (P8).

        :raises AccessError: a reader of the contract, as legal is: who reviews comments and sends back
        :raises UserError: the contract is signed or cancelled
        """
        if CONTENT_FIELDS.isdisjoint(fnames):
            return
        if not self.env.su:
            self.contract_id.check_access("write")
        self.contract_id._check_content_open()

    def action_restore_template(self):
        """The words of the library again."""
        self.check_access("write")
        if bare := self.filtered(lambda clause: not clause.template_id):
            raise UserError(self.env._("%(clauses)s does not come from the clause library.", clauses=", ".join(bare.mapped("name"))))
        for clause in self:
            clause.write(clause.contract_id._prepare_template_words(clause.template_id))
        return True

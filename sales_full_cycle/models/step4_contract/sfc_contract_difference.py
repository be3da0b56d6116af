from collections import namedtuple

from odoo import api, fields, models

from .contract_text import changes, contains, fill, missing_numbers, normalized

# One difference: of a clause (none: what was agreed is in no clause); against the line of the minutes, or (no line) the template's words.
Difference = namedtuple("Difference", "clause line expected missing", defaults=((),))


class SfcContract(models.Model):
    """What was agreed, what the library says, and what the contract says: compared for legal (S4.10, ahead 6). The reviewed version and the present
    one are compared by the approval engine."""
    _inherit = "sfc.contract"

    difference_count = fields.Integer(
        "Differences", compute="_compute_difference_count", store=True, readonly=True, help="Departures from the minutes and from the clause library.")
    clause_difference = fields.Html("Differences from minutes and library", compute="_compute_clause_difference", sanitize=False)

    @api.depends(
        "lang", "clause_ids.body", "clause_ids.topic", "clause_ids.template_id.body", "clause_ids.negotiation_line_id", "negotiation_ids",
        "negotiation_ids.line_ids.topic", "negotiation_ids.line_ids.outcome", "negotiation_ids.line_ids.result")
    def _compute_difference_count(self):
        for contract in self:
            contract.difference_count = len(contract._differences())

    @api.depends("difference_count", "clause_ids.body")
    @api.depends_context("lang")
    def _compute_clause_difference(self):
        for contract in self:
            contract.clause_difference = contract._differences_html(contract._differences(), contract._superseded_lines())

    @api.model
    def _differences_html(self, differences, superseded=()):
        return self.env["ir.qweb"]._render("sales_full_cycle.contract_difference", {
            "differences": differences, "superseded": superseded, "changes": changes, "topics": self._topic_labels()})

    @api.model
    def _topic_labels(self):
        return dict(self.env["sfc.negotiation.line"]._fields["topic"]._description_selection(self.env))

    # === WHAT WAS AGREED === #

    @api.model
    def _agreed_of(self, rounds):
        """Agreed lines of the rounds that count: of each topic those of its newest round; each “other” matter stands for itself."""
        newest, lines = {}, []
        for line in rounds.sorted(lambda one: (one.round, one.id), reverse=True).line_ids:
            if line.outcome != "agreed" or not (line.result or "").strip():
                continue
            if line.topic == "other" or newest.setdefault(line.topic, line.negotiation_id) == line.negotiation_id:
                lines.append(line)
        return lines

    def _agreed_lines(self):
        self.ensure_one()
        return self._agreed_of(self.sudo().negotiation_ids)  # sudo: who reads the contract reads what it carries out

    def _superseded_lines(self):
        """Agreed in an earlier round and agreed anew later: shown, not counted."""
        counted = self._agreed_lines()
        return [
            line for line in self.sudo().negotiation_ids.line_ids
            if line.outcome == "agreed" and (line.result or "").strip() and line not in counted and not any(line.result == one.result for one in counted)]

    # === COMPARED === #

    def _differences(self):
        """Every departure of this contract, in the order of its clauses; what is in no clause comes last."""
        self.ensure_one()
        clauses, lines = self.clause_ids.sorted(lambda clause: (clause.sequence, clause._origin.id or 0)), self._agreed_lines()
        found = [difference for line in lines if (difference := self._minutes_difference(line, clauses))]
        by_clause = {clause: [difference for difference in found if difference.clause == clause] for clause in clauses}
        values = self._placeholder_values() if clauses.template_id else {}
        rows = []
        for clause in clauses:
            rows += by_clause[clause]
            if template := self._template_difference(clause, lines, values):
                rows.append(template)
        return rows + [difference for difference in found if not difference.clause]

    def _minutes_difference(self, line, clauses):
        """What a line of the minutes misses in the clauses that carry it out; None when one of them says it."""
        carrying = clauses.filtered(lambda clause: clause.negotiation_line_id._origin == line or (line.topic != "other" and clause.topic == line.topic))
        if any(contains(clause.body, line.result) for clause in carrying):
            return None
        linked = carrying.filtered(lambda clause: clause.negotiation_line_id._origin == line)
        clause = (linked or carrying)[:1]
        return Difference(clause, line, line.result, tuple(missing_numbers(line.result, clause.body)))

    def _template_difference(self, clause, lines, values):
        """The wording departs from the library's, apart from what was taken over from the minutes."""
        if not clause.template_id:
            return None
        expected = fill(clause.template_id.sudo().with_context(lang=self.lang).body, values)
        rest = normalized(clause.body)
        for line in lines:
            for words in (normalized(self._agreed_words(line.result, self.lang)), normalized(line.result)):
                if words in rest and words not in normalized(expected):
                    rest = rest.replace(words, "", 1)
                    break
        return None if rest == normalized(expected) else Difference(clause, line.browse() if lines else self.env["sfc.negotiation.line"], expected)


class SfcContractClause(models.Model):
    """The same for one clause."""
    _inherit = "sfc.contract.clause"

    difference_kind = fields.Selection(
        [("minutes", "From the minutes"), ("template", "From the library"), ("both", "From both")], "Differs", compute="_compute_difference_kind", store=True)
    difference = fields.Html(compute="_compute_difference", sanitize=False)

    @api.depends(
        "body", "topic", "template_id.body", "negotiation_line_id", "contract_id.lang", "contract_id.clause_ids.body", "contract_id.clause_ids.topic",
        "contract_id.negotiation_ids", "contract_id.negotiation_ids.line_ids.topic", "contract_id.negotiation_ids.line_ids.outcome",
        "contract_id.negotiation_ids.line_ids.result")
    def _compute_difference_kind(self):
        for clause, differences in self._differences_by_clause():
            kinds = {"minutes" if difference.line else "template" for difference in differences}
            clause.difference_kind = "both" if len(kinds) > 1 else next(iter(kinds), False)

    @api.depends("difference_kind", "body")
    @api.depends_context("lang")
    def _compute_difference(self):
        for clause, differences in self._differences_by_clause():
            clause.difference = self.env["sfc.contract"]._differences_html(differences) if differences else False

    def _differences_by_clause(self):
        """Each clause of self with its differences; a contract is compared once."""
        for contract, clauses in self.grouped("contract_id").items():
            differences = contract._differences() if contract else []
            for clause in clauses:
                yield clause, [difference for difference in differences if difference.clause == clause]

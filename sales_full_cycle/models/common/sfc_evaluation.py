from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from . import scoring
from .sfc_scorecard import SCOPES, result_selection


class SfcEvaluation(models.Model):
    """An immutable snapshot: how a result came about, with the standard that was in force then."""
    _name = "sfc.evaluation"
    _description = "Evaluation"
    _order = "id desc"

    scope = fields.Selection(SCOPES, required=True, readonly=True)
    scorecard_id = fields.Many2one("sfc.scorecard", readonly=True, ondelete="restrict", index="btree_not_null")
    company_id = fields.Many2one("res.company", readonly=True, index="btree_not_null")
    user_id = fields.Many2one("res.users", "By", readonly=True)
    evaluated_at = fields.Datetime(readonly=True, default=fields.Datetime.now)
    origin = fields.Selection([
        ("automatic", "Facts changed"), ("person", "Screened by a person"), ("activation", "New standard"),
        ("override", "Changed by a person"), ("import", "Imported"),
    ], required=True, readonly=True)
    total = fields.Float("Points", readonly=True, digits=(5, 2), aggregator="avg")
    result = fields.Selection(result_selection, readonly=True)
    provisional = fields.Boolean(readonly=True, help="Not every criterion was answered; the others count for more.")
    reason_id = fields.Many2one("sfc.reason", readonly=True, ondelete="restrict")
    note = fields.Text(readonly=True)
    snapshot = fields.Json(readonly=True, prefetch=False)
    explanation = fields.Html(compute="_compute_explanation", sanitize=False)

    def write(self, vals):
        """Only a merge may move an evaluation to the surviving document."""
        if not self.env.su or vals.keys() - set(self._document_fields()):
            raise UserError(self.env._("An evaluation is history and cannot be changed. Evaluate again instead."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_history(self):
        if not self.env.su:
            raise UserError(self.env._("An evaluation is history and cannot be deleted."))

    @api.model
    def _insert(self, vals_list):
        """Add snapshots in one statement, all with the same keys; the records in the order of `vals_list`.

        Creating leads must not become slow by explaining them: the ORM's create costs five times as much, and here
        is nothing that it would compute.
        """
        user_id, now = self.env.uid, self.env.cr.now()
        common = {"create_uid": user_id, "write_uid": user_id, "create_date": now, "write_date": now, "evaluated_at": fields.Datetime.now()}
        columns = [*vals_list[0], *common]
        rows = SQL(", ").join(
            SQL("(%s)", SQL(", ").join(
                SQL("%s", self._fields[name].convert_to_column_insert({**vals, **common}[name], self)) for name in columns))
            for vals in vals_list)
        ids = self.env.execute_query(SQL(
            "INSERT INTO sfc_evaluation (%s) VALUES %s RETURNING id", SQL(", ").join(map(SQL.identifier, columns)), rows))
        return self.browse(sorted(row_id for (row_id,) in ids))

    @api.model
    def _document_fields(self):
        """Foreign keys of the documents that are evaluated; each adopting step adds its own."""
        return []

    @api.depends_context("lang")
    @api.depends("snapshot")
    def _compute_explanation(self):
        for evaluation in self:
            evaluation.explanation = evaluation._explain() if evaluation.snapshot else False

    def _explain(self):
        """Table of criteria with level, points, weight and contribution, subtotals, and what would lift the result."""
        self.ensure_one()
        snapshot = self.snapshot
        criteria = self.env["sfc.scorecard.criterion"].sudo().browse([c["id"] for c in snapshot["criteria"]]).exists()
        levels = criteria.level_ids
        return self.env["ir.qweb"]._render("sales_full_cycle.evaluation_explanation", {
            "evaluation": self,
            "result": self._result_label(self.result),
            "rows": self._explanation_rows(snapshot, {c.id: c for c in criteria}, {lv.id: lv for lv in levels}),
            "lifts": [
                [(criteria.browse(criterion).name, levels.browse(level).name) for criterion, level in alternative]
                for alternative in scoring.lifts(snapshot)
            ],
            "bands": [(self._result_label(code), minimum) for code, minimum in snapshot["bands"]],
            "capped_at": snapshot["zeros"] if scoring.is_capped(snapshot, snapshot["criteria"]) else 0,
        }) or Markup("")

    def _explanation_rows(self, snapshot, criteria, levels):
        """One row a criterion; the first of a dimension with several criteria is preceded by its subtotal."""
        subtotals, seen, rows = scoring.subtotals(snapshot), set(), []
        members = [c["dimension"] for c in snapshot["criteria"]]
        for entry in snapshot["criteria"]:
            criterion = criteria.get(entry["id"])
            dimension = criterion.dimension_id if criterion else None
            if dimension and entry["dimension"] not in seen and members.count(entry["dimension"]) > 1:
                seen.add(entry["dimension"])
                contribution, weight = subtotals[entry["dimension"]]
                rows.append({"subtotal": True, "name": dimension.name, "weight": weight, "contribution": contribution})
            rows.append({
                "name": criterion.name if criterion else "", "weight": entry["weight"], "points": entry["points"],
                "level": levels[entry["level"]].name if entry["level"] in levels else None, "contribution": entry["contribution"],
                "remark": self._explanation_remark(entry, levels),
            })
        return rows

    def _explanation_remark(self, _entry, _levels):
        """Hook: a sentence under the level of a criterion.

        :param entry: the criterion as the snapshot has it
        :param levels: {id: level} of the scorecard
        """
        return False

    def _result_label(self, code):
        return dict(self._fields["result"]._description_selection(self.env)).get(code, "")

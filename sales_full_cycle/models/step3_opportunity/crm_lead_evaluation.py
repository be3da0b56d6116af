from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..common.bulk_write import bulk_update
from ..common.sfc_scored_mixin import Scoring
from .sfc_scorecard import DIMENSION_FIELDS, STRENGTHS

SCOPE = "opportunity"
# What a dimension says, whatever its levels are called in a version of the scorecard: by points.
DIMENSION_LEVELS = [("high", "High"), ("medium", "Medium"), ("low", "Low"), ("none", "None")]
LEVEL_MINIMUM = (("high", 80), ("medium", 50), ("low", 1))


def dimension_level(points):
    return next((code for code, minimum in LEVEL_MINIMUM if points >= minimum), "none")


class CrmLead(models.Model):
    """三维度评估: a person judges urgency, budget match and decision-chain clarity; the scorecard gives strong, medium or weak (S3.1-S3.5)."""
    _inherit = "crm.lead"

    deal_answers = fields.Json(readonly=True, copy=False, help="Levels that were judged: {criterion code: level code}.")
    deal_evaluation_id = fields.Many2one("sfc.evaluation", "Current deal evaluation", readonly=True, copy=False, index="btree_not_null")
    deal_evaluation_ids = fields.One2many("sfc.evaluation", "deal_id", "Evaluations", readonly=True)
    deal_score = fields.Float("Evaluation points", readonly=True, copy=False, digits=(5, 2), aggregator="avg")
    opportunity_strength = fields.Selection(
        STRENGTHS, "Strength", readonly=True, copy=False, index="btree_not_null", help="商机强度. Empty: not evaluated.")
    urgency_level = fields.Selection(DIMENSION_LEVELS, "Urgency", readonly=True, copy=False, help="需求紧迫性")
    budget_match_level = fields.Selection(DIMENSION_LEVELS, "Budget match", readonly=True, copy=False, help="预算匹配度")
    decision_clarity_level = fields.Selection(DIMENSION_LEVELS, "Decision-chain clarity", readonly=True, copy=False, help="决策链清晰度")
    evaluated_at = fields.Datetime("Evaluated", readonly=True, copy=False)

    @api.model
    def _form_lists(self):
        return {**super()._form_lists(), "deal_evaluation_ids": None}

    # === CREATE AND WRITE === #

    @api.model_create_multi
    def create(self, vals_list):
        engine_fields = self._evaluation_fields()
        if any(vals[fname] for vals in vals_list for fname in engine_fields & vals.keys()):
            self._refuse_evaluation_values()
        return super().create(vals_list)

    def write(self, vals):
        if not self._evaluation_fields().isdisjoint(vals):
            self._refuse_evaluation_values()
        return super().write(vals)

    @api.model
    def _evaluation_fields(self):
        """Hook: fields that only evaluating and deciding write."""
        return {
            "deal_answers", "deal_evaluation_id", "deal_score", "opportunity_strength", "evaluated_at", "evaluation_stale",
            *DIMENSION_FIELDS.values()}

    @api.model
    def _refuse_evaluation_values(self):
        """One writer, or nobody could say why a deal is strong."""
        raise UserError(self.env._("The strength of a deal follows from its evaluation. Use the buttons 'Evaluate' and 'Decide'."))

    # === ENGINE === #

    @api.model
    def _scorings(self):
        return [*super()._scorings(), Scoring(
            SCOPE, "deal_id", answers="deal_answers", evaluation="deal_evaluation_id", score="deal_score", provisional=None,
            apply="_apply_deal_evaluations")]

    @api.model
    def _cycle_step_evidence(self):
        return {**super()._cycle_step_evidence(), "evaluated": SQL("lead.type = 'opportunity' AND lead.deal_evaluation_id IS NOT NULL")}

    def _evaluate(self, judged, reason=False):
        """Evaluate the deals as a person judges; in batches, a fixed number of queries.

        :param judged: {criterion code: level code}; for a dimension that is not judged the hint of each deal counts
        :param reason: why it is evaluated although something is missing (D11)
        :raises UserError: not an open deal, no scorecard, or a dimension that neither is judged nor has a hint
        """
        cards = self._check_evaluable()
        reasons, evaluations, answers = self._hint_reasons(), {}, {}
        for card, deals in cards.items():
            hints = deals._hint_levels(card)
            for deal in deals:
                answers[deal.id] = {criterion.code: level.code for criterion, level in hints[deal.id].items()} | judged
            snapshots = card._score_records(deals, answers)
            for deal in deals:
                snapshot = deal._with_hints(snapshots[deal.id], hints[deal.id], reasons[deal], card)
                evaluations[deal] = deal._evaluation_vals("person", snapshot, SCOPE, note=reason)
        self._check_every_dimension(evaluations)
        bulk_update(self, {deal_id: (picks,) for deal_id, picks in answers.items()}, ["deal_answers"])
        self._store_evaluations(evaluations, SCOPE)

    @api.model
    def _with_hints(self, snapshot, levels, reasons, card):
        """The snapshot also keeps what the facts hinted at, beside what was judged."""
        by_id = {criterion.id: criterion for criterion in card.criterion_ids}
        criteria = []
        for entry in snapshot["criteria"]:
            criterion = by_id[entry["id"]]
            level = levels.get(criterion)
            criteria.append({**entry, "hint": level.id if level else None, "why": reasons.get(criterion.code, "")})
        return {**snapshot, "criteria": criteria}

    def _check_evaluable(self):
        """The scorecard of each deal, as {scorecard: deals}.

        :raises UserError: names every deal that is not open or has no scorecard
        """
        closed = self.filtered(lambda deal: not deal._is_open_deal())
        if closed:
            raise UserError(self.env._(
                "Only open deals are evaluated. Convert the lead or restore the deal first: %(deals)s", deals=closed._deal_names()))
        cards = self._grouped_by_scorecard(scope=SCOPE)
        without = self - self.browse().union(*cards.values())
        if without:
            raise UserError(self.env._(
                "There is no active scorecard for deals, so these cannot be evaluated: %(deals)s. "
                "A sales manager activates one under Configuration > Scorecards.", deals=without._deal_names()))
        return cards

    def _check_every_dimension(self, evaluations):
        """:raises UserError: three dimensions make an evaluation, two do not"""
        open_ones = self.browse().union(*(
            deal for deal, vals in evaluations.items() if any(entry["level"] is None for entry in vals["snapshot"]["criteria"])))
        if open_ones:
            raise UserError(self.env._(
                "Judge all three dimensions, urgency, budget match and decision-chain clarity, of: %(deals)s", deals=open_ones._deal_names()))

    def _is_open_deal(self):
        self.ensure_one()
        return self.type == "opportunity" and self.active and self.won_status == "pending"

    def _deal_names(self, limit=10):
        return ", ".join(deal.deal_number or deal.name for deal in self[:limit])

    def _apply_deal_evaluations(self, evaluations):
        """{deal: its new evaluation}: strength and dimensions on the deal, the step, and a note."""
        codes = {criterion.id: criterion.code for criterion in self.env["sfc.evaluation"].union(*evaluations.values()).sudo().scorecard_id.criterion_ids}
        fnames = ["opportunity_strength", "evaluated_at", *DIMENSION_FIELDS.values()]
        values = {}
        for deal, evaluation in evaluations.items():
            points = {codes[entry["id"]]: entry["points"] for entry in evaluation.sudo().snapshot["criteria"]}
            values[deal.id] = (evaluation.result, evaluation.evaluated_at, *(dimension_level(points[code]) for code in DIMENSION_FIELDS))
        bulk_update(self, values, fnames)
        self._sync_cycle_step()
        self._log_evaluations(evaluations)

    def _log_evaluations(self, evaluations):
        labels = {fname: dict(self._fields[fname]._description_selection(self.env)) for fname in ("opportunity_strength", *DIMENSION_FIELDS.values())}
        bodies = {}
        for deal, evaluation in evaluations.items():
            strength, *dimensions = (labels[fname][deal[fname]] for fname in labels)
            body = self.env._(
                "Evaluated: %(strength)s (%(points)s points). Urgency %(urgency)s, budget match %(budget)s, decision-chain clarity %(clarity)s.",
                strength=strength, points=f"{deal.deal_score:g}", urgency=dimensions[0], budget=dimensions[1], clarity=dimensions[2])
            if evaluation.note:
                body = self.env._("%(evaluated)s Evaluated although this was missing: %(reason)s", evaluated=body, reason=evaluation.note)
            bodies[deal.id] = body
        self._message_log_batch(bodies)

    def _merge_dependences(self, opportunities):
        """The history moves along; a survivor that was never evaluated takes over the newest evaluation."""
        result = super()._merge_dependences(opportunities)
        evaluations = opportunities.deal_evaluation_ids.sudo()  # sudo: whoever may merge the deals
        evaluations.write({"deal_id": self.id})
        if evaluations and not self.deal_evaluation_id:
            self._adopt_evaluations({self: evaluations.sorted("id")[-1:]}, SCOPE)
        return result

    # === ACTIONS === #

    def action_explain_strength(self):
        """The current evaluation with its explanation; on demand, since composing it costs more than all else on the form."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window", "name": self.env._("Why this strength"), "res_model": "sfc.evaluation", "view_mode": "form",
            "res_id": self.deal_evaluation_id.id, "target": "new"}

    def action_evaluate(self):
        """Open the dialog with the hints filled in, for one deal or a selection."""
        self.check_access("write")
        self._check_evaluable()
        return {
            "type": "ir.actions.act_window", "res_model": "sfc.deal.evaluation", "view_mode": "form", "target": "new",
            "name": self.env._("Evaluate"), "context": {"default_deal_ids": self.ids},
        }

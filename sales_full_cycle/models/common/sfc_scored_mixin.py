from datetime import timedelta
from typing import NamedTuple

from odoo import api, fields, models

from .bulk_write import bulk_update


class Scoring(NamedTuple):
    """One scope in which a model is scored: where its outcome is kept, and what takes it over."""
    scope: str
    fk: str  # foreign key on sfc.evaluation
    answers: str = "scoring_answers"
    evaluation: str = "evaluation_id"
    score: str = "score"
    provisional: str | None = "score_provisional"  # none where every criterion has to be answered
    apply: str = "_apply_scores"


class SfcScoredMixin(models.AbstractModel):
    """Adopts the scoring engine: declare `_scoring_scope` and `_scoring_fk`, call `_score_changed`, extend `_apply_scores`.

    A model that is scored in a second scope describes it in `_scorings()`; without a scope the methods mean the first one.
    """
    _name = "sfc.scored.mixin"
    _description = "Scored document"

    _scoring_scope = None
    _scoring_fk = None  # name of the foreign key on sfc.evaluation

    scoring_answers = fields.Json(copy=False, help="Levels that a person picked: {criterion code: level code}.")
    evaluation_id = fields.Many2one("sfc.evaluation", "Current evaluation", readonly=True, copy=False, index="btree_not_null")
    score = fields.Float(readonly=True, copy=False, digits=(5, 2), aggregator="avg")
    score_provisional = fields.Boolean("Provisional", readonly=True, copy=False)
    score_explanation = fields.Html(related="evaluation_id.explanation", string="Why this result")
    override_until = fields.Date("Changed result holds until", readonly=True, copy=False)

    # === ENGINE === #

    @api.model
    def _scorings(self):
        """Hook: the scopes in which this model is scored."""
        return [Scoring(self._scoring_scope, self._scoring_fk)]

    @api.model
    def _scoring(self, scope=None):
        return next(scoring for scoring in self._scorings() if scoring.scope == (scope or self._scoring_scope))

    def _score_changed(self, vals=None):
        """To be called by the adopter at the end of create() (no `vals`) and write(): score when a fact changed that counts."""
        if not self.env.context.get("sfc_no_scoring") and (vals is None or self._asks_for_new_score(vals)):
            self._score("automatic")

    def _asks_for_new_score(self, vals):
        return "scoring_answers" in vals or not self.env["sfc.scorecard"]._trigger_fields(self._scoring_scope).isdisjoint(vals)

    def _scorecard_key(self):
        """(company, industry, product category) ids that choose the scorecard of one record."""
        return (self.company_id.id or self.env.company.id, self.industry_id.id, False)

    def _grouped_by_scorecard(self, draft=None, scope=None):
        """{scorecard: its records}; a `draft` stands in for the active version of its key."""
        cards = self.env["sfc.scorecard"]._active_cards(scope or self._scoring_scope)
        if draft:
            cards[draft.company_id.id, draft.industry_id.id, draft.product_category_id.id] = draft
        ids = {}
        for record in self if cards else ():
            company, industry, category = record._scorecard_key()
            keys = ((c, i, p) for c in (company, False) for i in (industry, False) for p in (category, False))
            card = next((cards[key] for key in keys if key in cards), None)
            if card:
                ids.setdefault(card, []).append(record.id)
        return {card: self.browse(record_ids).with_prefetch(self._prefetch_ids) for card, record_ids in ids.items()}

    def _score(self, origin, force=False):
        """Score the records; where the outcome differs from the current one (or always), add a snapshot and make it current."""
        changed = {}
        for card, records in self._grouped_by_scorecard().items():
            answers = {record.id: record.scoring_answers for record in records}
            snapshots = card._score_records(records, answers)
            for record in records:
                snapshot = snapshots[record.id]
                current = record.evaluation_id.sudo()
                known = current.snapshot if current.origin != "override" else None
                if snapshot["result"] and (force or snapshot != known):
                    changed[record] = record._evaluation_vals(origin, snapshot)
        if changed:
            self._store_evaluations(changed)

    def _evaluation_vals(self, origin, snapshot=None, scope=None, **more):
        self.ensure_one()
        scoring = self._scoring(scope)
        vals = {
            "scope": scoring.scope, scoring.fk: self.id, "company_id": self.company_id.id,
            "user_id": self.env.uid, "origin": origin, **more,
        }
        if snapshot:
            vals.update({key: snapshot[key] for key in ("total", "result", "provisional")})
            vals.update({"scorecard_id": snapshot["scorecard"], "snapshot": snapshot})
        return vals

    def _store_evaluations(self, vals_by_record, scope=None):
        """Create the snapshots and make them current."""
        evaluations = self.env["sfc.evaluation"].sudo()._insert(list(vals_by_record.values()))
        self.invalidate_model([f.name for f in self._fields.values() if f.type == "one2many" and f.comodel_name == "sfc.evaluation"], flush=False)
        self._adopt_evaluations(dict(zip(vals_by_record, evaluations, strict=True)), scope)

    def _adopt_evaluations(self, evaluations, scope=None):
        """Make each record's evaluation the current one: {record: evaluation}."""
        records, scoring = self.browse().union(*evaluations), self._scoring(scope)
        fnames = [fname for fname in (scoring.evaluation, scoring.score, scoring.provisional) if fname]
        bulk_update(records, {
            record.id: (evaluation.id, evaluation.total, evaluation.provisional)[:len(fnames)] for record, evaluation in evaluations.items()
        }, fnames)
        getattr(records, scoring.apply)(evaluations)

    def _apply_scores(self, evaluations):
        """Hook: {record: its new evaluation}; set what follows from the result."""

    # === AGAINST THE SCORE === #

    def _override(self, result, reason, note=False):
        """Set a result against the score, for a reason, until the company's period for it ends (D13)."""
        self.write({"override_until": fields.Date.context_today(self) + timedelta(days=self.env.company.level_override_days)})
        self._store_evaluations({
            record: record._evaluation_vals("override", None, result=result, total=record.score, reason_id=reason.id, note=note) for record in self
        })

    @api.model
    def _import_results(self, results):
        """Store results that somebody decided elsewhere: {record: result}. The score stays what it was."""
        self._store_evaluations({
            record: record._evaluation_vals("import", None, result=result, total=record.score) for record, result in results.items()})

    def _is_overridden(self):
        return bool(self.override_until and self.override_until >= fields.Date.context_today(self))

    @api.model
    def _cron_end_overrides(self, batch=200):
        """Changed results that have run out go back to what the score says."""
        today = fields.Date.context_today(self)
        while records := self.sudo().search([("override_until", "<", today)], limit=batch):
            records.write({"override_until": False})
            records._score("automatic", force=True)
            if not self.env["ir.cron"]._commit_progress(len(records), remaining=int(len(records) == batch)):
                return

    # === NEW STANDARD === #

    def _take_new_standard(self, _scope):
        """Hook: another version of the standard is in force; it scores the records again."""
        self._score("activation")

    @api.model
    def _rescore_domain(self, _scope):
        """Hook: the records that a new standard concerns."""
        return []

    @api.model
    def _to_rescore(self, card, after_id, limit):
        """(next records that another standard scored, in the order of their ids; those of them that `card` concerns)."""
        scored_otherwise = (self._scoring(card.scope).evaluation, "any", [("scorecard_id", "!=", False), ("scorecard_id", "!=", card.id)])
        records = self.with_context(active_test=True).search(
            [("id", ">", after_id), scored_otherwise, *self._rescore_domain(card.scope)], order="id", limit=limit)
        return records, records._grouped_by_scorecard(draft=card, scope=card.scope).get(card, self.browse())

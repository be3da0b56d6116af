from odoo import api, fields, models


class SfcJudgement(models.AbstractModel):
    """Judge what only a person can judge and see the result before saving, for one document of the scoring engine or a selection.

    An adopter has the documents in the field `_documents_field`, lines in `line_ids` (sfc.judgement.line), and applies;
    `_scope` where the documents are scored in several.
    """
    _name = "sfc.judgement"
    _description = "Judgement"

    _documents_field = None
    _scope = None

    preview = fields.Html(compute="_compute_preview", sanitize=False)

    def _documents(self):
        return self[self._documents_field]

    def _line_commands(self):
        """One line a criterion that a person judges, filled in with the answer when there is just one document."""
        self.ensure_one()
        documents = self._documents()
        answers = self._known_answers(documents) if len(documents) == 1 else {}
        return [(5,)] + [(0, 0, {
            "criterion_id": criterion.id,
            "level_id": criterion._level(answers.get(criterion.code)).id,
        }) for criterion in self._criteria()]

    def _known_answers(self, document):
        """{criterion code: level code} that stand until somebody judges otherwise."""
        return document[document._scoring(self._scope).answers] or {}

    def _criteria(self):
        """Criteria to be judged on the scorecards of the documents, one of each technical name."""
        cards = self.env["sfc.scorecard"].union(*self._documents()._grouped_by_scorecard(scope=self._scope))
        by_code = {c.code: c for c in cards.criterion_ids if not c.is_automatic}
        return self.env["sfc.scorecard.criterion"].union(*by_code.values())

    def _answers(self):
        return {line.criterion_id.code: line.level_id.code for line in self.line_ids if line.level_id}

    @api.depends("line_ids.level_id")
    def _compute_preview(self):
        for wizard in self:
            document = wizard._documents()[:1]._origin
            card = next(iter(document._grouped_by_scorecard(scope=self._scope)), None) if len(wizard._documents()) == 1 else None
            if not card:
                wizard.preview = False
                continue
            answers = {**wizard._known_answers(document), **wizard._answers()}
            snapshot = card._score_records(document, {document.id: answers})[document.id]
            wizard.preview = self.env["sfc.evaluation"].new(document._evaluation_vals("person", snapshot, self._scope))._explain()


class SfcJudgementLine(models.AbstractModel):
    _name = "sfc.judgement.line"
    _description = "Judgement of one criterion"

    criterion_id = fields.Many2one("sfc.scorecard.criterion", required=True, readonly=True)
    level_id = fields.Many2one("sfc.scorecard.level", "Judgement", domain="[('criterion_id', '=', criterion_id)]")
    help_text = fields.Text(related="criterion_id.help_text")

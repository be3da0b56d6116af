from odoo import api, fields, models

from ..models.common.sfc_scorecard import result_selection


class SfcScorecardPreview(models.TransientModel):
    """What a new version would change, with names, before it is activated (ahead 2)."""
    _name = "sfc.scorecard.preview"
    _description = "Effect of a Scorecard"

    scorecard_id = fields.Many2one("sfc.scorecard", required=True, readonly=True)
    line_ids = fields.One2many("sfc.scorecard.preview.line", "preview_id", readonly=True)
    summary = fields.Text(readonly=True)

    @api.model
    def _open_for(self, card, batch=1000):
        """Score the records concerned with the draft, nothing is stored on them; keep who would change."""
        target = self.env[card._target_model(card.scope)]
        scoring = target._scoring(card.scope)
        lines, counts, last_id, seen = [], {}, 0, 0
        while True:
            records, concerned = target._to_rescore(card, last_id, batch)
            if not records:
                break
            last_id, seen = max(records.ids), seen + len(concerned)
            answers = {record.id: record[scoring.answers] for record in concerned}
            for record_id, snapshot in card._score_records(concerned, answers).items():
                record = target.browse(record_id)
                before = record[scoring.evaluation].result
                if snapshot["result"] and snapshot["result"] != before:
                    counts[before, snapshot["result"]] = counts.get((before, snapshot["result"]), 0) + 1
                    lines.append((0, 0, {
                        "name": record.display_name, "before": before, "after": snapshot["result"],
                        "points_before": record[scoring.score], "points_after": snapshot["total"]}))
        label = self.env["sfc.evaluation"]._result_label
        changes = ", ".join(f"{count} {label(before)} → {label(after)}" for (before, after), count in sorted(counts.items()))
        preview = self.create({
            "scorecard_id": card.id, "line_ids": lines,
            "summary": self.env._("%(seen)s records looked at: %(changes)s", seen=seen, changes=changes or self.env._("nothing would change")),
        })
        return {
            "type": "ir.actions.act_window", "res_model": self._name, "res_id": preview.id, "view_mode": "form", "target": "new",
            "name": self.env._("Effect of %(card)s", card=card.display_name),
        }

    def action_activate(self):
        self.scorecard_id.action_activate()
        return {"type": "ir.actions.act_window_close"}


class SfcScorecardPreviewLine(models.TransientModel):
    _name = "sfc.scorecard.preview.line"
    _description = "Record that would change"

    preview_id = fields.Many2one("sfc.scorecard.preview", required=True, ondelete="cascade")
    name = fields.Char(readonly=True)
    before = fields.Selection(result_selection, readonly=True)
    after = fields.Selection(result_selection, readonly=True)
    points_before = fields.Float(readonly=True)
    points_after = fields.Float(readonly=True)

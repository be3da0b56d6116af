from odoo import api, models
from odoo.exceptions import UserError

# A part of a scorecard goes with it.
PART_OF_CARD = {"required": True, "index": True, "ondelete": "cascade"}


class SfcScorecardPart(models.AbstractModel):
    _name = "sfc.scorecard.part"
    _description = "Part of a scorecard, frozen once the scorecard is active"

    def _scorecards(self):
        return self.scorecard_id

    def _check_draft(self):
        if any(card.state != "draft" for card in self._scorecards()):
            raise UserError(self.env._("An active or retired scorecard cannot be changed. Use 'Edit as new version'."))

    @api.model_create_multi
    def create(self, vals_list):
        parts = super().create(vals_list)
        parts._check_draft()
        return parts

    def write(self, vals):
        self._check_draft()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_frozen(self):
        self._check_draft()

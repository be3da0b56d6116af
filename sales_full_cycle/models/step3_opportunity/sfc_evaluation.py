from odoo import api, fields, models


class SfcEvaluation(models.Model):
    _inherit = "sfc.evaluation"

    scope = fields.Selection(selection_add=[("opportunity", "Three-dimension evaluation")], ondelete={"opportunity": "cascade"})
    deal_id = fields.Many2one("crm.lead", readonly=True, index="btree_not_null", ondelete="cascade")

    @api.model
    def _document_fields(self):
        return [*super()._document_fields(), "deal_id"]

    def _explanation_remark(self, entry, levels):
        """What the facts hinted at then, and whether the person judged otherwise (S3.2-S3.4)."""
        if "hint" not in entry:
            return super()._explanation_remark(entry, levels)
        level = levels.get(entry["hint"])
        hint = level.name if level else self.env._("none")
        if entry["hint"] == entry["level"]:
            return self.env._("As the facts hinted: %(why)s", why=entry["why"])
        return self.env._("Judged otherwise than the facts hinted: %(hint)s. %(why)s", hint=hint, why=entry["why"])

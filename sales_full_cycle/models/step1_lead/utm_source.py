from odoo import api, fields, models


class UtmSource(models.Model):
    _inherit = "utm.source"
    _rec_names_search = ["name", "label"]

    label = fields.Char("Shown as", translate=True, help="The name in the reader's language; Odoo's own name of a source has only one.")
    is_lead_source = fields.Boolean("Offered on leads", help="Shown when a lead's source is picked.")
    needs_referrer = fields.Boolean("Needs a referrer", help="A lead from this source must name the customer or partner who referred it (S1.2).")

    @api.depends("name", "label")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for source in self:
            source.display_name = source.label or source.name

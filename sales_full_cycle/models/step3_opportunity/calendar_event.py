from odoo import api, fields, models


class CalendarEvent(models.Model):
    """A technical session belongs to an objection, and is an activity of it (S3.14)."""
    _inherit = "calendar.event"

    sfc_objection_id = fields.Many2one("sfc.objection", "Objection", index="btree_not_null", ondelete="set null")

    @api.model_create_multi
    def create(self, vals_list):
        default = self.env.context.get("default_sfc_objection_id")
        return super().create([self._session_vals(vals, vals.get("sfc_objection_id", default)) for vals in vals_list])

    def write(self, vals):
        if vals.get("sfc_objection_id"):
            self._objection(vals["sfc_objection_id"])
        return super().write(vals)

    @api.model
    def _session_vals(self, vals, objection_id):
        """Odoo makes the activity of a meeting that names a document; the deal shows the meeting as one of its own."""
        if not objection_id:
            return vals
        objection = self._objection(objection_id)
        model_id = self.env["ir.model"]._get_id(objection._name)
        return {**vals, "sfc_objection_id": objection.id, "res_model_id": model_id, "res_id": objection.id, "opportunity_id": objection.lead_id.id}

    @api.model
    def _objection(self, objection_id):
        """:raises AccessError: the user may not plan anything for this objection"""
        objection = self.env["sfc.objection"].browse(objection_id)
        objection.check_access("write")
        return objection

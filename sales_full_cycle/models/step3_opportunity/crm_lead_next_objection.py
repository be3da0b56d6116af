from odoo import api, models

from .crm_lead_next_step import Due, NextThing


class CrmLead(models.Model):
    """An objection is answered before anything else is done: the customer waits for it (S3.13)."""
    _inherit = "crm.lead"

    @api.depends("objection_ids.state")
    def _compute_next_thing(self):
        return super()._compute_next_thing()

    @api.model
    def _next_things(self):
        return [NextThing("answer", "opportunity", "_due_answer", self.env._("Answer"), "_next_answer"), *super()._next_things()]

    def _open_objections(self):
        return self.objection_ids.filtered(lambda objection: objection.state == "open").sorted("raised_at")

    def _due_answer(self):
        open_ones = self._open_objections()
        return Due(self.env._("Answer the objection %(number)s of the customer.", number=open_ones[0].number)) if open_ones else None

    def _next_answer(self):
        objection = self._open_objections()[:1]
        objection.check_access("write")
        return {
            "type": "ir.actions.act_window", "res_model": objection._name, "res_id": objection.id, "views": [[False, "form"]],
            "name": self.env._("Objection"),
        }

from odoo import api, models


class MailActivityPlan(models.Model):
    _inherit = "mail.activity.plan"

    @api.depends("template_ids.responsible_type")
    def _compute_has_user_on_demand(self):
        """A role that nobody has on the deal is asked for at launch."""
        result = super()._compute_has_user_on_demand()
        for plan in self:
            if any(step._is_asked_for() for step in plan.template_ids):
                plan.has_user_on_demand = True
        return result

    @api.model
    def _start_on(self, records):
        """Action that opens the schedule dialog of Odoo on its plans."""
        return {
            "type": "ir.actions.act_window", "name": self.env._("Start plan"), "res_model": "mail.activity.schedule", "view_mode": "form",
            "views": [(False, "form")], "target": "new",
            "context": {"active_model": records._name, "active_ids": records.ids, "active_id": records[:1].id, "plan_mode": True},
        }

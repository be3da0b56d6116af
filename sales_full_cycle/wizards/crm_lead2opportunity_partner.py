from odoo import api, fields, models
from odoo.exceptions import UserError


class CrmLead2opportunityPartner(models.TransientModel):
    _inherit = "crm.lead2opportunity.partner"

    missing_information = fields.Text(compute="_compute_missing_information")
    go_on_reason = fields.Char("Go on because")

    @api.depends("lead_id")
    def _compute_missing_information(self):
        for wizard in self:
            lead = wizard.lead_id
            missing = lead._missing_labels() if lead else []
            if lead and not lead.screening_level:
                missing.append(self.env._("Level (not screened)"))
            if lead and not lead.user_id:
                missing.append(self.env._("Owner"))
            wizard.missing_information = ", ".join(missing)

    def action_apply(self):
        """Soft gate (S1.10, D11): what the lead sheet misses is listed; one sentence of reason is enough to go on, and is logged.

        The gate stands in the web client's dialog (context `sfc_gate`); code that converts leads is not stopped.

        :raises UserError: something is missing and no reason is given
        """
        gated = self.env.context.get("sfc_gate") and self.missing_information
        if gated and not self.go_on_reason:
            raise UserError(self.env._("Still missing: %(missing)s.\nFill it in, or say in one sentence why you go on.", missing=self.missing_information))
        lead = self.lead_id
        action = super().action_apply()
        if gated and lead.exists():
            lead._message_log(body=self.env._(
                "Converted although this was missing: %(missing)s. Reason: %(reason)s", missing=self.missing_information, reason=self.go_on_reason))
        return action

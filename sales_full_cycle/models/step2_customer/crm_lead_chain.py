from odoo import api, fields, models
from odoo.exceptions import UserError

EDITABLE = ("contact_id", "role", "attitude", "influence", "note")


class CrmLead(models.Model):
    """The decision chain on the deal is the one of its customer, shown and edited there (S2.8)."""
    _inherit = "crm.lead"

    decision_role_ids = fields.One2many(
        "sfc.decision.role", string="Decision chain", compute="_compute_decision_role_ids", inverse="_inverse_decision_role_ids")
    decision_gaps = fields.Char("Open in the decision chain", compute="_compute_decision_gaps", compute_sudo=True)

    @api.model
    def _form_lists(self):
        return {**super()._form_lists(), "role_ids": "customer_profile_id"}

    @api.depends("customer_profile_id.role_ids")
    @api.depends_context("uid")
    def _compute_decision_role_ids(self):
        """Searched, not read through the customer: a colleague's customer does not keep anybody from opening an unassigned deal."""
        profiles = self.sudo().customer_profile_id.filtered("role_ids")  # sudo: whether anybody is known; who, the search says
        by_profile = self.env["sfc.decision.role"].search([("profile_id", "in", profiles.ids)]).grouped("profile_id") if profiles else {}
        for lead in self:
            lead.decision_role_ids = by_profile.get(lead.customer_profile_id._origin)

    def _inverse_decision_role_ids(self):
        """Lines that were added or removed on the deal; changes within a line are written by the ORM."""
        roles = self.env["sfc.decision.role"]
        for lead in self:
            shown = lead.decision_role_ids
            added = shown.filtered(lambda line: not line.id)
            if added and not lead.customer_profile_id:
                raise UserError(self.env._("Choose the customer of the deal first, then note who decides there."))
            vals_list = [{
                "profile_id": lead.customer_profile_id.id,
                **{fname: value for fname, value in line._convert_to_write(line._cache).items() if fname in EDITABLE},
            } for line in added]
            (roles.search([("profile_id", "=", lead.customer_profile_id.id)]) - shown).unlink()
            roles.create(vals_list)
        self.invalidate_recordset(["decision_role_ids"], flush=False)

    @api.depends("customer_profile_id.role_ids.role", "customer_profile_id.role_ids.last_contacted_on")
    @api.depends_context("lang")
    def _compute_decision_gaps(self):
        for lead in self:
            lead.decision_gaps = lead.customer_profile_id.decision_gaps if lead.type == "opportunity" else False

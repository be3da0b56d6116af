from odoo import models


class CrmTeam(models.Model):
    """Odoo's assignment (S1.8) writes lead by lead and commits now and then: what follows for the leads is done for many of them at once."""
    _inherit = "crm.team"

    def _allocate_leads(self, *args, **kwargs):
        result = super(CrmTeam, self.with_context(sfc_follow_later=True))._allocate_leads(*args, **kwargs)
        self.env["crm.lead"]._follow_up_written()
        return {team.with_env(self.env): done for team, done in result.items()}

    def _assign_and_convert_leads(self, *args, **kwargs):
        result = super(CrmTeam, self.with_context(sfc_follow_later=True))._assign_and_convert_leads(*args, **kwargs)
        self.env["crm.lead"]._follow_up_written()
        return {
            member.with_env(self.env): {**done, "assigned": done["assigned"].with_env(self.env)} for member, done in result.items()}

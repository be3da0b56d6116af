from odoo import models


class MailActivity(models.Model):
    _inherit = "mail.activity"

    def _action_done(self, feedback=False, attachment_ids=None):
        """A finished activity is a contact: it meets the first-contact promise (D9). Escalations are none."""
        contacts = self.filtered(lambda a: a.res_model == "crm.lead" and not a.sfc_clock_id)
        leads = self.env["crm.lead"].browse(contacts.mapped("res_id")).exists()
        result = super()._action_done(feedback=feedback, attachment_ids=attachment_ids)
        leads._register_contact()
        return result

from odoo import api, models
from odoo.exceptions import ValidationError


class MailTemplate(models.Model):
    _inherit = "mail.template"

    @api.constrains("report_template_ids")
    def _check_no_internal_minutes(self):
        """What a mail carries is kept with the document, where others read it: the internal page goes into none (T3)."""
        internal = self.env.ref("sales_full_cycle.report_minutes_internal_action", raise_if_not_found=False)
        if internal and any(internal in template.report_template_ids for template in self.sudo()):  # sudo: which reports, whoever may print them
            raise ValidationError(self.env._("The minutes with their internal page cannot be sent by mail. Choose 'Negotiation minutes'."))

from odoo import models


class MailMessage(models.Model):
    _inherit = "mail.message"

    def action_make_objection(self):
        """Button on a customer's comment (S3.13); the same comment twice opens the objection that it has become."""
        self.ensure_one()
        self.check_access("read")
        return self.env["sfc.objection"]._from_message(self)._open()

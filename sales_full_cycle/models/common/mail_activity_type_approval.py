from odoo import fields, models


class MailActivityType(models.Model):
    _inherit = "mail.activity.type"

    category = fields.Selection(selection_add=[("sfc_approval", "Approval")], ondelete={"sfc_approval": "set default"})

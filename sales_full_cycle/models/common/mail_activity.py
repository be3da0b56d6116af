from odoo import fields, models


class MailActivity(models.Model):
    _inherit = "mail.activity"

    sfc_clock_id = fields.Many2one("sfc.sla.clock", "Late promise", readonly=True, ondelete="set null", index="btree_not_null")

    _one_per_clock = models.UniqueIndex("(sfc_clock_id) WHERE sfc_clock_id IS NOT NULL", "This late promise has been escalated already.")

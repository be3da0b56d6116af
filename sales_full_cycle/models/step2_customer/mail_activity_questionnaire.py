from odoo import fields, models


class MailActivity(models.Model):
    _inherit = "mail.activity"

    sfc_answer_id = fields.Many2one("survey.user_input", "Answers to confirm", readonly=True, ondelete="set null", index="btree_not_null")

    _one_per_answer = models.UniqueIndex("(sfc_answer_id) WHERE sfc_answer_id IS NOT NULL", "Somebody is asked to confirm these answers already.")

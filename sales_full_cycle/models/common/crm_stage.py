from odoo import fields, models

from .sfc_step_log import CYCLE_STEPS


class CrmStage(models.Model):
    _inherit = "crm.stage"

    cycle_step = fields.Selection(CYCLE_STEPS, help="A deal that reaches this stage is taken to have reached this step of the cycle.")

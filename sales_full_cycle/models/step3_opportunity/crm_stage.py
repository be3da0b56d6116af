from odoo import fields, models


class CrmStage(models.Model):
    _inherit = "crm.stage"

    gate_ids = fields.One2many(
        "sfc.stage.gate", "stage_id", "Stage gates", context={"active_test": False}, groups="sales_team.group_sale_salesman",
        help="阶段门槛. What a deal must have before it enters this stage.")

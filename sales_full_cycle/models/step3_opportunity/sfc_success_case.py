from odoo import fields, models


class SfcSuccessCase(models.Model):
    """成功案例: the library from which a proposal takes its references (S3.10, D14). What is chosen is printed, in the customer's language."""
    _name = "sfc.success.case"
    _description = "Success Case"
    _order = "sequence, id"

    name = fields.Char("Title", required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", index="btree_not_null", help="Empty: for all companies.")
    industry_id = fields.Many2one("res.partner.industry", index="btree_not_null", domain=[("is_listed", "=", True)], help="所属行业")
    customer = fields.Char(translate=True, help="Who it was, as the reader may know it: a name, or what kind of company.")
    challenge = fields.Text(translate=True)
    solution = fields.Text(translate=True)
    result = fields.Text(translate=True)
    image = fields.Image(max_width=1024, max_height=1024)
    attachment_ids = fields.Many2many("ir.attachment", string="Documents", help="Background for colleagues; not printed.")
    is_sample = fields.Boolean("Sample data", help="示例数据. Printed beside the case while it is marked so.")

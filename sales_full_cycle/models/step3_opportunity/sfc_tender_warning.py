from odoo import fields, models


class SfcTenderWarning(models.Model):
    """That people were warned of a deadline, once for each of 5, 3, 1 days before it (D20). A moved deadline is warned of anew."""
    _name = "sfc.tender.warning"
    _description = "Tender Deadline Warning"
    _log_access = False

    tender_id = fields.Many2one("sfc.tender", required=True, ondelete="cascade")
    deadline = fields.Char(required=True, help="Field of the deadline.")
    due_on = fields.Date("Deadline on", required=True)
    days_before = fields.Integer("Days before", required=True)

    _once = models.UniqueIndex("(tender_id, deadline, due_on, days_before)", "This warning was given already.")

from odoo import fields, models


class CrmLead(models.Model):
    """The deal and its contracts."""
    _inherit = "crm.lead"

    contract_ids = fields.One2many("sfc.contract", "lead_id", "Contracts")
    negotiation_ids = fields.One2many("sfc.negotiation", "lead_id", "Negotiations")

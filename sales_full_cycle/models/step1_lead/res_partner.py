from odoo import api, fields, models

from .company_name import company_key
from .contact_channel import phone_key


class ResPartner(models.Model):
    _inherit = "res.partner"

    company_key = fields.Char(compute="_compute_company_key", store=True, index="btree_not_null", help="The name without legal form, spaces and case.")

    phone_key = fields.Char(compute="_compute_phone_key", store=True, index="btree_not_null", help="The digits of the phone number.")

    @api.depends("name", "is_company")
    def _compute_company_key(self):
        for partner in self:
            partner.company_key = company_key(partner.name) or False if partner.is_company else False

    @api.depends("phone")
    def _compute_phone_key(self):
        for partner in self:
            partner.phone_key = phone_key(partner.phone) or False

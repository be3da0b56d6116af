from odoo import fields, models


class ResPartner(models.Model):
    """The contracts of a customer (P9)."""
    _inherit = "res.partner"

    contract_count = fields.Integer("Number of contracts", compute="_compute_contract_count", groups="sales_team.group_sale_salesman")

    def _compute_contract_count(self):
        """Of the contacts of the company together, as far as the reader may see them."""
        rows = self.env["sfc.contract"]._read_group([("partner_id.commercial_partner_id", "in", self.commercial_partner_id.ids)], ["partner_id"], ["__count"])
        counts = {}
        for partner, count in rows:
            counts[partner.commercial_partner_id] = counts.get(partner.commercial_partner_id, 0) + count
        for partner in self:
            partner.contract_count = counts.get(partner.commercial_partner_id, 0)

    def action_open_contracts(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("sales_full_cycle.sfc_contract_action")
        domain = [("partner_id.commercial_partner_id", "=", self.commercial_partner_id.id)]
        return {**action, "name": self.env._("Contracts of %(customer)s", customer=self.commercial_partner_id.name), "domain": domain, "context": {}}

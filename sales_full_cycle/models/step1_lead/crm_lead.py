from odoo import api, fields, models
from odoo.tools import LazyTranslate

from . import contact_channel

_lt = LazyTranslate(__name__)

# The fields that 《线索信息表》 demands (S1.4), with the name a person knows them by. A high lead gets its owner afterwards.
SHEET_FIELDS = {
    "partner_name": _lt("Customer"), "industry_id": _lt("Industry"), "contact_name": _lt("Contact"), "function": _lt("Position"),
    "contact_channel": _lt("Phone / e-mail / WeChat"), "need_summary": _lt("Initial need"), "source_id": _lt("Source"),
    "captured_at": _lt("Created"),
}


class CrmLead(models.Model):
    """线索信息表: the lead sheet (T1), its numbers and its completeness."""
    _name = "crm.lead"
    _inherit = ["crm.lead", "sfc.scored.mixin", "sfc.sla.mixin"]

    lead_number = fields.Char("Lead No.", copy=False, readonly=True, help="线索ID")
    deal_number = fields.Char("Deal No.", copy=False, readonly=True, help="商机编号")
    origin_type = fields.Selection(
        [("new", "New customer"), ("repurchase", "Repurchase"), ("tender", "Tender")], "Origin", default="new", help="商机来源")
    industry_id = fields.Many2one("res.partner.industry", index="btree_not_null", domain=[("is_listed", "=", True)], help="所属行业")
    need_summary = fields.Text("Initial need", help="初步需求描述")
    wechat = fields.Char("WeChat", index="btree_not_null")
    vat = fields.Char("Tax ID", index="btree_not_null", help="统一社会信用代码")
    budget_max = fields.Monetary("Budget", currency_field="company_currency", help="The most that the customer wants to spend, tax included.")
    referrer_partner_id = fields.Many2one(
        "res.partner", "Referred by (customer)", index="btree_not_null", help="Who sent this lead: a customer or an industry partner.")
    needs_referrer = fields.Boolean(related="source_id.needs_referrer")
    contact_channel = fields.Char(
        "Phone / e-mail / WeChat", compute="_compute_contact_channel", inverse="_inverse_contact_channel",
        help="联系方式: type any of them, separated by / or a comma.")
    is_complete = fields.Boolean("Complete", compute="_compute_is_complete", store=True, help="Every field that the lead sheet demands is there.")
    missing_information = fields.Char(compute="_compute_missing_information")
    owner_choice = fields.Selection(
        [("me", "I follow it up"), ("later", "To be assigned")], "Owner?", compute="_compute_owner_choice", inverse="_inverse_owner_choice")

    _lead_number_unique = models.UniqueIndex("(lead_number) WHERE lead_number IS NOT NULL", "This lead number is already taken.")
    _deal_number_unique = models.UniqueIndex("(deal_number) WHERE deal_number IS NOT NULL", "This deal number is already taken.")

    # === COMPUTE METHODS === #

    @api.depends("phone", "email_from", "wechat")
    def _compute_contact_channel(self):
        for lead in self:
            lead.contact_channel = contact_channel.join(lead.phone, lead.email_from, lead.wechat)

    def _inverse_contact_channel(self):
        for lead in self:
            found = contact_channel.split(lead.contact_channel)
            lead.phone, lead.email_from, lead.wechat = found["phone"], found["email"], found["wechat"]

    @api.depends("partner_name", "industry_id", "contact_name", "function", "phone", "email_from", "wechat", "need_summary",
                 "source_id", "captured_at", "referrer_partner_id")
    def _compute_is_complete(self):
        for lead in self:
            lead.is_complete = not lead._missing_fields()

    @api.depends("is_complete", "user_id")
    @api.depends_context("lang")
    def _compute_missing_information(self):
        for lead in self:
            lead.missing_information = ", ".join(lead._missing_labels())

    @api.depends("user_id")
    def _compute_owner_choice(self):
        for lead in self:
            lead.owner_choice = "me" if lead.user_id == self.env.user else "later" if not lead.user_id and lead._origin else False

    def _inverse_owner_choice(self):
        for lead in self:
            lead.user_id = self.env.user if lead.owner_choice == "me" else False

    # === COMPLETENESS === #

    def _missing_fields(self):
        """Names of the sheet's fields that are still empty; the referrer where the source asks for one."""
        self.ensure_one()
        missing = [fname for fname in SHEET_FIELDS if not self[fname]]
        if self.source_id.needs_referrer and not self.referrer_partner_id:
            missing.append("referrer_partner_id")
        return missing

    def _missing_labels(self):
        more = {"referrer_partner_id": self._fields["referrer_partner_id"]._description_string(self.env)}
        return [self.env._(SHEET_FIELDS[f]) if f in SHEET_FIELDS else more[f] for f in self._missing_fields()]

    # === CREATE AND WRITE === #

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [dict(vals) for vals in vals_list]  # a caller may repeat one dictionary
        for vals in vals_list:
            # a lead from a sheet or a fair has no title: the customer's name is one
            if not vals.get("name") and (title := vals.get("partner_name") or vals.get("contact_name") or vals.get("contact_channel")):
                vals["name"] = title
        self._give_numbers(vals_list)
        return super().create(vals_list)

    def write(self, vals):
        result = super().write(vals)
        if vals.get("type") == "opportunity" and not self._is_written_one_by_one():
            self._give_deal_numbers()
        return result

    def _written_together(self):
        self._give_deal_numbers()
        return super()._written_together()

    @api.model
    def _give_numbers(self, vals_list):
        """LX numbers for leads, SJ numbers for deals that never were a lead; numbers that are given stay, and are never given again."""
        default_type = self.default_get(["type"]).get("type")
        for kind, fname, code in (("lead", "lead_number", "sfc.lead"), ("opportunity", "deal_number", "sfc.deal")):
            self.env["ir.sequence"]._fill_numbers(
                code, fname, [vals for vals in vals_list if vals.get(fname) or vals.get("type", default_type) == kind])

    def _give_deal_numbers(self):
        """A converted lead keeps its LX number and gets a deal number."""
        deals = self.filtered(lambda lead: lead.type == "opportunity" and not lead.deal_number)
        if deals:
            for deal, number in zip(deals, self.env["ir.sequence"]._next_numbers("sfc.deal", len(deals)), strict=True):
                deal.deal_number = number

    @api.depends("lead_number", "deal_number", "name")
    @api.depends_context("sfc_show_number")
    def _compute_display_name(self):
        result = super()._compute_display_name()
        for lead in self if self.env.context.get("sfc_show_number") else ():
            number = lead.deal_number or lead.lead_number
            lead.display_name = f"{number} {lead.name}" if number else lead.name
        return result

    # === QUICK ENTRY === #

    def action_quick_save(self):
        """The dialog has saved the lead already; close it."""
        return {"type": "ir.actions.act_window_close"}

    def action_quick_next(self):
        """Save and enter the next one from the same source, as at a fair."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("sales_full_cycle.crm_lead_action_quick")
        return {**action, "context": {"default_type": "lead", "default_user_id": False, "default_source_id": self.source_id.id}}

    def action_quick_screen(self):
        return self.action_screen()

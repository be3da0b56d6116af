from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from ..common.bulk_write import bulk_update


class SfcCustomerProfile(models.Model):
    """A customer as one of our companies sees it: figures, owner, grade, cadence (design.md section 6).

    res.partner is shared by companies and visible to every employee, so none of this stands there.
    This file: identity, owner, figures. The other rules have files of their own.
    """
    _name = "sfc.customer.profile"
    _description = "Customer sheet"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "name, id"
    _rec_names_search = ["name", "customer_number"]
    _mail_post_access = "read"

    # identity
    customer_number = fields.Char("Customer No.", readonly=True, copy=False, help="客户编号")
    partner_id = fields.Many2one(
        "res.partner", "Customer", required=True, index=True, ondelete="cascade", domain=[("is_company", "=", True)],
        help="The company; its contacts and branches belong to it.")
    name = fields.Char(related="partner_id.name", store=True, index="trigram")
    active = fields.Boolean(related="partner_id.active", store=True)
    company_id = fields.Many2one("res.company", required=True, index=True, default=lambda self: self.env.company)
    currency_id = fields.Many2one(related="company_id.currency_id", store=True)
    industry_id = fields.Many2one(related="partner_id.industry_id", store=True, readonly=False, index="btree_not_null")
    phone = fields.Char(related="partner_id.phone", readonly=False)
    email = fields.Char(related="partner_id.email", readonly=False)
    source_id = fields.Many2one("utm.source", "Customer source", index="btree_not_null", domain=[("is_lead_source", "=", True)])
    product_category_id = fields.Many2one("product.category", "Product category", help="Chooses the scorecard when there is one for a product category.")

    # owner
    user_id = fields.Many2one(
        "res.users", "Owner", index="btree_not_null", tracking=True, domain=[("share", "=", False)], default=lambda self: self.env.user)
    team_id = fields.Many2one("crm.team", "Sales Team", compute="_compute_team_id", store=True, readonly=False, index="btree_not_null")
    assigned_at = fields.Datetime("Owner since", readonly=True, copy=False)
    assignment_log_ids = fields.One2many("sfc.assignment.log", "profile_id", "Assignment history", readonly=True)

    # figures (S2.1, S2.2); 0 is not known
    annual_revenue = fields.Monetary("Annual revenue", tracking=True, help="年营收, in company currency.")
    employee_count = fields.Integer("Employees", tracking=True, help="员工数量")
    expected_purchase_amount = fields.Monetary("Expected purchase a year", tracking=True, help="预计采购金额, in company currency, tax included.")

    lead_ids = fields.One2many("crm.lead", "customer_profile_id", "Deals")
    deal_count = fields.Integer("Number of deals", compute="_compute_deal_count")
    contact_count = fields.Integer("Number of contacts", compute="_compute_contact_count")
    role_ids = fields.One2many("sfc.decision.role", "profile_id", "Decision chain")
    follow_up_ids = fields.One2many("sfc.follow.up", "profile_id", "Follow-ups")

    _partner_company_unique = models.UniqueIndex("(partner_id, company_id)", "This customer has a customer sheet in this company already.")
    _number_unique = models.UniqueIndex("(customer_number) WHERE customer_number IS NOT NULL", "This customer number is already taken.")

    # === COMPUTE METHODS === #

    @api.depends("user_id")
    def _compute_team_id(self):
        """The owner's team; a customer without owner stays with the team it had, so that its leader still sees it."""
        for user, profiles in self.grouped("user_id").items():
            if user:
                profiles.team_id = self.env["crm.team"]._get_default_team_id(user_id=user.id)
            else:
                for profile in profiles:
                    profile.team_id = profile.team_id

    def _compute_deal_count(self):
        """Every deal that the reader may see, also those that are closed."""
        groups = self.env["crm.lead"].with_context(active_test=False)._read_group(
            [("customer_profile_id", "in", self.ids)], ["customer_profile_id"], ["__count"])
        counts = {profile.id: count for profile, count in groups}
        for profile in self:
            profile.deal_count = counts.get(profile.id, 0)

    def _compute_contact_count(self):
        groups = self.env["res.partner"]._read_group([("parent_id", "in", self.partner_id.ids)], ["parent_id"], ["__count"])
        counts = {partner.id: count for partner, count in groups}
        for profile in self:
            profile.contact_count = counts.get(profile.partner_id.id, 0)

    @api.constrains("partner_id")
    def _check_partner(self):
        for profile in self:
            if profile.partner_id.parent_id and profile.partner_id != profile.partner_id.commercial_partner_id:
                raise ValidationError(self.env._(
                    "%(contact)s is a contact of %(company)s. The customer is the company.",
                    contact=profile.partner_id.name, company=profile.partner_id.commercial_partner_id.name))

    # === CREATE AND WRITE === #

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [dict(vals) for vals in vals_list]
        self.env["ir.sequence"]._fill_numbers("sfc.customer", "customer_number", vals_list)
        profiles = super().create(vals_list)
        profiles._log_assignment({profile.id: self.env["res.users"] for profile in profiles if profile.user_id})
        profiles._link_deals()
        profiles._complete_new()
        return profiles

    def _complete_new(self):
        """Hook: what the rules of this step derive from new customers."""

    def write(self, vals):
        before = {profile.id: profile.user_id for profile in self if profile.user_id.id != vals["user_id"]} if "user_id" in vals else {}
        result = super().write(vals)
        self._log_assignment(before)
        return result

    def _log_assignment(self, before):
        """Note changes of owner: {profile id: owner before}. How and why come from the context (sfc_assignment: kind, note)."""
        if not before:
            return
        how = self.env.context.get("sfc_assignment") or {}
        profiles = self.browse(before)
        # sudo: the history is the system's
        self.env["sfc.assignment.log"].sudo().create([{
            "profile_id": profile.id, "kind": how.get("kind", "assigned"), "note": how.get("note"), "user_id": self.env.uid,
            "from_user_id": before[profile.id].id, "to_user_id": profile.user_id.id,
        } for profile in profiles])
        profiles.sudo().write({"assigned_at": fields.Datetime.now()})
        profiles._sync_partner_owner(before)

    def _sync_partner_owner(self, before):
        """Odoo's own salesperson of the contact follows, unless somebody chose another one there."""
        for user, profiles in self.grouped("user_id").items():
            partners = profiles.filtered(lambda p: p.partner_id.user_id in (before[p.id], self.env["res.users"])).partner_id.sudo()
            # the sheet tells its owner, the contact need not tell the same once more
            partners.filtered(lambda p: p.user_id != user).with_context(mail_auto_subscribe_no_notify=True).user_id = user

    # === BUTTONS === #

    def action_open_deals(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("crm.crm_lead_action_pipeline")
        return {
            **action, "domain": [("customer_profile_id", "=", self.id)],
            "context": {"active_test": False, "default_type": "opportunity", "default_partner_id": self.partner_id.id},
        }

    def action_open_partner(self):
        """The company with its contacts, in Odoo's own form."""
        self.ensure_one()
        return {"type": "ir.actions.act_window", "res_model": "res.partner", "res_id": self.partner_id.id, "view_mode": "form"}

    # === ON DEMAND === #

    @api.model
    def _find(self, partners, company):
        """{commercial partner: its profile in the company}, for those that have one."""
        commercial = partners.commercial_partner_id
        # sudo: whether a sheet exists must be known also to those who may not read it
        profiles = self.sudo().with_context(active_test=False).search([("partner_id", "in", commercial.ids), ("company_id", "=", company.id)])
        return {profile.partner_id: profile for profile in profiles}

    @api.model
    def _ensure(self, partners, company, owners=None):
        """Profiles of the partners' companies, made where missing; a fixed number of queries.

        :param owners: {commercial partner: user} for new profiles whose contact has no salesperson
        :return: {commercial partner: profile}, in sudo
        """
        found = self._find(partners, company)
        missing = partners.commercial_partner_id.sudo() - self.env["res.partner"].union(*found)
        if missing:
            # Two transactions that meet here: the later one fails to serialize, Odoo runs it again, and it finds the profile.
            self.env.cr.execute(SQL("UPDATE res_partner SET write_date = write_date WHERE id = ANY(%s)", missing.ids))
            owners = owners or {}
            # whoever gets the deal is told so; once more for its customer would be noise
            profiles = self.sudo().with_company(company).with_context(mail_auto_subscribe_no_notify=True).create([{
                "partner_id": partner.id, "company_id": company.id, "user_id": (partner.user_id or owners.get(partner, partner.user_id)).id,
            } for partner in missing])
            found.update(zip(missing, self.sudo().browse(profiles.ids), strict=True))
        return found

    def _absorb(self, other):
        """Take over everything of another sheet of the same company, then remove that one; called in sudo when contacts are merged."""
        self.ensure_one()
        known = {(role.contact_id, role.role) for role in self.role_ids}
        other.role_ids.filtered(lambda role: (role.contact_id, role.role) in known).unlink()
        for fname in self._absorbed_fields():
            moved, inverse = other[fname], other._fields[fname].inverse_name
            # history may not be written, and contacts move to the surviving company only after this
            bulk_update(moved, dict.fromkeys(moved.ids, (self.id,)), [inverse])
        for fname in ("annual_revenue", "employee_count", "expected_purchase_amount", "source_id", "user_id"):
            if other[fname] and not self[fname]:
                self[fname] = other[fname]
        other.message_ids.filtered(lambda message: message.message_type != "user_notification").write({"res_id": self.id})
        other.activity_ids.write({"res_id": self.id})
        number = other.customer_number
        self.env.flush_all()
        other.invalidate_recordset()
        other.unlink()
        self._message_log(body=self.env._("Merged into this one: %(numbers)s", numbers=number))

    @api.model
    def _absorbed_fields(self):
        """Hook: one2many fields whose records move to the surviving sheet."""
        return ["lead_ids", "role_ids", "follow_up_ids", "assignment_log_ids", "evaluation_ids"]

    def _link_deals(self):
        """Deals of these customers that were there before."""
        leads = self.env["crm.lead"].sudo().with_context(active_test=False).search([
            ("customer_profile_id", "=", False), ("partner_id.commercial_partner_id", "in", self.partner_id.ids)])
        self.env.add_to_compute(leads._fields["customer_profile_id"], leads)

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from .sfc_negotiation_line import TOPICS

CLAUSE_KINDS = [
    ("ours", "Our obligation"), ("theirs", "Customer's obligation"), ("breach", "Breach liability"), ("delivery", "Delivery"), ("payment", "Payment"),
    ("other", "Other"),
]
# What contracts say; it stands once a contract with it is under review or in force.
TEXT_FIELDS = {"name", "kind", "topic", "body"}
# Written by the buttons alone.
SYSTEM_FIELDS = {"version", "previous_id", "confirmed_by_id", "confirmed_on"}


class SfcClause(models.Model):
    """条款库: a clause that new contracts of some types get (S4.11, D16). A version in use is not rewritten, a new one takes its place."""
    _name = "sfc.clause"
    _description = "Clause template"
    _inherit = ["sfc.standard.mixin"]
    _order = "sequence, id"

    name = fields.Char("Title", required=True, translate=True)
    sequence = fields.Integer("No.", default=10)
    kind = fields.Selection(CLAUSE_KINDS, required=True, default="other", help="我方责任 · 客户责任 · 违约 · 交付 · 付款 · 其他")
    topic = fields.Selection(TOPICS, "Carries out", help="Which topic of the minutes this clause carries out: what is agreed about it is written here.")
    body = fields.Text("Text", required=True, translate=True, help="Names in braces, as {customer} or {amount}, are filled in from the contract.")
    type_ids = fields.Many2many("sfc.contract.type", string="Contract types", help="Empty: contracts of every type but amendments.")
    company_id = fields.Many2one("res.company", help="Empty: every company.")
    version = fields.Integer(default=1, readonly=True, copy=False)
    previous_id = fields.Many2one("sfc.clause", "Replaces", readonly=True, copy=False, index="btree_not_null", ondelete="restrict")
    active = fields.Boolean("In use", default=True)
    used_count = fields.Integer("Used in contracts", compute="_compute_used_count", help="Contracts that are not cancelled.")

    @api.depends("name", "version")
    def _compute_display_name(self):
        for clause in self:
            clause.display_name = f"{clause.name or ''} v{clause.version}" if clause.version > 1 else clause.name

    def _compute_used_count(self):
        # sudo: how many, whoever may see them
        rows = self.env["sfc.contract.clause"].sudo()._read_group(
            [("template_id", "in", self.ids), ("contract_id.state", "!=", "cancelled")], ["template_id"], ["contract_id:count_distinct"])
        counts = {template.id: count for template, count in rows}
        for clause in self:
            clause.used_count = counts.get(clause.id, 0)

    # === RIGHTS === #

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            vals_list = [{fname: value for fname, value in vals.items() if fname not in SYSTEM_FIELDS} for vals in vals_list]
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.su and SYSTEM_FIELDS & vals.keys():
            raise UserError(self.env._("Versions and confirmations are written by the buttons: use “New version” or “Confirm for our company”."))
        if TEXT_FIELDS & vals.keys():
            self._check_not_relied_on()
        return super().write(vals)

    def _check_not_relied_on(self):
        """:raises UserError: a contract under review or in force says it in these words"""
        # sudo: whoever changes the library, whatever contracts he sees
        relied_on = self.env["sfc.contract.clause"].sudo().search(
            [("template_id", "in", self.ids), ("contract_id.state", "not in", ("draft", "cancelled"))]).template_id
        if relied_on:
            raise UserError(self.env._(
                "Contracts under review or in force use %(clauses)s. Make a new version: it takes the place of this one in new contracts.",
                clauses=", ".join(relied_on.with_env(self.env).mapped("display_name"))))

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        used = self.filtered(lambda clause: self.env["sfc.contract.clause"].sudo().search_count([("template_id", "=", clause.id)], limit=1))
        if used:
            raise UserError(self.env._(
                "%(clauses)s is used in contracts and stays on record. Retire it instead.", clauses=", ".join(used.mapped("display_name"))))

    @api.model
    def _check_keeper(self):
        """Legal reviewers and sales managers keep the library."""
        user = self.env.user
        if not (self.env.su or user.has_group("sales_full_cycle.group_sfc_legal") or user.has_group("sales_team.group_sale_manager")):
            raise AccessError(self.env._("Legal reviewers and sales managers keep the clause library. Ask one of them."))

    # === VERSIONS === #

    def action_new_version(self):
        """Make the next version and retire this one; contracts keep the words that they have."""
        self.ensure_one()
        self._check_keeper()
        self.check_access("write")
        if not self.active:
            raise UserError(self.env._("This version is retired. Make a new version of the one in use, or put this one in use again."))
        new = self.sudo().copy({"version": self.version + 1, "previous_id": self.id}).sudo(self.env.su)  # sudo: the version is the system's to write
        self.active = False
        return {"type": "ir.actions.act_window", "res_model": self._name, "res_id": new.id, "views": [(False, "form")], "name": new.display_name}

    def action_retire(self):
        """New contracts get it no more."""
        self._check_keeper()
        self.check_access("write")
        self.action_archive()

    def action_confirm_standard(self):
        """The figures are samples until somebody who may has said that they fit (D16)."""
        self._check_keeper()
        self.check_access("write")
        # sudo: who confirmed and when is the system's to write
        self.sudo().write({"confirmed_by_id": self.env.uid, "confirmed_on": fields.Date.context_today(self)})

    def action_open_contracts(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("sales_full_cycle.sfc_contract_action")
        return {**action, "domain": [("clause_ids.template_id", "=", self.id), ("state", "!=", "cancelled")], "context": {}}

    # === FOR NEW CONTRACTS === #

    @api.model
    def _library(self, contract_type, company):
        """Clauses that a new contract of the type gets in the company, in their order."""
        types = [("type_ids", "=", contract_type.id)] if contract_type.is_amendment else ["|", ("type_ids", "=", False), ("type_ids", "=", contract_type.id)]
        # sudo: also who may not keep the library makes contracts with it
        return self.sudo().search([*types, ("company_id", "in", (company.id, False))])

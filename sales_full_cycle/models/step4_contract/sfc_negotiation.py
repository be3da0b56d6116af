from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from ..common.system_fields import without_defaults

SENSITIVITIES = [("high", "High"), ("medium", "Medium"), ("low", "Low")]
# Written by the buttons and the system; a person cannot claim these.
SYSTEM_FIELDS = {"number", "company_id", "author_id", "round", "state", "confirmed_by_id", "confirmed_at", "cancel_reason"}
# History that an import brings along (ahead 14).
IMPORTED_FIELDS = {"number", "round"}


class SfcNegotiation(models.Model):
    """谈判: one round of negotiation about a deal, from its preparation to the confirmed minutes (S4.1-S4.6, form T3).

    This file: the record, its number of the round, who may write it and until when. sfc_negotiation_round.py: starting, confirming and
    cancelling a round. sfc_negotiation_people.py: who takes part, and the meeting.
    """
    _name = "sfc.negotiation"
    _description = "Negotiation"
    _inherit = ["sfc.document.mixin"]
    _order = "lead_id desc, round desc, id desc"
    _rec_names_search = ["number", "lead_id.name"]
    _mail_post_access = "read"
    _number_code = "sfc.negotiation"

    lead_id = fields.Many2one("crm.lead", "Deal", required=True, index=True, ondelete="cascade", tracking=True, domain=[("type", "=", "opportunity")])
    sale_order_id = fields.Many2one(
        "sale.order", "Proposal", index="btree_not_null", ondelete="set null", tracking=True, domain="[('opportunity_id', '=', lead_id)]",
        help="What is being negotiated about.")
    partner_id = fields.Many2one("res.partner", "Customer", compute="_compute_partner_id", store=True, index="btree_not_null")
    user_id = fields.Many2one(
        "res.users", "Led by", required=True, default=lambda self: self.env.user, index=True, tracking=True, domain=[("share", "=", False)],
        help="由销售代表主导")
    team_id = fields.Many2one(related="lead_id.team_id", store=True, index="btree_not_null")
    round = fields.Integer(readonly=True, copy=False, aggregator=None, help="轮次. Counts the rounds of a deal.")
    state = fields.Selection(
        [("draft", "Draft"), ("confirmed", "Confirmed"), ("cancelled", "Cancelled")], "Status", required=True, readonly=True, default="draft", copy=False,
        index=True, tracking=True, group_expand=True, help="Confirmed minutes are frozen.")
    can_edit = fields.Boolean(compute="_compute_can_edit")

    # preparation, internal (S4.1-S4.3)
    price_sensitivity = fields.Selection(SENSITIVITIES, help="价格敏感度. Internal.")
    service_needs = fields.Text(help="服务需求. Internal.")
    concerns = fields.Text(help="决策顾虑. Internal.")
    option_ids = fields.One2many("sfc.negotiation.option", "negotiation_id", "Fallback options", copy=True, help="备选方案. Internal.")

    # minutes (S4.5, S4.6)
    line_ids = fields.One2many("sfc.negotiation.line", "negotiation_id", "Topics", copy=True)
    key_demands = fields.Text(help="客户关键诉求")
    feedback = fields.Text(copy=False, help="客户反馈")
    agreed_text = fields.Text("Agreed", copy=False, help="达成共识")
    recorder_id = fields.Many2one(
        "res.users", default=lambda self: self.env.user, copy=False, domain=[("share", "=", False)], help="记录人")
    confirmed_by_id = fields.Many2one("res.users", "Confirmed by us", readonly=True, copy=False)
    confirmed_at = fields.Datetime("Confirmed on", readonly=True, copy=False)
    cancel_reason = fields.Char("Cancelled because", readonly=True, copy=False, tracking=True)

    _number_unique = models.UniqueIndex("(company_id, number)", "This number of minutes is already taken.")
    _round_unique = models.UniqueIndex("(lead_id, round)", "This deal has that round already. Reload the page and start the round again.")

    # === COMPUTE METHODS === #

    @api.depends("lead_id.partner_id", "sale_order_id.partner_id")
    def _compute_partner_id(self):
        """Of a draft; what was confirmed names whom it was confirmed with."""
        for negotiation in self:
            if negotiation.state == "draft" or not negotiation.partner_id:
                negotiation.partner_id = (negotiation.lead_id.partner_id or negotiation.sale_order_id.partner_id).commercial_partner_id
            else:
                negotiation.partner_id = negotiation.partner_id

    @api.depends("number", "round")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for negotiation in self:
            negotiation.display_name = self.env._(
                "%(number)s (round %(round)s)", number=negotiation.number or "", round=negotiation.round) if negotiation.round else negotiation.number

    @api.depends("state")
    @api.depends_context("uid")
    def _compute_can_edit(self):
        """For the form: whoever may only read gets no buttons, and nobody writes what is frozen."""
        drafts = self._origin.filtered(lambda negotiation: negotiation.state == "draft")._filtered_access("write")
        for negotiation in self:
            negotiation.can_edit = not negotiation._origin or negotiation._origin in drafts

    # === CONSTRAINTS === #

    @api.constrains("lead_id", "sale_order_id")
    def _check_proposal(self):
        for negotiation in self.sudo():  # sudo: kind of the deal and deal of the proposal, nothing else
            if negotiation.lead_id.type != "opportunity":
                raise ValidationError(self.env._("Negotiations belong to a deal. Convert the lead %(name)s first.", name=negotiation.lead_id.name))
            order = negotiation.sale_order_id
            if order and order.opportunity_id != negotiation.lead_id:
                raise ValidationError(self.env._(
                    "The proposal %(proposal)s does not belong to %(deal)s. Choose a proposal of this deal.", proposal=order.name,
                    deal=negotiation.lead_id.name))

    # === CREATE AND WRITE === #

    @api.model_create_multi
    def create(self, vals_list):
        default = {"lead_id": self.default_get(["lead_id"]).get("lead_id")}
        vals_list = [{**default, **self._own_vals(vals)} for vals in vals_list]
        leads = self.env["crm.lead"].browse(dict.fromkeys(vals["lead_id"] for vals in vals_list if vals["lead_id"]))
        leads._check_may_negotiate()
        leads.sudo().fetch(["company_id"])  # at once: the mixin asks each for its company
        self._number_rounds(vals_list)
        negotiations = super(SfcNegotiation, without_defaults(self, SYSTEM_FIELDS)).create(vals_list).with_env(self.env)
        negotiations._check_documents(negotiations._fields)
        negotiations._check_prepared()
        leads.sudo()._sync_cycle_step()  # sudo: the step is the engine's
        negotiations._invite(dict.fromkeys(negotiations, self.env["res.users"]))
        return negotiations

    def write(self, vals):
        self._check_may_write(vals)
        invited = {negotiation: negotiation.attendee_ids for negotiation in self} if "attendee_ids" in vals else {}
        result = super().write(vals)
        self._check_documents(vals)
        self._invite(invited)
        self._move_meetings(vals)
        if "state" in vals:
            self.lead_id.sudo()._sync_cycle_step()  # sudo: see create
        return result

    def unlink(self):
        leads = self.lead_id
        result = super().unlink()
        leads.sudo().exists()._sync_cycle_step()  # sudo: see create
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_draft(self):
        kept = self.filtered(lambda negotiation: negotiation.state != "draft")
        if kept and not self.env.su:
            raise UserError(self.env._(
                "Only drafts can be deleted; these are kept as they are: %(rounds)s.", rounds=", ".join(kept.mapped("display_name"))))

    @api.model
    def _own_vals(self, vals):
        """The values that a person may give for a new round; an import also gives numbers."""
        if self.env.su:
            return vals
        kept = IMPORTED_FIELDS if self.env["crm.lead"]._is_import() else set()
        return {fname: value for fname, value in vals.items() if fname in kept or fname not in SYSTEM_FIELDS}

    @api.model
    def _number_rounds(self, vals_list):
        """Count on from the last round of each deal, cancelled ones included.

        Two at once: the second one waits and is begun again with the round of the first. An UPDATE, not a lock: only that makes PostgreSQL say
        that the second one's snapshot is too old.
        """
        lead_ids = [vals["lead_id"] for vals in vals_list if vals["lead_id"]]
        self.env.cr.execute(SQL("UPDATE crm_lead SET write_date = write_date WHERE id = ANY(%s)", lead_ids))
        # sudo: rounds that somebody else led count as well
        rows = self.sudo()._read_group(Domain("lead_id", "in", lead_ids), ["lead_id"], ["round:max"])
        last = {lead.id: number or 0 for lead, number in rows}
        for vals in vals_list:
            vals["round"] = vals.get("round") or last.get(vals["lead_id"], 0) + 1
            last[vals["lead_id"]] = max(vals["round"], last.get(vals["lead_id"], 0))

    # === WHO MAY WRITE, AND UNTIL WHEN === #

    def _check_may_write(self, vals):
        """:raises UserError: a field of the system, another deal, or a round that is frozen"""
        if self.env.su:
            return
        if (SYSTEM_FIELDS | {"lead_id"}) & vals.keys():
            raise UserError(self.env._(
                "Number, round and status of a negotiation are set by its buttons, and it stays with its deal. Change the other fields."))
        if vals.keys() - self._fields_never_frozen():
            self._check_draft()

    @api.model
    def _fields_never_frozen(self):
        """Messages and activities go on."""
        return self.env["mail.thread"]._fields.keys() | self.env["mail.activity.mixin"]._fields.keys()

    def _check_draft(self):
        """Confirmed and cancelled rounds are frozen, with all that belongs to them (S4.6); the system writes on.

        :raises UserError: one of them is no draft
        """
        frozen = self.sudo().filtered(lambda negotiation: negotiation.state != "draft")  # sudo: the status, nothing else
        if frozen and not self.env.su:
            raise UserError(self.env._(
                "%(rounds)s: minutes that are confirmed or cancelled stay as they are. Start a new round for what has changed since.",
                rounds=", ".join(frozen.mapped("display_name"))))

    def _check_documents(self, fnames):
        """A person names proposals that he may see, and people who see the deal.

        :raises AccessError: the proposal is hidden from the user
        :raises UserError: somebody could not open the deal
        """
        if self.env.su:
            return
        if "sale_order_id" in fnames:
            self.sale_order_id.check_access("read")
        if not {"user_id", "attendee_ids"}.isdisjoint(fnames):
            self._check_people({(person, negotiation.lead_id) for negotiation in self for person in negotiation.user_id | negotiation.attendee_ids})

    # === WHERE THEY ARE SHOWN === #

    @api.model
    def _action_of(self, domain, name):
        """The rounds of one deal or proposal."""
        action = self.env["ir.actions.act_window"]._for_xml_id("sales_full_cycle.sfc_negotiation_action")
        return {**action, "name": name, "domain": domain, "context": {}}

    def _open(self):
        self.ensure_one()
        return {"type": "ir.actions.act_window", "name": self.display_name, "res_model": self._name, "res_id": self.id, "views": [(False, "form")]}

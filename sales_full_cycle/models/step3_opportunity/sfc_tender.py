from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

METHODS = [
    ("open", "Open tender"), ("invited", "Invited tender"), ("negotiation", "Competitive negotiation"), ("consultation", "Competitive consultation"),
    ("inquiry", "Inquiry"), ("single_source", "Single source"),
]
RESULTS = [("won", "Bid won"), ("lost", "Not won"), ("failed", "Failed tender"), ("void", "Void bid"), ("withdrawn", "Bid withdrawn")]
STATES = [("preparing", "Preparing"), ("submitted", "Submitted"), ("opened", "Opened"), ("decided", "Decided")]
# Deadlines that are still ahead in each state.
PENDING_DEADLINES = {"preparing": ("document_deadline", "clarification_deadline", "bid_deadline"), "submitted": ("opening_at",)}
DEADLINES = (*PENDING_DEADLINES["preparing"], *PENDING_DEADLINES["submitted"])
# Written by whoever decides about the tender alone: the result, and who else may record it.
DECISION = {"result", "result_reason_id", "result_note", "decided_on", "tech_user_id", "commercial_user_id"}
NEEDS_REASON = {"won", "lost", "void"}
# What the open activities are derived from.
ACTIVITY_FACTS = {
    *DEADLINES, "result", "submitted_at", "opening_record", "deposit_return_due", "deposit_returned_on", "contract_date", "tech_user_id", "bidder_ids"}
DEPOSIT_SHARE = 0.02
RETURN_AFTER_CONTRACT, RETURN_AFTER_OPENING = timedelta(days=5), timedelta(days=45)


class SfcTender(models.Model):
    """招投标登记: the tender workspace of a deal, one for each (S0.11, T4b, ahead 12, D20).

    This file: the record, its state, and who may say how it ended. sfc_tender_activities.py: checklist, deadlines and deposit in time.
    """
    _name = "sfc.tender"
    _description = "Tender"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "bid_deadline desc, id desc"
    _rec_names_search = ["number", "issuer_number", "name"]
    _mail_post_access = "read"

    number = fields.Char("No.", readonly=True, copy=False, help="登记编号")
    lead_id = fields.Many2one(
        "crm.lead", "Deal", required=True, ondelete="cascade", domain=[("type", "=", "opportunity"), ("tender_ids", "=", False)])
    name = fields.Char("Project", related="lead_id.name", store=True)
    partner_id = fields.Many2one(related="lead_id.partner_id", store=True, string="Customer")
    user_id = fields.Many2one(related="lead_id.user_id", store=True, index=True, string="Owner")
    team_id = fields.Many2one(related="lead_id.team_id", store=True, string="Team")
    company_id = fields.Many2one(related="lead_id.company_id", store=True, index=True)
    currency_id = fields.Many2one("res.currency", compute="_compute_currency_id", store=True)
    deal_won_status = fields.Selection(related="lead_id.won_status", string="Won or lost")
    deal_active = fields.Boolean(related="lead_id.active", string="Deal is active")

    # what is put out to tender
    issuer_number = fields.Char("Tender no.", tracking=True, help="招标编号: of the issuer.")
    issuer_id = fields.Many2one("res.partner", tracking=True, domain=[("is_company", "=", True)], help="招标单位")
    agency_id = fields.Many2one("res.partner", tracking=True, domain=[("is_company", "=", True)], help="代理机构")
    method = fields.Selection(METHODS, default="open", tracking=True, help="招标方式")
    budget = fields.Monetary(tracking=True, help="预算金额")

    # deadlines
    document_deadline = fields.Datetime("Documents until", tracking=True, help="购买文件截止")
    clarification_deadline = fields.Datetime("Questions until", tracking=True, help="澄清截止")
    bid_deadline = fields.Datetime("Bid deadline", tracking=True, index=True, help="投标截止")
    opening_at = fields.Datetime("Opening", tracking=True, help="开标时间")
    opening_place = fields.Char("Opening place", help="开标地点")
    next_deadline = fields.Datetime("Next deadline", compute="_compute_next_deadline")
    next_deadline_name = fields.Char("What is next", compute="_compute_next_deadline")
    days_left = fields.Integer("Days left", compute="_compute_next_deadline", aggregator=None)

    # deposit
    deposit_amount = fields.Monetary("Deposit", tracking=True, help="投标保证金")
    deposit_paid_on = fields.Date("Deposit paid on", tracking=True)
    contract_date = fields.Date("Contract signed on", tracking=True)
    deposit_return_due = fields.Date(
        "Deposit back by", compute="_compute_deposit_return_due", store=True, readonly=False, tracking=True,
        help="应退日期: 5 days after the contract, else 45 days after the opening.")
    deposit_returned_on = fields.Date("Deposit returned on", tracking=True, help="退还日期")
    deposit_is_high = fields.Boolean(compute="_compute_deposit_is_high")

    # who prepares what
    tech_user_id = fields.Many2one("res.users", "Technical lead", tracking=True, domain=[("share", "=", False)], help="技术负责人")
    commercial_user_id = fields.Many2one("res.users", "Commercial lead", tracking=True, domain=[("share", "=", False)], help="商务负责人")
    qualification = fields.Text("Qualification preparation", help="资质准备")
    task_ids = fields.One2many("sfc.tender.task", "tender_id", "Checklist")
    open_task_count = fields.Integer("Open lines", compute="_compute_open_task_count")
    question_ids = fields.One2many("sfc.tender.question", "tender_id", "Clarification questions")

    # bids, opening and result
    bidder_ids = fields.One2many("sfc.tender.bidder", "tender_id", "Bidders")
    our_offer = fields.Monetary("Our offer", compute="_compute_our_offer", inverse="_inverse_our_offer", store=True, help="我方报价")
    submitted_at = fields.Datetime("Submitted at", copy=False, tracking=True)
    opening_record = fields.Text("Opening record", help="开标记录")
    result = fields.Selection(RESULTS, copy=False, tracking=True, help="中标 · 未中标 · 流标 · 废标 · 弃标")
    result_reason_id = fields.Many2one(
        "sfc.reason", "Why", copy=False, tracking=True, ondelete="restrict", domain=[("kind", "=", "tender")], help="中标/失标原因")
    result_note = fields.Text("About the result", copy=False)
    decided_on = fields.Date("Decided on", copy=False, tracking=True)
    state = fields.Selection(STATES, compute="_compute_state", store=True, group_expand=True, tracking=True)
    may_decide = fields.Boolean(compute="_compute_may_decide")
    next_step = fields.Char("Next step", compute="_compute_next_step")

    _number_unique = models.UniqueIndex("(number) WHERE number IS NOT NULL", "This tender number is already taken.")
    _one_per_deal = models.UniqueIndex("(lead_id)", "This deal has a tender workspace already. Open it from the deal.")

    # === COMPUTE METHODS === #

    @api.depends("number", "name")
    def _compute_display_name(self):
        for tender in self:
            tender.display_name = " ".join(filter(None, (tender.number, tender.name)))

    @api.depends("company_id")
    def _compute_currency_id(self):
        for tender in self:
            tender.currency_id = tender._company().currency_id

    @api.depends(*DEADLINES, "state")
    @api.depends_context("lang")
    def _compute_next_deadline(self):
        """The next one that is ahead; when all have passed, the last one, which is overdue."""
        now = fields.Datetime.now()
        for tender in self:
            moments = [(tender[fname], fname) for fname in PENDING_DEADLINES.get(tender.state, ()) if tender[fname]]
            ahead = [found for found in moments if found[0] >= now]
            moment, fname = min(ahead) if ahead else max(moments, default=(False, None))
            company = tender._company()
            tender.next_deadline = moment
            tender.next_deadline_name = fname and tender._fields[fname]._description_string(self.env)
            tender.days_left = (company._local_date(moment) - company._local_date()).days if moment else 0

    @api.depends("contract_date", "opening_at", "bid_deadline", "company_id")
    def _compute_deposit_return_due(self):
        for tender in self:
            opening = tender.opening_at or tender.bid_deadline
            if tender.contract_date:
                tender.deposit_return_due = tender.contract_date + RETURN_AFTER_CONTRACT
            else:
                tender.deposit_return_due = opening and tender._company()._local_date(opening) + RETURN_AFTER_OPENING

    @api.depends("deposit_amount", "budget")
    def _compute_deposit_is_high(self):
        for tender in self:
            limit = tender.budget * DEPOSIT_SHARE
            tender.deposit_is_high = bool(limit) and tender.currency_id.compare_amounts(tender.deposit_amount, limit) > 0

    @api.depends("task_ids.is_open")
    def _compute_open_task_count(self):
        counts = dict(self.env["sfc.tender.task"]._read_group([("tender_id", "in", self.ids), ("is_open", "=", True)], ["tender_id"], ["__count"]))
        for tender in self:
            tender.open_task_count = counts.get(tender._origin, 0)

    @api.depends("bidder_ids.price", "bidder_ids.is_us")
    def _compute_our_offer(self):
        for tender in self:
            tender.our_offer = tender._us().price

    def _inverse_our_offer(self):
        for tender in self:
            offer = tender.our_offer
            tender._ensure_us()
            tender._us().price = offer

    @api.depends("result", "opening_record", "submitted_at", "bidder_ids.score")
    def _compute_state(self):
        for tender in self:
            if tender.result:
                tender.state = "decided"
            elif (tender.opening_record or "").strip() or any(tender.bidder_ids.mapped("score")):
                tender.state = "opened"
            else:
                tender.state = "submitted" if tender.submitted_at else "preparing"

    @api.depends("user_id", "team_id.user_id", "tech_user_id", "commercial_user_id")
    @api.depends_context("uid")
    def _compute_may_decide(self):
        deciding = self._decided_by(self.env.user)
        for tender in self:
            tender.may_decide = not tender._origin or tender in deciding

    @api.depends("state", "bid_deadline", "result", "deal_won_status", "deal_active")
    @api.depends_context("lang")
    def _compute_next_step(self):
        """The next thing to do, in one sentence; what Odoo has a button for waits for a person to press it."""
        texts = {
            "deadline": self.env._("Fill in the bid deadline: the checklist gets its dates from it."),
            "won": self.env._("Won. Agree the contract with the customer, then mark the deal as won."),
            "lost": self.env._("The deal is still open: mark it as lost, or note on it why it goes on."),
            "failed": self.env._("The tender failed; the deal stays open. When it is put out again, reopen this workspace and move the deadlines."),
        }
        for tender in self:
            tender.next_step = texts.get(tender._next_step_key())

    def _next_step_key(self):
        if self.state == "preparing" and not self.bid_deadline:
            return "deadline"
        if not self.result or not self.deal_active or self.deal_won_status != "pending":
            return None
        return self.result if self.result in ("won", "failed") else "lost"

    # === CONSTRAINTS === #

    @api.constrains(*DEADLINES)
    def _check_deadlines(self):
        for tender in self:
            bid = tender.bid_deadline
            late = [fname for fname in ("document_deadline", "clarification_deadline") if bid and tender[fname] and tender[fname] > bid]
            gaps = [self.env._("%(deadline)s cannot be after the bid deadline.", deadline=tender._fields[f]._description_string(self.env)) for f in late]
            if bid and tender.opening_at and tender.opening_at < bid:
                gaps.append(self.env._("The bids cannot be opened before the bid deadline."))
            if gaps:
                raise ValidationError("\n".join(gaps))

    @api.constrains("budget", "deposit_amount", "deposit_paid_on", "deposit_returned_on")
    def _check_deposit(self):
        for tender in self:
            if min(tender.budget, tender.deposit_amount) < 0:
                raise ValidationError(self.env._("Budget and deposit cannot be negative."))
            if tender.deposit_returned_on and tender.deposit_paid_on and tender.deposit_returned_on < tender.deposit_paid_on:
                raise ValidationError(self.env._("The deposit cannot be returned before it was paid."))

    @api.constrains("result", "result_reason_id")
    def _check_result(self):
        for tender in self:
            if tender.result in NEEDS_REASON and not tender.result_reason_id:
                raise ValidationError(self.env._("Say why the tender ended so: choose a reason."))
            if tender.result_reason_id and tender.result_reason_id.kind != "tender":
                raise ValidationError(self.env._("Choose a reason of the kind 'Result of a tender'."))

    @api.constrains("lead_id")
    def _check_lead(self):
        for tender in self.sudo():  # sudo: the kind of the deal, nothing else
            if tender.lead_id.type != "opportunity":
                raise ValidationError(self.env._("A tender belongs to a deal. Convert the lead %(name)s first.", name=tender.lead_id.name))

    # === CREATE AND WRITE === #

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [self._own_vals(vals) for vals in vals_list]
        leads = self.env["crm.lead"].browse(dict.fromkeys(vals["lead_id"] for vals in vals_list if vals["lead_id"]))
        leads.check_access("write")
        for vals in vals_list:
            self._complete_vals(vals, leads)
        self.env["ir.sequence"]._fill_numbers("sfc.tender", "number", vals_list)
        tenders = super().create(vals_list)
        tenders._check_new_result()
        tenders._ensure_us()
        leads.filtered(lambda lead: lead.origin_type != "tender").origin_type = "tender"
        tenders._fill_checklists()
        tenders._sync_activities()
        return tenders

    def write(self, vals):
        self._check_write(vals)
        before = self._people_by_tender() if "tech_user_id" in vals else None
        if vals.get("result") and "decided_on" not in vals and not self._is_silent():
            vals = {**vals, "decided_on": fields.Date.context_today(self)}
        result = super().write(vals)
        if before:
            self._people_changed(before)
        if vals.get("deposit_returned_on"):
            self._deposit_returned()
        if not ACTIVITY_FACTS.isdisjoint(vals):
            self._sync_activities()
        return result

    @api.model
    def _own_vals(self, vals):
        """A person gives no number; an import does (ahead 14). The deal may come from the context."""
        is_known = self.env.su or self.env["crm.lead"]._is_import()
        own = {fname: value for fname, value in vals.items() if is_known or fname != "number"}
        return {"lead_id": self.default_get(["lead_id"]).get("lead_id"), **own}

    @api.model
    def _complete_vals(self, vals, leads):
        """What the deal knows already needs no typing."""
        lead = leads.browse(vals.get("lead_id"))
        vals.setdefault("issuer_id", lead.partner_id.commercial_partner_id.id)
        vals.setdefault("commercial_user_id", lead.user_id.id)
        if lead.budget_max:
            vals.setdefault("budget", lead.budget_max)
        if vals.get("result") and not vals.get("decided_on") and not self._is_silent():
            vals["decided_on"] = fields.Date.context_today(self)

    def _check_new_result(self):
        self.filtered("result")._check_may_decide()

    def _check_write(self, vals):
        """:raises AccessError: a result, or who records it, from somebody who may not decide
        :raises UserError: the workspace shall move to another deal, or its number change
        """
        if self.env.su:
            return
        if {"lead_id", "number"} & vals.keys():
            raise UserError(self.env._("A tender workspace stays with its deal and keeps its number."))
        if not DECISION.isdisjoint(vals):
            self._check_may_decide()

    # === BIDDERS === #

    def _us(self):
        return self.bidder_ids.filtered("is_us")

    def _ensure_us(self):
        """Exactly one bidder is us (T4b); the unique index sees to 'at most'."""
        missing = self.filtered(lambda tender: not tender._us())
        self.env["sfc.tender.bidder"].create([{
            "tender_id": tender.id, "is_us": True, "partner_id": tender._company().sudo().partner_id.id} for tender in missing])

    def _company(self):
        """The company of the deal; one without belongs to whoever works on it."""
        return self.company_id or self.env.company

    # === WHO DECIDES === #

    def _decided_by(self, user):
        """Tenders of self whose result the user may record: owner, named leads, leader of the team, sales managers."""
        if self.env.su or user._has_group("sales_team.group_sale_manager"):
            return self
        return self.filtered(lambda tender: user in (
            tender.user_id | tender.team_id.sudo().user_id | tender.tech_user_id | tender.commercial_user_id))  # sudo: who leads the team

    def _check_may_decide(self):
        if self._decided_by(self.env.user) != self:
            raise AccessError(self.env._(
                "Results and leads of a tender are entered by the owner of the deal, the technical or commercial lead, the leader of the team, "
                "or a sales manager."))

    def _record_result(self, result, reason=None, note=None, decided_on=None):
        """How it ended; write() checks who says so."""
        self.write({
            "result": result, "result_reason_id": reason and reason.id, "result_note": note,
            "decided_on": decided_on or fields.Date.context_today(self)})

    # === ACTIONS === #

    def action_submitted(self):
        """The bid is in the issuer's hands.

        :raises UserError: it was submitted already
        """
        self.check_access("write")
        if self.filtered(lambda tender: tender.state != "preparing"):
            raise UserError(self.env._("This bid was submitted already."))
        self.write({"submitted_at": fields.Datetime.now()})

    def action_record_result(self):
        """The dialog that asks for result and reason."""
        self.ensure_one()
        self.check_access("write")
        self._check_may_decide()
        return {
            "type": "ir.actions.act_window", "res_model": "sfc.tender.result", "view_mode": "form", "target": "new", "name": self.env._("Result of the tender"),
            "context": {
                "default_tender_id": self.id, "default_result": self.result, "default_reason_id": self.result_reason_id.id,
                "default_note": self.result_note, **({"default_decided_on": self.decided_on} if self.decided_on else {})}}

    def action_reopen(self):
        """The result was a mistake, or a failed tender is put out again."""
        self.check_access("write")
        self.write({"result": False, "result_reason_id": False, "result_note": False, "decided_on": False})

    def action_mark_deal_lost(self):
        """Odoo's own dialog, with the reason filled in; a person decides (ahead 12).

        :raises UserError: the deal is closed, or the result is none that ends it
        """
        self.ensure_one()
        self._check_next_step("lost")
        action = self.env["ir.actions.act_window"]._for_xml_id("crm.crm_lead_lost_action")
        reason = self.env.ref("sales_full_cycle.lost_reason_tender_not_won", raise_if_not_found=False)
        offered = reason if reason and self.result in ("lost", "void") else self.env["crm.lost.reason"]
        return {**action, "context": {"default_lead_ids": self.lead_id.ids, "default_lost_reason_id": offered.id, "dialog_size": "medium"}}

    def action_mark_deal_won(self):
        """Odoo's own way to win a deal, with whatever guards it.

        :raises UserError: the deal is closed, or the tender was not won
        """
        self.ensure_one()
        self._check_next_step("won")
        return self.lead_id.action_set_won_rainbowman() or True

    def _check_next_step(self, key):
        self.lead_id.check_access("write")
        if self._next_step_key() != key:
            raise UserError(self.env._("Record the result of the tender first; the deal must still be open."))

    def action_open_deal(self):
        self.ensure_one()
        self.lead_id.check_access("read")
        return {"type": "ir.actions.act_window", "res_model": "crm.lead", "res_id": self.lead_id.id, "view_mode": "form", "name": self.env._("Deal")}

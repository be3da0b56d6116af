from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError

TOPICS = [
    ("price", "Price"), ("payment", "Payment"), ("delivery", "Delivery standard"), ("breach", "Breach liability"), ("warranty", "Warranty and service"),
    ("other", "Other"),
]
OUTCOMES = [("agreed", "Agreed"), ("open", "Unsettled"), ("dropped", "Dropped")]
WORDS = ("our_position", "customer_position", "result")


class SfcNegotiationLine(models.Model):
    """One topic of a negotiation: both positions, what came of it, who does what next (S4.5, D15).

    Frozen with its round. A line that is open when the minutes are confirmed is an activity on the deal, until it is done or taken up in the next round.
    """
    _name = "sfc.negotiation.line"
    _description = "Topic of a negotiation"
    _order = "negotiation_id, sequence, id"
    _rec_name = "topic"

    negotiation_id = fields.Many2one("sfc.negotiation", required=True, index=True, ondelete="cascade")
    sequence = fields.Integer(default=10)
    topic = fields.Selection(TOPICS, required=True, default="price", help="价格 · 付款方式 · 交付标准 · 违约责任 · 质保与服务 · 其他")
    our_position = fields.Text(help="我方立场")
    customer_position = fields.Text(help="客户立场")
    outcome = fields.Selection(OUTCOMES, required=True, default="open", help="达成 · 未决 · 放弃")
    result = fields.Text("Agreed text", help="结果. What was agreed, in the words that the contract takes over.")
    responsible_id = fields.Many2one("res.users", index="btree_not_null", domain=[("share", "=", False)], help="责任人")
    due_date = fields.Date("Due", help="期限")
    company_id = fields.Many2one(related="negotiation_id.company_id", store=True)
    previous_line_id = fields.Many2one(
        "sfc.negotiation.line", "Left open in", readonly=True, copy=False, index="btree_not_null", ondelete="set null", groups=fields.NO_ACCESS,
        help="Set when a new round takes it up.")

    # === CREATE AND WRITE === #

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines.negotiation_id._check_draft()
        lines._check_responsible()
        return lines

    def write(self, vals):
        self.negotiation_id._check_draft()
        if "negotiation_id" in vals and not self.env.su:
            raise UserError(self.env._("A topic stays in its round. Add it to the other one."))
        result = super().write(vals)
        if "responsible_id" in vals:
            self._check_responsible()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_frozen(self):
        self.negotiation_id._check_draft()

    def _check_responsible(self):
        """:raises UserError: whoever is responsible could not open the deal"""
        if not self.env.su:
            self.negotiation_id._check_people({(line.responsible_id, line.negotiation_id.lead_id) for line in self})

    # === MINUTES === #

    def _says_something(self):
        """What was prepared and not talked about is no part of the minutes."""
        return any((self[fname] or "").strip() for fname in WORDS) or self.outcome != "open"

    def _gaps(self):
        """What the line lacks to be confirmed, as sentences."""
        topic = self._topic_label()
        if self.outcome == "agreed" and not (self.result or "").strip():
            return [self.env._("%(topic)s is agreed: write down what was agreed.", topic=topic)]
        if self.outcome == "open" and not (self.responsible_id and self.due_date):
            return [self.env._("%(topic)s is open: say who does the next step, and until when.", topic=topic)]
        return []

    def _topic_label(self, lang=None):
        env = self.with_context(lang=lang).env if lang else self.env
        return dict(self._fields["topic"]._description_selection(env))[self.topic]

    def _prepare_next_line(self):
        return {
            "sequence": self.sequence, "topic": self.topic, "our_position": self.our_position, "customer_position": self.customer_position,
            "responsible_id": self.responsible_id.id, "due_date": self.due_date}

    # === ACTIVITIES === #

    def _settle(self):
        """The minutes are confirmed: what was open in the round before is taken up here, and what is open here is somebody's activity; `self` in sudo."""
        if self.env["crm.lead"]._is_import():
            return
        earlier = self.env["mail.activity"].search([("sfc_negotiation_line_id", "in", self.previous_line_id.ids)])
        for negotiation in self.negotiation_id:
            taken_up = earlier.filtered(lambda activity, negotiation=negotiation: activity.sfc_negotiation_line_id in negotiation.line_ids.previous_line_id)
            if taken_up:
                taken_up._action_done(feedback=self.env._("Taken up in %(round)s.", round=negotiation.display_name))
        open_lines = self.filtered(lambda line: line.outcome == "open" and line.responsible_id.active)
        # no mail for each: people find them in their activity menu
        self.env["mail.activity"].with_context(mail_activity_quick_update=True).create([line._prepare_activity_vals() for line in open_lines])

    def _prepare_activity_vals(self):
        """On the deal: whoever is responsible sees it, and it changes hands with the deal."""
        lang = self.responsible_id.lang
        return {
            "res_model_id": self.env["ir.model"]._get_id("crm.lead"), "res_id": self.negotiation_id.lead_id.id, "sfc_negotiation_line_id": self.id,
            "activity_type_id": self.env["ir.model.data"]._xmlid_to_res_id("mail.mail_activity_data_todo"), "automated": True,
            "user_id": self.responsible_id.id, "date_deadline": self.due_date, "note": self._positions_in_words(lang),
            "summary": self.with_context(lang=lang).env._(
                "Negotiation %(number)s: %(topic)s", number=self.negotiation_id.number, topic=self._topic_label(lang))}

    def _positions_in_words(self, lang):
        line = self.with_context(lang=lang)
        labels = {fname: line._fields[fname]._description_string(line.env) for fname in ("customer_position", "our_position")}
        return Markup("<br/>").join(f"{label}: {self[fname]}" for fname, label in labels.items() if self[fname])

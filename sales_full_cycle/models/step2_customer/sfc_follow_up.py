from odoo import api, fields, models

KINDS = [
    ("daily", "Daily"), ("need", "Needs"), ("first_visit", "First visit"), ("satisfaction", "Satisfaction"), ("value_service", "Value service"),
    ("complaint", "Complaint"),
]
# 深度沟通 (D7)
DEEP_METHODS = {"call", "visit", "online"}
DEEP_LENGTH = 20
METHODS = [("call", "Call"), ("visit", "Visit"), ("online", "Online meeting"), ("wechat", "WeChat"), ("email", "E-mail"), ("survey", "Questionnaire")]


class SfcFollowUp(models.Model):
    """客户跟进记录表: one contact with a customer (S2.7, S5.9, T5)."""
    _name = "sfc.follow.up"
    _description = "Follow-up Record"
    _inherit = ["mail.thread"]
    _order = "done_at desc, id desc"
    _rec_name = "number"
    _mail_post_access = "read"

    number = fields.Char("No.", readonly=True, copy=False, help="记录编号")
    profile_id = fields.Many2one("sfc.customer.profile", "Customer", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="profile_id.company_id", store=True, index=True)
    partner_id = fields.Many2one(related="profile_id.partner_id", store=True, index=True, string="Customer company")
    contact_ids = fields.Many2many("res.partner", "sfc_follow_up_contact_rel", "follow_up_id", "contact_id", "Contacts")
    lead_id = fields.Many2one("crm.lead", "Deal", index="btree_not_null", ondelete="set null")
    grade_id = fields.Many2one(
        "sfc.grade", compute="_compute_grade_id", store=True, precompute=True, readonly=True, copy=False, help="Of the customer at that time.")
    done_at = fields.Datetime("Date", required=True, default=fields.Datetime.now, index=True, help="跟进日期")
    kind = fields.Selection(KINDS, "Type", required=True, default="daily")
    method = fields.Selection(METHODS, required=True, default="call")
    is_deep = fields.Boolean(
        "Deep contact", compute="_compute_is_deep", store=True,
        help="深度沟通: a call, visit or online meeting with somebody who has a decision role, with at least 20 characters noted.")
    user_id = fields.Many2one("res.users", "By", required=True, default=lambda self: self.env.user, index=True, help="跟进人")
    author_id = fields.Many2one("res.users", "Entered by", readonly=True, default=lambda self: self.env.user)
    active = fields.Boolean(default=True)

    # what was said
    content = fields.Text(tracking=True, help="跟进内容")
    usage_feedback = fields.Text("Use and feedback", tracking=True)
    need_change = fields.Text("Need change", tracking=True)
    commitment = fields.Text("Our commitment", tracking=True)
    open_issues = fields.Text("Open issues", tracking=True)
    repurchase_chance = fields.Selection([("yes", "Yes"), ("maybe", "Maybe"), ("no", "No")], "Repurchase chance", tracking=True)

    # satisfaction, 1 to 5; 0 is not asked
    score_function = fields.Integer("Product function", tracking=True)
    score_service = fields.Integer("Service quality", tracking=True)
    score_speed = fields.Integer("Response speed", tracking=True)
    satisfaction = fields.Float("Overall satisfaction", compute="_compute_satisfaction", store=True, digits=(3, 2), aggregator="avg")

    # next step
    next_step = fields.Char("Next step", tracking=True)
    next_user_id = fields.Many2one("res.users", "Next step by", tracking=True)
    next_date = fields.Date("Next date", tracking=True)

    @api.depends()
    def _compute_grade_id(self):
        """A snapshot: depends on nothing, so that it stays when the customer is graded again."""
        for record in self:
            record.grade_id = record.profile_id.grade_id

    @api.depends("method", "content", "contact_ids", "profile_id")
    def _compute_is_deep(self):
        for record in self:
            is_said = len((record.content or "").strip()) >= DEEP_LENGTH
            people = record.contact_ids._origin & record.profile_id.role_ids.contact_id._origin
            record.is_deep = record.method in DEEP_METHODS and is_said and bool(people)

    @api.depends("score_function", "score_service", "score_speed")
    def _compute_satisfaction(self):
        for record in self:
            given = [score for score in (record.score_function, record.score_service, record.score_speed) if score]
            record.satisfaction = sum(given) / len(given) if given else 0

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        records.profile_id._refresh_cadence()
        return records

    def write(self, vals):
        profiles = self.profile_id
        result = super().write(vals)
        (profiles | self.profile_id)._refresh_cadence()
        return result

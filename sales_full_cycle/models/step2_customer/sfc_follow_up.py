from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL

KINDS = [
    ("daily", "Daily"), ("need", "Needs"), ("first_visit", "First visit"), ("satisfaction", "Satisfaction"), ("value_service", "Value service"),
    ("complaint", "Complaint"),
]
METHODS = [("call", "Call"), ("visit", "Visit"), ("online", "Online meeting"), ("wechat", "WeChat"), ("email", "E-mail"), ("survey", "Questionnaire")]
# 深度沟通 (D7)
DEEP_METHODS = {"call", "visit", "online"}
DEEP_LENGTH = 20
SCORES = ("score_function", "score_service", "score_speed")
# A clock on a phone may be a little fast.
CLOCK_TOLERANCE = timedelta(minutes=5)
# What the rhythm of a customer and the last contact of a person are derived from.
CONTACT_FACTS = {"done_at", "content", "contact_ids", "method", "active", "profile_id"}
# Written by the product alone; a person who writes a record cannot claim these.
SYSTEM_FIELDS = {"number", "grade_id", "author_id", "activity_id", "next_activity_id"}


class SfcFollowUp(models.Model):
    """客户跟进记录表: one contact with a customer (S2.7, S5.9, T5).

    This file: the record and who may write it. sfc_follow_up_effects.py: what follows from it.
    """
    _name = "sfc.follow.up"
    _description = "Follow-up Record"
    _inherit = ["mail.thread"]
    _order = "done_at desc, id desc"
    _rec_name = "number"
    _mail_post_access = "read"

    number = fields.Char("Record no.", readonly=True, copy=False)
    profile_id = fields.Many2one("sfc.customer.profile", "Customer", required=True, index=True, ondelete="restrict", tracking=True)
    company_id = fields.Many2one(related="profile_id.company_id", store=True, index=True)
    partner_id = fields.Many2one(related="profile_id.partner_id", store=True, index=True, string="Customer company")
    contact_ids = fields.Many2many("res.partner", "sfc_follow_up_contact_rel", "follow_up_id", "contact_id", "Contacts", tracking=True)
    lead_id = fields.Many2one("crm.lead", "Deal", index="btree_not_null", ondelete="set null", tracking=True)
    grade_id = fields.Many2one("sfc.grade", readonly=True, copy=False, help="Of the customer at that time: it stays when the customer is graded again.")
    done_at = fields.Datetime("Follow-up date", required=True, default=fields.Datetime.now, index=True, tracking=True)
    kind = fields.Selection(KINDS, "Follow-up type", required=True, default="daily", tracking=True)
    method = fields.Selection(METHODS, "Follow-up method", required=True, default="call", tracking=True)
    is_deep = fields.Boolean(
        "Deep contact", compute="_compute_is_deep", store=True,
        help="深度沟通: a call, visit or online meeting with somebody who has a decision role, with at least 20 characters noted.")
    user_id = fields.Many2one(
        "res.users", "By", required=True, default=lambda self: self.env.user, index=True, tracking=True, domain=[("share", "=", False)], help="跟进人")
    author_id = fields.Many2one("res.users", "Entered by", readonly=True, copy=False, default=lambda self: self.env.user)
    can_correct = fields.Boolean(compute="_compute_can_correct")
    active = fields.Boolean(default=True, tracking=True)

    # what was said
    content = fields.Text("Follow-up content", tracking=True)
    usage_feedback = fields.Text("Use and feedback", tracking=True)
    need_change = fields.Text("Need change", tracking=True)
    commitment = fields.Text("Our commitment", tracking=True)
    open_issues = fields.Text("Open issues", tracking=True)
    repurchase_chance = fields.Selection([("yes", "Yes"), ("maybe", "Maybe"), ("no", "No")], "Repurchase chance", tracking=True)

    # satisfaction, 1 to 5; 0 is not asked
    score_function = fields.Integer("Product function", tracking=True, aggregator="avg")
    score_service = fields.Integer("Service quality", tracking=True, aggregator="avg")
    score_speed = fields.Integer("Response speed", tracking=True, aggregator="avg")
    satisfaction = fields.Float("Overall satisfaction", compute="_compute_satisfaction", store=True, digits=(3, 2), aggregator="avg")

    # next step
    next_step = fields.Char("Next step", tracking=True)
    next_user_id = fields.Many2one("res.users", "Next step by", tracking=True, domain=[("share", "=", False)], help="Nobody: who did this one.")
    next_date = fields.Date("Next date", tracking=True)
    next_activity_id = fields.Many2one("mail.activity", "Activity of the next step", readonly=True, copy=False, index="btree_not_null", ondelete="set null")

    # the activity that this contact finished
    activity_id = fields.Many2one("mail.activity", "Finished activity", readonly=True, copy=False, ondelete="set null")
    activity_summary = fields.Char(related="activity_id.summary", string="Activity")

    _number_unique = models.UniqueIndex("(number) WHERE number IS NOT NULL", "This record number is already taken.")
    _one_per_activity = models.UniqueIndex("(activity_id) WHERE activity_id IS NOT NULL", "This activity has a follow-up record already.")

    # === COMPUTE METHODS === #

    @api.depends("method", "content", "contact_ids", "profile_id")
    def _compute_is_deep(self):
        """D7. A contact stays deep when the person's role ends later; a role that is entered later makes it deep (sfc.decision.role)."""
        for record in self:
            words = (record.content or "").strip()
            is_said = len(words) >= DEEP_LENGTH and words != (record.activity_id.summary or "").strip()  # the plan of a talk is not what was said
            people = record.contact_ids._origin & record.profile_id.role_ids.contact_id._origin
            record.is_deep = record.method in DEEP_METHODS and is_said and bool(people)

    @api.depends("user_id", "author_id")
    @api.depends_context("uid")
    def _compute_can_correct(self):
        for record in self:
            record.can_correct = not record._origin or self.env.user in (record.user_id | record.author_id)

    @api.depends(*SCORES)
    def _compute_satisfaction(self):
        for record in self:
            given = [record[fname] for fname in SCORES if record[fname]]
            record.satisfaction = sum(given) / len(given) if given else 0

    def _read_group_select(self, aggregate_spec, query):
        """Averages of scores are those of the customers who were asked."""
        fname, _separator, function = aggregate_spec.partition(":")
        if function == "avg" and fname in (*SCORES, "satisfaction"):
            return SQL("AVG(NULLIF(%s, 0))", self._field_to_sql(self._table, fname, query))
        return super()._read_group_select(aggregate_spec, query)

    # === CONSTRAINTS === #

    @api.constrains(*SCORES)
    def _check_scores(self):
        for record in self:
            if not all(0 <= record[fname] <= 5 for fname in SCORES):
                raise ValidationError(self.env._("Scores go from 1 to 5; leave the field at 0 when the customer was not asked."))

    @api.constrains("done_at")
    def _check_done_at(self):
        latest = fields.Datetime.now() + CLOCK_TOLERANCE
        for record in self:
            if record.done_at > latest:
                raise ValidationError(self.env._(
                    "A follow-up record says what has been done, so its date cannot be in the future. Plan it as an activity, or as the next step."))

    @api.constrains("lead_id", "profile_id")
    def _check_lead(self):
        for record in self.sudo():  # sudo: a record may name a deal that its author does not see any more
            if record.lead_id and record.lead_id.customer_profile_id != record.profile_id:
                raise ValidationError(self.env._(
                    "The deal %(deal)s does not belong to %(customer)s. Choose a deal of this customer.",
                    deal=record.lead_id.name, customer=record.profile_id.name))

    @api.constrains("contact_ids", "profile_id")
    def _check_contacts(self):
        for record in self.sudo():
            company = record.profile_id.partner_id
            strangers = record.contact_ids.filtered(lambda person, company=company: company not in (person, person.commercial_partner_id))
            if strangers:
                raise ValidationError(self.env._(
                    "%(people)s: not a contact of %(company)s. Create the person as a contact of the company first.",
                    people=", ".join(strangers.mapped("name")), company=company.name))

    # === CREATE AND WRITE === #

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [self._own_vals(vals) for vals in vals_list]
        self.env["ir.sequence"]._fill_numbers("sfc.follow.up", "number", vals_list)
        self._give_grades(vals_list)
        records = super(SfcFollowUp, self._without_system_defaults()).create(vals_list).with_env(self.env)
        records._check_writer(records._fields)
        records._take_effect()
        return records

    def write(self, vals):
        self._check_may_correct(vals)
        is_contact = not CONTACT_FACTS.isdisjoint(vals)
        before = self._touched() if is_contact else None
        if "profile_id" in vals and not self.env.su:  # its author names another customer: the snapshot is of that one
            vals = {"grade_id": self.env["sfc.customer.profile"].browse(vals["profile_id"]).grade_id.id, **vals}
        result = super().write(vals)
        self._check_writer(vals)
        if is_contact:
            self._refresh_contacts(before)
        self._sync_next_activities(vals)
        return result

    @api.model
    def _own_vals(self, vals):
        """The values that a person may give for a new record. An import also gives number and grade of that time (ahead 14)."""
        if self.env.su:
            return dict(vals)
        kept = {"activity_id"}
        if self._is_import():
            kept |= {"number", "grade_id"}
            if self._speaks_for_others():
                kept.add("author_id")
        return {"author_id": self.env.uid} | {fname: value for fname, value in vals.items() if fname in kept or fname not in SYSTEM_FIELDS}

    def _without_system_defaults(self):
        """What a person may not give is not taken from his context either."""
        refused = {f"default_{fname}" for fname in SYSTEM_FIELDS - {"activity_id"}}
        if self.env.su or refused.isdisjoint(self.env.context):
            return self
        context = {key: value for key, value in self.env.context.items() if key not in refused}
        return self.with_context(context)  # pylint: disable=context-overridden

    @api.model
    def _give_grades(self, vals_list):
        default = self.default_get(["profile_id"]).get("profile_id")
        profile_ids = [vals.get("profile_id") or default for vals in vals_list]
        # sudo: the grade of any customer; whether the user may write about this one is asked afterwards
        profiles = self.env["sfc.customer.profile"].sudo().browse(filter(None, profile_ids))
        grades = {profile.id: profile.grade_id.id for profile in profiles}
        for vals, profile_id in zip(vals_list, profile_ids, strict=True):
            vals.setdefault("grade_id", grades.get(profile_id))

    @api.model
    def _is_import(self):
        return self.env["crm.lead"]._is_import()

    @api.model
    def _speaks_for_others(self):
        """Leaders and managers may enter what a colleague did."""
        user = self.env.user
        return user.has_group("sales_full_cycle.group_sfc_team_leader") or user.has_group("sales_team.group_sale_manager")

    def _check_may_correct(self, vals):
        """Only who did it or who entered it corrects a record; sudo is for merges and the like.

        :raises UserError: somebody else's record, or a field that only the product writes
        """
        if self.env.su:
            return
        for record in self.filtered(lambda record: not record.can_correct):
            raise UserError(self.env._(
                "%(number)s is the record of %(name)s. Nobody else can change it; add a note in the chatter instead.",
                number=record.number, name=record.user_id.name))
        if SYSTEM_FIELDS & vals.keys() - ({"grade_id"} if self._is_import() else set()):
            raise UserError(self.env._("Number, grade, author and activity of a follow-up record are kept by the system. Change the other fields."))

    def _check_writer(self, fnames):
        """A person writes about customers and deals that he may see, in his own name.

        :raises AccessError: the customer or the deal is hidden from the user
        :raises UserError: in a colleague's name, without leading a team
        """
        if self.env.su:
            return
        for fname in {"profile_id", "lead_id"} & set(fnames):
            self[fname].check_access("read")
        if "user_id" in fnames and not self._is_import() and not self._speaks_for_others():
            if self.user_id - self.env.user:
                raise UserError(self.env._("You can only write down what you did yourself. Team leaders may do it for a colleague."))
        if "activity_id" in fnames:
            self.activity_id.check_access("write")

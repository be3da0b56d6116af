from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..common.bulk_write import bulk_update

# Criteria of the shipped scorecard that a person judges; shown as fields and as columns of the customer sheet.
HAND_CRITERIA = {"strategic_fit_id": "strategic_fit", "chain_complexity_id": "chain_complexity"}
CARD_CHOICE = {"company_id", "industry_id", "product_category_id"}


class SfcCustomerProfile(models.Model):
    """Grade A/B/C: explained, with history, against the score only with a reason (S2.4, S2.6, D5)."""
    _name = "sfc.customer.profile"
    _inherit = ["sfc.customer.profile", "sfc.scored.mixin"]
    _scoring_scope = "customer"
    _scoring_fk = "profile_id"

    grade_id = fields.Many2one(
        "sfc.grade", readonly=True, copy=False, index="btree_not_null", ondelete="restrict", group_expand="_expand_grades", help="客户等级")
    grade_code = fields.Char(related="grade_id.code", string="Grade letter")
    proposed_grade = fields.Selection(related="evaluation_id.result", string="Proposed grade")
    graded_on = fields.Date("Graded on", readonly=True, copy=False)
    regrade_on = fields.Date("Grade again on", readonly=True, copy=False, index="btree_not_null")
    evaluation_ids = fields.One2many("sfc.evaluation", "profile_id", "Grading history", readonly=True)
    strategic_fit_id = fields.Many2one(
        "sfc.scorecard.level", "Strategic fit", compute="_compute_hand_criteria", inverse="_inverse_strategic_fit_id",
        domain="[('id', 'in', strategic_fit_choices)]", help="战略匹配度")
    chain_complexity_id = fields.Many2one(
        "sfc.scorecard.level", "Decision-chain complexity", compute="_compute_hand_criteria", inverse="_inverse_chain_complexity_id",
        domain="[('id', 'in', chain_complexity_choices)]", help="决策链复杂度: how many people and departments decide.")
    strategic_fit_choices = fields.Many2many("sfc.scorecard.level", compute="_compute_hand_criteria")
    chain_complexity_choices = fields.Many2many("sfc.scorecard.level", compute="_compute_hand_criteria")
    is_standard_unconfirmed = fields.Boolean(compute="_compute_is_standard_unconfirmed")

    # === COMPUTE METHODS === #

    @api.model
    def _expand_grades(self, grades, domain):
        """A kanban has a column for each grade, also for one that nobody has."""
        return grades.search([])

    @api.depends("scoring_answers", "industry_id", "product_category_id", "company_id")
    def _compute_hand_criteria(self):
        cards = self._cards_by_id()
        for profile in self:
            for fname, code in HAND_CRITERIA.items():
                criterion = cards.get(profile.id, self.env["sfc.scorecard"]).criterion_ids.filtered(lambda c, code=code: c.code == code)
                profile[fname.replace("_id", "_choices")] = criterion.level_ids
                profile[fname] = criterion._level((profile.scoring_answers or {}).get(code))

    def _cards_by_id(self):
        return {profile.id: card for card, profiles in self._grouped_by_scorecard().items() for profile in profiles}

    def _inverse_strategic_fit_id(self):
        self._take_answers("strategic_fit_id")

    def _inverse_chain_complexity_id(self):
        self._take_answers("chain_complexity_id")

    def _take_answers(self, fname):
        for profile in self:
            answers = {**(profile.scoring_answers or {}), HAND_CRITERIA[fname]: profile[fname].code}
            profile.scoring_answers = {code: level for code, level in answers.items() if level}

    def _compute_is_standard_unconfirmed(self):
        cards = self._cards_by_id()
        for profile in self:
            card = cards.get(profile.id)
            profile.is_standard_unconfirmed = bool(card and not card.confirmed_by_id)

    # === ENGINE === #

    def _complete_new(self):
        self._score_changed()
        return super()._complete_new()

    def write(self, vals):
        if "grade_id" in vals:
            raise UserError(self.env._("The grade follows the scorecard. Use the button 'Grade', or 'Change grade' with a reason."))
        result = super().write(vals)
        self._score_changed(vals)
        return result

    def _asks_for_new_score(self, vals):
        return not CARD_CHOICE.isdisjoint(vals) or super()._asks_for_new_score(vals)

    def _scorecard_key(self):
        return self.company_id.id, self.industry_id.id, self.product_category_id.id

    def _apply_scores(self, evaluations):
        """Take over a grade that a person decided or that is fully known; what is provisional stays a proposal until somebody grades."""
        result = super()._apply_scores(evaluations)
        today = fields.Date.context_today(self)
        decided = {}
        for profile, evaluation in evaluations.items():
            if profile._takes_over(evaluation):
                grade = self.env["sfc.grade"]._by_code(evaluation.result)
                decided[profile.id] = (grade.id, today, today + relativedelta(months=grade.regrade_months))
        profiles = self.browse(decided)
        before = {profile: profile.grade_id for profile in profiles}
        bulk_update(profiles, decided, ["grade_id", "graded_on", "regrade_on"])
        profiles.filtered(lambda p: p.grade_id != before[p])._grade_changed(before)
        return result

    def _takes_over(self, evaluation):
        if evaluation.origin in ("person", "override", "import"):
            return True
        return not self._is_overridden() and (bool(self.grade_id) or not evaluation.provisional)

    def _grade_changed(self, before):
        """Hook: {profile: grade before}; noted in the chatter, and what follows from the grade."""
        for profile in self:
            if profile.evaluation_id.sudo().origin != "import":
                profile._message_log(body=self.env._(
                    "Grade %(before)s → %(after)s", before=before[profile].code or "–", after=profile.grade_id.code))

    # === ACTIONS === #

    def action_grade(self):
        """Open the grading dialog for one customer or a selection.

        :raises UserError: there is no active scorecard
        """
        self.check_access("write")
        self._check_gradable()
        return {
            "type": "ir.actions.act_window", "res_model": "sfc.customer.grading", "view_mode": "form", "target": "new",
            "name": self.env._("Grade the customer"), "context": {"default_profile_ids": self.ids},
        }

    def _check_gradable(self):
        """:raises UserError: no active scorecard is meant for some of the customers (S2.6)"""
        without = self - self.browse().union(*self._grouped_by_scorecard().values())
        if without:
            raise UserError(self.env._(
                "There is no active scorecard for: %(customers)s. A sales manager activates one under Configuration > Scorecards.",
                customers=", ".join(without[:10].mapped("name"))))

    def _grade(self, answers):
        """Grade with what a person judged and what is known.

        :param answers: {criterion code: level code}, added to the answers that a customer already has
        :raises UserError: there is no active scorecard, or less than half of what it asks is known
        """
        self._check_gradable()
        for profile in self:
            profile.with_context(sfc_no_scoring=True).scoring_answers = {**(profile.scoring_answers or {}), **answers}
        self.sudo().override_until = False  # a new judgement ends an old exception
        self._score("person", force=True)
        unknown = self.filtered(lambda profile: profile.evaluation_id.sudo().origin != "person")
        if unknown:
            raise UserError(self.env._(
                "Less than half of what the scorecard asks is known, so there is no grade for: %(customers)s. "
                "Fill in revenue, employees, expected purchase, strategic fit or decision-chain complexity.",
                customers=", ".join(unknown[:10].mapped("name"))))

    # === CRON === #

    @api.model
    def _cron_regrade(self, batch=200):
        """Grades that are due again (D7): scored with today's facts, and the owner is asked to look at what only a person can judge."""
        today = fields.Date.context_today(self)
        while profiles := self.sudo().search([("regrade_on", "<=", today), ("active", "=", True)], order="regrade_on, id", limit=batch):
            profiles._regrade(today)
            if not self.env["ir.cron"]._commit_progress(len(profiles), remaining=int(len(profiles) == batch)):
                return

    def _regrade(self, today):
        self._score("automatic", force=True)
        overdue = self.filtered(lambda profile: profile.regrade_on and profile.regrade_on <= today)
        bulk_update(overdue, {p.id: (today + relativedelta(months=p.grade_id.regrade_months or 12),) for p in overdue}, ["regrade_on"])
        todo = self.env.ref("mail.mail_activity_data_todo")
        model_id = self.env["ir.model"]._get_id(self._name)
        self.env["mail.activity"].with_context(mail_activity_quick_update=True).create([{
            "res_model_id": model_id, "res_id": profile.id, "user_id": profile.user_id.id, "activity_type_id": todo.id, "automated": True,
            "date_deadline": today, "summary": profile.with_context(lang=profile.user_id.lang)._regrade_summary(),
        } for profile in self if profile.user_id])

    def _regrade_summary(self):
        return self.env._("Grade again: are the figures and judgements still right?")

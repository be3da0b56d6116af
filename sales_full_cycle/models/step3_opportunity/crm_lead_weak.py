from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..common.bulk_write import bulk_update
from .sfc_deal_decision import STRATEGIES

# D6
REVIEW_DAYS = 7
PAUSE_DAYS = 30
PAUSE_DAYS_AT_MOST = 180
PROMISE = "weak"
CLOSING_FACTS = {"active", "stage_id", "probability", "type"}


class CrmLead(models.Model):
    """弱商机: a weak deal demands a decision within three days: adjust the strategy, or pause (S3.6, D6, D9).

    This file: the demand and the decision. crm_lead_pause.py: what a pause suspends, and how it ends.
    """
    _inherit = "crm.lead"

    weak_decision_id = fields.Many2one(
        "sfc.deal.decision", "Decision", readonly=True, copy=False, index="btree_not_null", ondelete="set null", help="About the present evaluation.")
    deal_decision_ids = fields.One2many("sfc.deal.decision", "lead_id", "Decisions", readonly=True)
    strategy_kind = fields.Selection(STRATEGIES, "Adjusted strategy", readonly=True, copy=False, help="调整策略")
    strategy_note = fields.Text("Strategy", readonly=True, copy=False)
    strategy_review_date = fields.Date("Strategy review", readonly=True, copy=False)

    @api.model
    def _form_lists(self):
        return {**super()._form_lists(), "deal_decision_ids": None}

    # === DEMAND === #

    def _evaluation_fields(self):
        return super()._evaluation_fields() | {"weak_decision_id", "strategy_kind", "strategy_note", "strategy_review_date"}

    def _apply_deal_evaluations(self, evaluations):
        """A new evaluation asks anew; a clock that runs already goes on, evaluating again wins no time."""
        result = super()._apply_deal_evaluations(evaluations)
        fnames = ["weak_decision_id", "strategy_kind", "strategy_note", "strategy_review_date"]
        bulk_update(self, dict.fromkeys(self.ids, (False,) * len(fnames)), fnames)
        self._sync_weak_promise()
        return result

    def write(self, vals):
        result = super().write(vals)
        if not CLOSING_FACTS.isdisjoint(vals):
            self.filtered(lambda deal: deal.opportunity_strength == "weak")._sync_weak_promise()
        return result

    def _is_decision_owed(self):
        self.ensure_one()
        return self.opportunity_strength == "weak" and not self.weak_decision_id and self._is_open_deal()

    def _sync_weak_promise(self):
        """Run the clock exactly for the deals that owe a decision. Idempotent."""
        owing = self.filtered(lambda deal: deal._is_decision_owed())
        if others := self - owing:
            others._sla_cancel(PROMISE)
        owing._sla_start(PROMISE)

    # === DECISION === #

    def _check_decidable(self):
        """:raises UserError: names every deal about which there is nothing to decide"""
        wrong = self.filtered(lambda deal: not (deal.opportunity_strength == "weak" and deal._is_open_deal()))
        if wrong:
            raise UserError(self.env._(
                "Only about open deals that were evaluated as weak there is something to decide. Evaluate first: %(deals)s", deals=wrong._deal_names()))

    def _local_today(self):
        """The day that the company of the deal has now."""
        self.ensure_one()
        return self.env["sfc.customer.profile"]._date_in(self.company_id or self.env.company, fields.Datetime.now())

    def _decide_adjust(self, kind, note, review_date):
        """Another strategy, with a day on which it is looked at again.

        :raises UserError: not a weak deal
        :raises ValidationError: no text, or a day that is not to come
        """
        self._check_decidable()
        if not (note or "").strip():
            raise ValidationError(self.env._("Say what you will do differently."))
        if not review_date or any(review_date <= deal._local_today() for deal in self):
            raise ValidationError(self.env._("The review of the strategy is on a day to come."))
        self._end_pause()
        self._store_decisions({"kind": "adjust", "strategy_kind": kind, "note": note, "due_on": review_date})
        bulk_update(self, dict.fromkeys(self.ids, (kind, note, review_date)), ["strategy_kind", "strategy_note", "strategy_review_date"])
        self._plan_for_owner(lambda deal: deal.env._("Review the strategy of the weak deal"), review_date, note)

    def _decide_pause(self, reason, until, note=False):
        """Put the deals aside until a day.

        :raises UserError: not a weak deal
        :raises ValidationError: no reason, or a day that is not to come or too far away
        """
        self._check_decidable()
        if not reason or reason.kind != "pause":
            raise ValidationError(self.env._("Say why the deal is paused."))
        for deal in self:
            today = deal._local_today()
            if not until or not today < until <= today + timedelta(days=PAUSE_DAYS_AT_MOST):
                raise ValidationError(self.env._(
                    "A pause ends on a day to come, at most %(days)s days from today.", days=PAUSE_DAYS_AT_MOST))
        self._store_decisions({"kind": "pause", "reason_id": reason.id, "note": note, "due_on": until})
        self._pause_deals(until, reason)

    def _store_decisions(self, vals):
        """Note the decision, once a deal: history, chatter, the promise is kept, the leader's reminder is done."""
        # sudo: nobody has the right to write history
        decisions = self.env["sfc.deal.decision"].sudo().create([{
            **vals, "lead_id": deal.id, "company_id": deal.company_id.id, "evaluation_id": deal.deal_evaluation_id.id, "user_id": self.env.uid,
        } for deal in self])
        bulk_update(self, {decision.lead_id.id: (decision.id,) for decision in decisions}, ["weak_decision_id"])
        self._sla_stop(PROMISE)
        self._message_log_batch({decision.lead_id.id: self._decision_text(decision) for decision in decisions})
        # sudo: the reminder is the leader's
        late = self.env["mail.activity"].sudo().search([("sfc_clock_id.lead_id", "in", self.ids), ("sfc_clock_id.key", "=", PROMISE)])
        late.action_feedback(feedback=self.env._("Decided"))

    def _decision_text(self, decision):
        labels = dict(decision._fields["strategy_kind"]._description_selection(self.env))
        if decision.kind == "adjust":
            return self.env._(
                "Weak deal, strategy adjusted: %(kind)s. %(note)s Review on %(date)s.",
                kind=labels.get(decision.strategy_kind, ""), note=decision.note, date=decision.due_on)
        return self.env._(
            "Weak deal, paused until %(date)s: %(reason)s. %(note)s", date=decision.due_on, reason=decision.reason_id.name, note=decision.note or "")

    def _plan_for_owner(self, summary, day=None, note=False):
        """One activity a deal for its owner, else the leader of its team; none where nobody is.

        :param summary: function of the deal in the language of the user
        :param day: today by default
        """
        todo = self.env.ref("mail.mail_activity_data_todo")
        model_id = self.env["ir.model"]._get_id("crm.lead")
        vals_list = []
        for deal in self:
            user = (deal.user_id | deal.team_id.sudo().user_id).filtered("active")[:1]  # sudo: who leads the team
            if user:
                vals_list.append({
                    "res_model_id": model_id, "res_id": deal.id, "user_id": user.id, "activity_type_id": todo.id,
                    "date_deadline": day or deal._local_today(),
                    "automated": True, "summary": summary(deal.with_context(lang=user.lang)), "note": note})
        self.env["mail.activity"].with_context(mail_activity_quick_update=True).create(vals_list)

    def _merge_dependences(self, opportunities):
        result = super()._merge_dependences(opportunities)
        opportunities.deal_decision_ids.sudo().write({"lead_id": self.id})  # sudo: history moves along, whoever may merge
        return result

    # === ACTIONS === #

    def action_decide_weak(self):
        """Open the dialog: adjust the strategy, or pause."""
        self.check_access("write")
        self._check_decidable()
        return {
            "type": "ir.actions.act_window", "res_model": "sfc.weak.decision", "view_mode": "form", "target": "new",
            "name": self.env._("Decide"), "context": {"default_deal_ids": self.ids},
        }

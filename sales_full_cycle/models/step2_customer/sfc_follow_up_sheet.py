from odoo import api, models
from odoo.tools import LazyTranslate

from ..common.sheet import Column
from . import sheet_text

_lt = LazyTranslate(__name__)

TEXTS = ("content", "usage_feedback", "need_change", "commitment", "open_issues", "next_step")
SCORES = ("score_function", "score_service", "score_speed")


class SfcFollowUp(models.Model):
    """客户跟进记录表 as XLSX and on paper: 22 columns, both ways (S5.9, ST.5, T5). This file: the way out; sfc_follow_up_sheet_import.py: the way back."""
    _name = "sfc.follow.up"
    _inherit = ["sfc.follow.up", "sfc.sheet.mixin"]

    @api.model
    def _sheet_title(self):
        return self.env._("Follow-up records")

    @api.model
    def _sheet_columns(self):
        return [
            Column("number", _lt("follow-up|No."), 15),
            Column("customer", _lt("Customer"), 20),
            Column("contacts", _lt("Contact"), 12),
            Column("deal", _lt("Deal/contract"), 16),
            Column("grade", _lt("Grade"), 8),
            Column("done_at", _lt("follow-up|Date"), 18),
            Column("kind", _lt("follow-up|Type"), 10),
            Column("method", _lt("follow-up|Method"), 10),
            Column("user", _lt("follow-up|By"), 12),
            Column("content", _lt("follow-up|Content"), 34),
            Column("usage_feedback", _lt("Use and feedback"), 20),
            Column("need_change", _lt("Need change"), 16),
            Column("commitment", _lt("Commitment"), 16),
            Column("score_function", _lt("score|Product function"), 10),
            Column("score_service", _lt("score|Service quality"), 10),
            Column("score_speed", _lt("score|Response speed"), 10),
            Column("satisfaction", _lt("score|Overall"), 10),
            Column("open_issues", _lt("follow-up|Issues"), 16),
            Column("repurchase_chance", _lt("Repurchase chance"), 12),
            Column("next_step", _lt("Next step"), 18),
            Column("next_user", _lt("Responsible"), 14),
            Column("next_date", _lt("Next date"), 15),
        ]

    @api.model
    def _sheet_fields(self):
        return ["number", "profile_id", "contact_ids", "lead_id", "grade_id", "done_at", "kind", "method", "user_id", *TEXTS, *SCORES, "satisfaction",
                "repurchase_chance", "next_user_id", "next_date"]

    def _sheet_values(self):
        self.ensure_one()
        # sudo: the names of the customer and the deal, also where the record may be read and they may not
        customer, deal = self.profile_id.sudo(), self.lead_id.sudo()
        return {
            "number": self.number, "customer": customer.name, "contacts": sheet_text.join_people(self.contact_ids.mapped("name")),
            "deal": deal._sheet_deal_label() if deal else None, "grade": self.grade_id.code, "done_at": self._sheet_local(self.done_at),
            "kind": self._sheet_choice_label("kind"), "method": self._sheet_choice_label("method"), "user": self.user_id.name,
            **{fname: self[fname] for fname in TEXTS},
            **{fname: self[fname] or None for fname in SCORES},  # 0 is not asked
            "satisfaction": round(self.satisfaction, 2) or None, "repurchase_chance": self._sheet_choice_label("repurchase_chance"),
            "next_user": self.next_user_id.name, "next_date": self.next_date or None,
        }

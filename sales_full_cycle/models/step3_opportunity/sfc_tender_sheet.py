from odoo import api, models
from odoo.tools import LazyTranslate

from ..common.sheet import Column, heading
from . import tender_cells

_lt = LazyTranslate(__name__)

US, DISQUALIFIED = _lt("bidder|us"), _lt("bidder|disqualified")
TEXTS = ("issuer_number", "opening_place", "qualification")
MOMENTS = ("document_deadline", "clarification_deadline", "bid_deadline", "opening_at")
DAYS = ("deposit_paid_on", "deposit_return_due", "deposit_returned_on")
AMOUNTS = ("budget", "deposit_amount", "our_offer")
CHOICES = ("method", "result")
USERS = {"tech_user": "tech_user_id", "commercial_user": "commercial_user_id"}
COMPANIES = {"issuer": "issuer_id", "agency": "agency_id"}


class SfcTender(models.Model):
    """招投标登记 as XLSX and on paper: 25 columns, both ways (T4b, ahead 14). This file: the way out; sfc_tender_sheet_import.py: the way back."""
    _name = "sfc.tender"
    _inherit = ["sfc.tender", "sfc.sheet.mixin"]

    @api.model
    def _sheet_title(self):
        return self.env._("Tender register")

    @api.model
    def _sheet_columns(self):
        return [
            Column("number", _lt("tender|No."), 14),
            Column("deal", _lt("tender|Deal"), 24),
            Column("issuer_number", _lt("tender|Tender no."), 18),
            Column("issuer", _lt("tender|Issuer"), 22),
            Column("agency", _lt("tender|Agency"), 22),
            Column("method", _lt("tender|Method"), 14),
            Column("budget", _lt("tender|Budget"), 12),
            Column("document_deadline", _lt("tender|Documents until"), 18),
            Column("clarification_deadline", _lt("tender|Questions until"), 18),
            Column("bid_deadline", _lt("tender|Bid deadline"), 18),
            Column("opening_at", _lt("tender|Opening"), 18),
            Column("opening_place", _lt("tender|Opening place"), 18),
            Column("deposit_amount", _lt("tender|Deposit"), 12),
            Column("deposit_paid_on", _lt("tender|Deposit paid on"), 12),
            Column("deposit_return_due", _lt("tender|Deposit back by"), 12),
            Column("deposit_returned_on", _lt("tender|Deposit returned on"), 12),
            Column("tech_user", _lt("tender|Technical lead"), 12),
            Column("commercial_user", _lt("tender|Commercial lead"), 12),
            Column("qualification", _lt("tender|Qualification preparation"), 24),
            Column("bidders", _lt("tender|Bidders: name, price, score, rank"), 34),
            Column("our_offer", _lt("tender|Our offer"), 12),
            Column("result", _lt("tender|Result"), 10),
            Column("reason", _lt("tender|Why"), 18),
            Column("decided_on", _lt("tender|Decided on"), 12),
            Column("result_note", _lt("tender|About the result"), 24),
        ]

    @api.model
    def _sheet_fields(self):
        return [
            "number", "lead_id", *COMPANIES.values(), *TEXTS, *CHOICES, *AMOUNTS, *MOMENTS, *DAYS, *USERS.values(), "bidder_ids", "result_reason_id",
            "decided_on", "result_note"]

    @api.model
    def _sheet_groups(self):
        """[(title, column keys)]: how the form is divided on paper."""
        return [
            (self.env._("What is put out to tender"), ["deal", "issuer_number", "issuer", "agency", "method", "budget"]),
            (self.env._("Deadlines and opening"), ["document_deadline", "clarification_deadline", "bid_deadline", "opening_at", "opening_place"]),
            (self.env._("Deposit"), ["deposit_amount", "deposit_paid_on", "deposit_return_due", "deposit_returned_on"]),
            (self.env._("Preparation"), ["tech_user", "commercial_user", "qualification"]),
            (self.env._("Result"), ["our_offer", "result", "reason", "decided_on", "result_note"]),
        ]

    def _sheet_values(self):
        self.ensure_one()
        deal = self.lead_id.sudo()  # sudo: the name of the deal, also where only the tender may be read
        return {
            "number": self.number, "deal": deal._sheet_deal_label(), "reason": self.result_reason_id.name, "decided_on": self.decided_on or None,
            "result_note": self.result_note, "bidders": self._sheet_bidders(),
            **{key: self[fname].sudo().name for key, fname in COMPANIES.items()},
            **{key: self[fname].name for key, fname in USERS.items()},
            **{fname: self[fname] for fname in TEXTS},
            **{fname: self._sheet_choice_label(fname) for fname in CHOICES},
            **{fname: self[fname] or None for fname in AMOUNTS},  # 0 is not known
            **{fname: self._sheet_local(self[fname]) or None for fname in MOMENTS},
            **{fname: self[fname] or None for fname in DAYS},
        }

    def _sheet_bids(self):
        return [tender_cells.Bid(b.name, b.price, b.score, b.rank, b.is_us, b.disqualified) for b in self.bidder_ids.sorted(lambda b: (not b.is_us, b.id))]

    def _sheet_bidders(self):
        us, disqualified = (heading(self.env._(term)) for term in (US, DISQUALIFIED))  # pylint: disable=translation-contains-variable
        return tender_cells.text(self._sheet_bids(), us, disqualified)

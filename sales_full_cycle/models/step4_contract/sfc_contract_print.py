from odoo import models

from .amount_words import chinese_amount
from .sfc_contract_duties import PARTY_OF_KIND


class SfcContract(models.Model):
    """The contract on paper: what the template asks (S4.8, S4.11)."""
    _inherit = "sfc.contract"

    def _is_draft_print(self):
        """Not what legal approved: a print of it says so on each page. What was signed or cancelled has had its day."""
        self.ensure_one()
        return self.state in ("draft", "legal_review", "approved", "sent") and not self._may_leave()

    def _numbered_clauses(self):
        """[(number, clause)] in the order of the contract."""
        return list(enumerate(self.clause_ids.sorted(lambda clause: (clause.sequence, clause.id or 0)), 1))

    def _obligations(self):
        """[(party, [(number, clause)])]: the annex that lists who owes what, and what a breach costs (S4.11)."""
        labels = [
            ("ours", self.env._("Obligations of the supplier (Party B)")), ("theirs", self.env._("Obligations of the customer (Party A)")),
            ("breach", self.env._("Liability for breach (both parties)"))]
        clauses = self._numbered_clauses()
        found = [(label, [(number, clause) for number, clause in clauses if PARTY_OF_KIND.get(clause.kind) == party]) for party, label in labels]
        return [(label, rows) for label, rows in found if rows]

    def _order_lines_to_print(self):
        return self.sale_order_id._get_order_lines_to_report().filtered(lambda line: not line.is_downpayment)

    def _amount_in_words(self):
        """In the contract's language; Chinese contracts say it in 大写, of renminbi only."""
        self.ensure_one()
        if not (self.lang or "").startswith("zh"):
            return self.currency_id.with_context(lang=self.lang).amount_to_text(self.amount_total)
        return f"人民币{chinese_amount(self.amount_total)}" if self.currency_id.name == "CNY" else ""

    def _print_tz(self):
        """The time zone in which the paper tells when it was signed."""
        return self._signature_tz() or "UTC"

    def _party_address(self, partner):
        """On one line, in the order of its country."""
        lines = (line.strip() for line in partner._display_address(without_company=True).split("\n"))
        return ", ".join(filter(None, lines))

    def _party_bank(self, partner):
        """The bank account that a party's block prints."""
        return partner.bank_ids[:1]

    def _trigger_label(self, milestone):
        return dict(milestone._fields["trigger"]._description_selection(self.env)).get(milestone.trigger)

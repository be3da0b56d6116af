from odoo import api, models
from odoo.tools import SQL


class IrSequence(models.Model):
    """Numbers that each company counts for itself (defaults.md D21)."""
    _inherit = "ir.sequence"

    @api.model
    def _fill_company_numbers(self, code, fname, vals_list):
        """As _fill_numbers(), with a count of its own for each `company_id` in the values."""
        by_company = {}
        for vals in vals_list:
            by_company.setdefault(vals["company_id"], []).append(vals)
        for company_id, theirs in by_company.items():
            sequences = self.with_company(company_id)
            sequences._ensure_own_sequence(code)
            sequences._fill_numbers(code, fname, theirs)

    @api.model
    def _ensure_own_sequence(self, code):
        """The first number of a company makes its sequence, a copy of the common one.

        Two at once: the second one waits and is begun again with the sequence of the first. An UPDATE, not a lock, as for yearly ranges.
        """
        common = self._sequence(code)
        if not common or common.company_id:
            return
        self.env.cr.execute(SQL("UPDATE ir_sequence SET write_date = write_date WHERE id = %s", common.id))
        common.copy({"name": common.name, "company_id": self.env.company.id})

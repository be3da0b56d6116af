from odoo import models

from ..common import sheet_cells
from .minutes_cells import Point


class SfcNegotiationLine(models.Model):
    """A topic as the minutes say it (T3)."""
    _inherit = "sfc.negotiation.line"

    def _minutes_name(self):
        return dict(self._fields["topic"]._description_selection(self.env))[self.topic]

    def _minutes_words(self):
        """What is open or to be done, in the words that are there."""
        self.ensure_one()
        return ": ".join(filter(None, (self._minutes_name(), self.result or self.customer_position or self.our_position)))

    def _minutes_next_step(self):
        due = self.due_date and self.due_date.isoformat()
        return " | ".join(filter(None, (self._minutes_words(), self.responsible_id.name, due)))

    def _sheet_point(self):
        """The texts of the line, as the cell of its topic has them."""
        self.ensure_one()
        outcomes = dict(self._fields["outcome"]._description_selection(self.env))
        return Point(*map(sheet_cells.text, (
            self.our_position, self.customer_position, self.result, outcomes[self.outcome], self.responsible_id.name,
            self.due_date and self.due_date.isoformat())))

from odoo import api, models

from ..common import sheet_cells
from ..common.sheet import heading
from .minutes_cells import Point
from .sfc_negotiation_sheet import TOPIC_COLUMNS


class SfcNegotiationLine(models.Model):
    """A topic as the minutes say it (T3)."""
    _inherit = "sfc.negotiation.line"

    @api.model
    def _minutes_names(self):
        """{topic: its heading on the form}."""
        return {topic: heading(self.env._(term)) for topic, term in TOPIC_COLUMNS.items()}  # pylint: disable=translation-contains-variable

    def _minutes_words(self):
        """What is open or to be done, in the words that are there."""
        self.ensure_one()
        return ": ".join(filter(None, (self._minutes_names()[self.topic], self.result or self.customer_position or self.our_position)))

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

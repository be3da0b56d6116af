from odoo import api, models
from odoo.tools import LazyTranslate

from ..common import sheet_cells
from ..common.sheet import Column, heading
from ..step2_customer import sheet_text
from . import minutes_cells

_lt = LazyTranslate(__name__)

TOPIC_COLUMNS = {
    "price": _lt("minutes|Price"), "payment": _lt("minutes|Payment"), "delivery": _lt("minutes|Delivery standard"),
    "breach": _lt("minutes|Breach liability"), "warranty": _lt("minutes|Warranty and service"), "other": _lt("minutes|Other"),
}
# Labels in the cell of a topic, and on paper.
POINT_LABELS = {
    "our_position": _lt("minutes|Our position"), "customer_position": _lt("minutes|Customer's position"), "result": _lt("minutes|Result"),
    "outcome": _lt("minutes|Outcome"), "responsible": _lt("minutes|Owner"), "due": _lt("minutes|Due"),
}
TEXTS = {"location": "location", "key_demands": "key_demands", "feedback": "feedback", "agreed": "agreed_text"}
# What follows from the deal and the topics.
DERIVED = ("customer", "round", "topics", "open_items", "next_steps")


class SfcNegotiation(models.Model):
    """谈判纪要 as XLSX: the headings of T3, a row a round, both ways (S4.6, ST.3, ahead 14). This file: the way out.

    The internal columns are there for salespeople, and filled where the reader may read the internal page. The floor is in no file.
    """
    _name = "sfc.negotiation"
    _inherit = ["sfc.negotiation", "sfc.sheet.mixin"]

    @api.model
    def _sheet_title(self):
        return self.env._("Negotiation minutes")

    @api.model
    def _sheet_columns(self):
        return [
            Column("number", _lt("minutes|No."), 14),
            Column("deal", _lt("minutes|Deal"), 24),
            Column("customer", _lt("minutes|Customer"), 22),
            Column("round", _lt("minutes|Round"), 8),
            Column("start", _lt("minutes|Time"), 18),
            Column("location", _lt("minutes|Place"), 16),
            Column("attendees", _lt("minutes|Our side"), 18),
            Column("customer_attendees", _lt("minutes|Customer side"), 18),
            Column("topics", _lt("minutes|Topics"), 18),
            Column("key_demands", _lt("minutes|Key demands"), 30),
            *(Column(key, term, 34) for key, term in TOPIC_COLUMNS.items()),
            Column("feedback", _lt("minutes|Customer feedback"), 30),
            Column("agreed", _lt("minutes|Agreed"), 30),
            Column("open_items", _lt("minutes|Open items"), 30),
            Column("next_steps", _lt("minutes|Next step, owner, due"), 30),
            Column("recorder", _lt("minutes|Recorder"), 12),
            *self._sheet_inside_columns(),
        ]

    @api.model
    def _sheet_inside_columns(self):
        if not self.env["sfc.negotiation.option"].has_access("read"):
            return []
        return [
            Column("options", _lt("minutes|Fallback options (internal)"), 30),
            Column("price_sensitivity", _lt("minutes|Price sensitivity (internal)"), 20),
            Column("concerns", _lt("minutes|Decision concerns (internal)"), 20),
        ]

    @api.model
    def _sheet_fields(self):
        """The internal ones are read one by one, of those whose internal page may be read."""
        return [
            "number", "lead_id", "partner_id", "round", "start", *TEXTS.values(), "attendee_ids", "customer_attendee_ids", "line_ids", "recorder_id", "state"]

    def _sheet_values(self):
        self.ensure_one()
        deal = self.lead_id.sudo()  # sudo: the name of the deal, also where only the minutes may be read
        return {
            "number": self.number, "deal": deal._sheet_deal_label(), "customer": self.partner_id.sudo().name, "round": self.round or None,
            "start": self._sheet_local(self.start) or None, "attendees": sheet_text.join_people(self.attendee_ids.mapped("name")),
            "customer_attendees": sheet_text.join_people(self.customer_attendee_ids.sudo().mapped("name")), "recorder": self.recorder_id.name,
            **{key: self[fname] for key, fname in TEXTS.items()},
            **self._sheet_topics(), **self._sheet_derived(), **self._sheet_inside(),
        }

    # === TOPICS === #

    @api.model
    def _sheet_point_labels(self):
        return {name: heading(self.env._(term)) for name, term in POINT_LABELS.items()}  # pylint: disable=translation-contains-variable

    def _sheet_topics(self):
        labels, lines = self._sheet_point_labels(), self.line_ids.sorted(lambda line: (line.sequence, line.id)).grouped("topic")
        return {topic: minutes_cells.points_text([line._sheet_point() for line in lines.get(topic, ())], labels) for topic in TOPIC_COLUMNS}

    def _sheet_derived(self):
        to_do = self._minutes_to_do()
        used = [name for name, lines in self._minutes_topics() if lines]
        return {
            "topics": "\n".join(used), "open_items": "\n".join(line._minutes_words() for line in to_do if line.outcome == "open"),
            "next_steps": "\n".join(line._minutes_next_step() for line in to_do if line.responsible_id or line.due_date),
        }

    # === INSIDE === #

    def _sheet_inside(self):
        if not self.may_see_inside:
            return dict.fromkeys(("options", "price_sensitivity", "concerns"))
        return {"options": self._sheet_options(), "price_sensitivity": self._sheet_choice_label("price_sensitivity"), "concerns": self.concerns}

    def _sheet_options(self):
        kinds = dict(self.option_ids._fields["kind"]._description_selection(self.env))
        return minutes_cells.options_text([
            minutes_cells.Option(sheet_cells.text(option.name), kinds[option.kind], sheet_cells.text(option.description)) for option in self.option_ids])

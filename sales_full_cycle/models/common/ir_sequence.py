import itertools
import re
from datetime import date as date_type

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

_PLACEHOLDERS = itertools.count(1)


class IrSequence(models.Model):
    _inherit = "ir.sequence"

    @api.model
    def _next_numbers(self, code, count, date=None):
        """Draw `count` numbers of the sequence `code` in one query (design.md section 5).

        What is only rehearsed (sfc_rehearsal) and taken back draws none, since numbers cannot be given back.

        :param date: the date that chooses the yearly range; today by default
        :raises UserError: when no such sequence exists
        """
        if self.env.context.get("sfc_rehearsal"):
            return [f"~{next(_PLACEHOLDERS)}" for _number in range(count)]
        sequence = self._sequence(code)
        if not sequence:
            raise UserError(self.env._("There is no number sequence '%(code)s'. Restore it under Settings > Technical > Sequences.", code=code))
        current = sequence._get_current_sequence(fields.Date.to_date(date) or fields.Date.today())
        prefix, suffix = sequence._get_prefix_suffix(date=date, date_range=current != sequence and current.date_from)
        self.env.cr.execute("SELECT nextval(%s) FROM generate_series(1, %s)", [sequence._postgres_name(current), count])
        return [f"{prefix}{number:0{sequence.padding}d}{suffix}" for (number,) in self.env.cr.fetchall()]

    @api.model
    def _sequence(self, code):
        return self.sudo().search([("code", "=", code), ("company_id", "in", [self.env.company.id, False])], order="company_id", limit=1)

    @api.model
    def _fill_numbers(self, code, fname, vals_list):
        """Give values without a number (field `fname`) the next ones of the sequence; numbers that are given stay, and are never given again."""
        given = [vals[fname] for vals in vals_list if vals.get(fname)]
        if given:
            self._skip_used_numbers(code, given)
        wanting = [vals for vals in vals_list if not vals.get(fname)]
        for vals, number in zip(wanting, self._next_numbers(code, len(wanting)) if wanting else (), strict=True):
            vals[fname] = number

    @api.model
    def _skip_used_numbers(self, code, numbers):
        """Move the sequence past numbers that were given by hand or by an import, so that it never repeats one."""
        sequence = self._sequence(code)
        if not sequence or self.env.context.get("sfc_rehearsal"):
            return
        used = {}
        for number in numbers:
            if parts := sequence._number_parts(number):
                year, count = parts
                used[year] = max(count, used.get(year, 0))
        for year, count in used.items():
            current = sequence._get_current_sequence(date_type(year, 1, 1)) if year else sequence
            name = sequence._postgres_name(current)
            self.env.cr.execute(SQL(
                "SELECT setval(%(name)s, %(used)s) FROM %(table)s WHERE last_value < %(used)s OR (last_value = %(used)s AND NOT is_called)",
                name=name, used=count, table=SQL.identifier(name)))

    def _create_date_range_seq(self, date):
        """Two draw the first number of a year at once: the second one waits, and is begun again with the range that the first one made.

        Odoo alone refuses it. An UPDATE, not a lock: only that makes PostgreSQL say that the second one's snapshot is too old.
        """
        self.env.cr.execute(SQL("UPDATE ir_sequence SET write_date = write_date WHERE id = %s", self.id))
        return super()._create_date_range_seq(date)

    def _number_parts(self, number):
        """(year of its range or None, count) of a number of this sequence; None for a foreign one."""
        if not self.use_date_range:
            pattern = re.escape(self._get_prefix_suffix()[0] or "")
        elif "%(range_year)s" in (self.prefix or ""):
            before, _year, after = self.prefix.partition("%(range_year)s")
            pattern = re.escape(before) + r"(?P<year>(?:19|20)\d\d)" + re.escape(after)
        else:
            return None
        found = re.fullmatch(pattern + "(?P<count>[0-9]+)", number)
        return found and (int(found.groupdict().get("year") or 0) or None, int(found["count"]))

    def _postgres_name(self, current):
        """Name of the PostgreSQL sequence behind `current`, which is self or one of its date ranges."""
        return f"ir_sequence_{self.id:03d}" if current == self else f"ir_sequence_{self.id:03d}_{current.id:03d}"

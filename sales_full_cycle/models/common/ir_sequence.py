from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL


class IrSequence(models.Model):
    _inherit = "ir.sequence"

    @api.model
    def _next_numbers(self, code, count, date=None):
        """Draw `count` numbers of the sequence `code` in one query (design.md section 5).

        :param date: the date that chooses the yearly range; today by default
        :raises UserError: when no such sequence exists
        """
        sequence = self.sudo().search(
            [("code", "=", code), ("company_id", "in", [self.env.company.id, False])], order="company_id", limit=1)
        if not sequence:
            raise UserError(self.env._("There is no number sequence '%(code)s'. Restore it under Settings > Technical > Sequences.", code=code))
        current = sequence._get_current_sequence(fields.Date.to_date(date) or fields.Date.today())
        prefix, suffix = sequence._get_prefix_suffix(date=date)
        self.env.cr.execute("SELECT nextval(%s) FROM generate_series(1, %s)", [sequence._postgres_name(current), count])
        return [f"{prefix}{number:0{sequence.padding}d}{suffix}" for (number,) in self.env.cr.fetchall()]

    @api.model
    def _skip_used_numbers(self, code, numbers):
        """Move the sequence past numbers that were given by hand or by an import, so that it never repeats one."""
        sequence = self.sudo().search([("code", "=", code), ("company_id", "in", [self.env.company.id, False])], order="company_id", limit=1)
        if not sequence:
            return
        sequence._get_current_sequence(fields.Date.today())  # the range of this year exists from here on
        for current in sequence.date_range_ids if sequence.use_date_range else sequence:
            prefix = sequence._get_prefix_suffix(date_range=current.date_from if sequence.use_date_range else None)[0]
            used = [int(number[len(prefix):]) for number in numbers if number.startswith(prefix) and number[len(prefix):].isdecimal()]
            if used:
                sequence._skip_to(current, max(used))

    def _skip_to(self, current, used):
        name = self._postgres_name(current)
        self.env.cr.execute(SQL(
            "SELECT setval(%(name)s, %(used)s) FROM %(table)s WHERE last_value < %(used)s OR (last_value = %(used)s AND NOT is_called)",
            name=name, used=used, table=SQL.identifier(name)))

    def _postgres_name(self, current):
        """Name of the PostgreSQL sequence behind `current`, which is self or one of its date ranges."""
        return f"ir_sequence_{self.id:03d}" if current == self else f"ir_sequence_{self.id:03d}_{current.id:03d}"

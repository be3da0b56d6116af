import pytz

from odoo import api, models

from . import sheet_cells
from .sheet_cells import comparable

HANDBOOK_LEVELS = {"高": "high", "中": "medium", "低": "low", "high": "high", "medium": "medium", "low": "low"}


class SfcSheetMixin(models.AbstractModel):
    """Cells that several forms have are read in one place (ahead 14, P11).

    A reader gives the value for a write, False for an empty cell; what it cannot read it says in row.errors.
    """
    _inherit = "sfc.sheet.mixin"

    # === WHAT IS KNOWN === #

    @api.model
    def _sheet_languages(self):
        """The form in every installed language."""
        return [self.with_context(lang=code) for code, _name in self.env["res.lang"].get_installed()]

    @api.model
    def _sheet_users(self):
        """{comparable name or login: ids of colleagues}."""
        users = {}
        for user in self.env["res.users"].search_fetch([("share", "=", False)], ["name", "login"]):
            for name in {comparable(user.name), comparable(user.login)}:
                users.setdefault(name, []).append(user.id)
        return users

    @api.model
    def _sheet_choices(self, fname, handbook=()):
        """{comparable label: value} of a selection in every language, with the handbook's own words."""
        field = self._fields[fname]
        return dict(handbook) | {
            comparable(name): value for form in self._sheet_languages() for value, label in field._description_selection(form.env) for name in (value, label)}

    def _sheet_choice_label(self, fname):
        """The label of the record's value of a selection, in the reader's language."""
        return dict(self._fields[fname]._description_selection(self.env)).get(self[fname])

    # === READERS === #

    @api.model
    def _sheet_take_user(self, row, key, users):
        """An empty or missing cell is nobody on purpose: by default it would be the importer."""
        name = sheet_cells.text(row.cells.get(key))
        found = users.get(comparable(name), []) if name else []
        if name and not found:
            row.errors.append(self.env._("There is no user '%(name)s'. Write the name or the login.", name=name))
        elif len(found) > 1:
            row.errors.append(self.env._("Several users are called '%(name)s'. Write the login.", name=name))
        return found[0] if len(found) == 1 else False

    @api.model
    def _sheet_take_choice(self, row, key, choices, known):
        """:param known: the choices, as a sentence about a wrong one names them"""
        name = sheet_cells.text(row.cells.get(key))
        value = choices.get(comparable(name), False) if name else False
        if name and not value:
            row.errors.append(self.env._(
                "%(heading)s '%(name)s' is not known. Known are: %(known)s", heading=self._sheet_headings_by_key()[key], name=name, known=known))
        return value

    @api.model
    def _sheet_take_number(self, row, key, whole=False):
        """A number that is not negative; 0 for an empty cell."""
        cell = row.cells.get(key)
        try:
            value = sheet_cells.number(cell)
        except ValueError:
            value = -1
        if value < 0 or (whole and value != int(value)):
            row.errors.append(self.env._("%(heading)s: '%(value)s' is not a number.", heading=self._sheet_headings_by_key()[key], value=cell))
            return 0
        return int(value) if whole else value

    @api.model
    def _sheet_take_moment(self, row, key):
        """Naive UTC of a date and time in the importer's time zone."""
        return self._sheet_take_date(row, key, self._sheet_utc)

    @api.model
    def _sheet_take_day(self, row, key):
        return self._sheet_take_date(row, key, lambda moment: moment.date())

    @api.model
    def _sheet_take_date(self, row, key, convert):
        cell = row.cells.get(key)
        if not sheet_cells.text(cell):
            return False
        try:
            return convert(sheet_cells.moment(cell))
        except (ValueError, OverflowError):
            row.errors.append(self.env._("'%(value)s' is not a date. Write it as 2026-01-31 14:30.", value=cell))
            return False

    @api.model
    def _sheet_utc(self, moment):
        aware = moment if moment.tzinfo else self.env.tz.localize(moment)
        return aware.astimezone(pytz.utc).replace(tzinfo=None)

    # === AFTERWARDS === #

    @api.model
    def _sheet_subscribe_owners(self, rows):
        """Owners follow their new records, as core has it, so that a customer's answer reaches them; silently."""
        for owner, records in self.browse([row.record.id for row in rows if row.is_new]).grouped("user_id").items():
            records.message_subscribe(owner.partner_id.ids)

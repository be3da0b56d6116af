from odoo import api, models
from odoo.tools import SQL


class CrmLead(models.Model):
    """Opening a deal: most of the lists on its form are empty, and one query says which (issue 4, "Done when" 4)."""
    _inherit = "crm.lead"

    @api.model
    def _form_lists(self):
        """Hook: one2many fields that the form, or what it computes, reads; {name: None}, or {name: field of the deal that holds whose list it is}."""
        return {}

    def web_read(self, specification):
        if len(self) == 1 and self.id and not specification.keys().isdisjoint(self._form_lists()):
            self._remember_empty_lists()
        return super().web_read(specification)

    def _remember_empty_lists(self):
        """Put the lists that have no row at all into the cache, so that nobody asks for each of them.

        Nothing is told by it: what has rows is read as ever, as the rules of its model say.
        """
        self.ensure_one()
        lists = [self._form_list(name, holder) for name, holder in self._form_lists().items()]
        columns = [SQL("%s, %s", owner, self._any_row(field, owner)) for _model, field, owner in lists]
        for values in self.env.execute_query(SQL("SELECT %s FROM crm_lead lead WHERE id = %s", SQL(", ").join(columns), self.id)):
            for (model, field, _owner), owner_id, has_rows in zip(lists, values[::2], values[1::2], strict=True):
                if owner_id and not has_rows:
                    field._insert_cache(model.browse(owner_id), [()])

    def _form_list(self, name, holder):
        """(model with the list, its field, SQL of the record whose list it is)"""
        if not holder:
            return self, self._fields[name], SQL("lead.id")
        model, column = self[:0][holder], SQL.identifier("lead", holder, to_flush=self._fields[holder])
        return model, model._fields[name], column

    def _any_row(self, field, owner):
        rows = self.env[field.comodel_name]
        inverse = SQL.identifier("row", field.inverse_name, to_flush=rows._fields[field.inverse_name])
        return SQL("EXISTS (SELECT FROM %s row WHERE %s = %s)", SQL.identifier(rows._table), inverse, owner)

import json

from werkzeug.exceptions import BadRequest, NotFound

from odoo import http
from odoo.http import content_disposition, request

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class SheetController(http.Controller):
    """The handbook's forms as files. Only models that are forms, only what the user may see."""

    @http.route("/sfc/sheet/<string:model>/template", type="http", auth="user", readonly=True)
    def template(self, model):
        """The empty form, for the import dialog (P11)."""
        return self._answer(self._form(model, "create").browse())

    @http.route("/sfc/sheet/<string:model>/export", type="http", auth="user", readonly=True)
    def export(self, model, ids=None, domain=None, selection=None):
        """The form with records: `ids` (1,2,3), a JSON `domain`, or a `selection` that action_export_sheet has noted."""
        form = self._form(model, "read")
        if domain:
            return self._answer(self._parsed(lambda text: form.search(json.loads(text)), domain))
        if selection:
            noted = request.env["sfc.sheet.export"].search([("id", "=", self._parsed(int, selection)), ("res_model", "=", model)])
            wanted = noted.record_ids or []
        else:
            wanted = [self._parsed(int, number) for number in (ids or "").split(",") if number]
        return self._answer(form.browse(wanted).exists()._filtered_access("read"))

    def _form(self, model, operation):
        form = request.env.get(model)
        if form is None or not hasattr(form, "_sheet_export") or not form.has_access(operation):
            raise NotFound()
        return form

    def _parsed(self, parse, text):
        try:
            return parse(text)
        except ValueError as error:
            raise BadRequest() from error

    def _answer(self, records):
        return request.make_response(records._sheet_export(), [
            ("Content-Type", XLSX), ("Content-Disposition", content_disposition(f"{records._sheet_title()}.xlsx"))])

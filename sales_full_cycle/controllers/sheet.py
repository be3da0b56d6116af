from werkzeug.exceptions import NotFound

from odoo import http
from odoo.http import content_disposition, request

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class SheetController(http.Controller):
    @http.route("/sfc/sheet/<string:model>/template", type="http", auth="user", readonly=True)
    def template(self, model):
        """The empty form, for the import dialog (P11). Only models that are forms, only for those who may create them."""
        form = request.env.get(model)
        if form is None or not hasattr(form, "_sheet_export") or not form.has_access("create"):
            raise NotFound()
        return request.make_response(form.browse()._sheet_export(), [
            ("Content-Type", XLSX), ("Content-Disposition", content_disposition(f"{form._sheet_title()}.xlsx"))])

from werkzeug.exceptions import NotFound

from odoo import http
from odoo.http import request

from ..models.step1_lead import capture_form

# A field that people do not see and robots fill in.
TRAP = "homepage"


class LeadCapture(http.Controller):
    """The public lead page: what a visitor sees and sends (S1.1). What becomes of it is decided by sfc.capture.page."""

    @http.route("/lead/<string:token>", type="http", auth="public", website=True, methods=["GET"], readonly=True, sitemap=False)
    def show(self, token, **_link):
        page = self._page(token)
        return self._form(page, capture_form.clean({})) if page.active else self._closed(page)

    @http.route("/lead/<string:token>", type="http", auth="public", website=True, methods=["POST"], sitemap=False)
    def send(self, token, **posted):
        page = self._page(token)
        if not page.active:
            return self._closed(page)
        answers = capture_form.clean(posted)
        stamp = page._read_stamp(posted.get("stamp"))
        if problems := page._problems(answers):
            # the stamp stays: correcting one word is allowed to be quick
            return self._form(page, answers, problems, stamp=posted.get("stamp") if stamp == "ok" else None)
        if stamp == "expired":
            return self._form(page, answers, notice="expired")
        if not request.env["sfc.capture.hit"]._count_or_refuse(page, request.httprequest.remote_addr):
            return self._form(page, answers, notice="too_many", status=429)
        if stamp == "ok" and not posted.get(TRAP):
            page._capture(answers, request.httprequest.args, request.lang)
        # a robot gets the same answer, and learns nothing from it
        return request.redirect(request.env["ir.http"]._url_for(f"/lead/{page.token}/thanks"), code=303)

    @http.route("/lead/<string:token>/thanks", type="http", auth="public", website=True, methods=["GET"], readonly=True, sitemap=False)
    def thanks(self, token):
        return self._render("thanks", self._page(token))

    def _page(self, token):
        """The page of this address, with the rights to show it, in the visitor's language."""
        page_sudo = request.env["sfc.capture.page"]._by_token(token)
        if not page_sudo:
            raise NotFound()
        return page_sudo

    def _form(self, page, answers, problems=None, *, stamp=None, notice=None, status=200):
        return self._render("form", page, {
            "answers": answers, "problems": problems or {}, "notice": notice, "stamp": stamp or page._stamp(),
            "limits": capture_form.LIMITS, "industries": page._industries(), "trap": TRAP,
        }, status=status)

    def _closed(self, page):
        return self._render("closed", page, status=410)

    def _render(self, template, page, values=None, status=200):
        values = {**(values or {}), "page": page, "res_company": page.company_id}
        return request.render(f"sales_full_cycle.capture_{template}", values, status=status)

from odoo.exceptions import AccessError, MissingError, UserError
from odoo.http import request, route
from odoo.tools import consteq

from odoo.addons.portal.controllers.portal import CustomerPortal, pager

REPORT = "sales_full_cycle.report_minutes_action"
PAGE = 20
NOTICES = {"confirmed": "success", "already": "info", "corrected": "success"}


class PortalMinutes(CustomerPortal):
    """The customer reads confirmed minutes, confirms them or asks for a correction (S4.6). The rules are those of sfc.negotiation."""

    # === LIST AND COUNTERS === #

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if "minutes_count" in counters:
            values["minutes_count"] = self._my_minutes_count([])
        if "minutes_to_confirm_count" in counters:
            values["minutes_to_confirm_count"] = self._my_minutes_count([("customer_confirmed_at", "=", False)])
        return values

    def _my_minutes_count(self, domain):
        return self._minutes_sudo().search_count(self._my_minutes_domain() + domain)

    def _my_minutes_domain(self):
        return request.env["sfc.negotiation"]._portal_minutes_domain(request.env.user.partner_id)

    def _minutes_sudo(self):
        # sudo: customers have no access to the record; the domain, or the check of one of them, says what they may see of it
        return request.env["sfc.negotiation"].sudo()

    @route(["/my/minutes", "/my/minutes/page/<int:page>"], type="http", auth="user", website=True, readonly=True)
    def portal_my_minutes(self, page=1, **_options):
        domain = self._my_minutes_domain()
        pages = pager("/my/minutes", self._minutes_sudo().search_count(domain), page, PAGE)
        return request.render("sales_full_cycle.portal_my_minutes", {
            **self._prepare_portal_layout_values(), "page_name": "minutes", "default_url": "/my/minutes", "pager": pages,
            "minutes_list": self._minutes_sudo().search(domain, order="start desc, id desc", limit=PAGE, offset=pages["offset"]),
        })

    # === ONE === #

    @route("/my/minutes/<int:minutes_id>", type="http", auth="public", website=True, readonly=True)
    def portal_minutes(self, minutes_id, access_token=None, report_type=None, download=False, done=None, **_options):
        try:
            minutes_sudo = self._document_check_access("sfc.negotiation", minutes_id, access_token=access_token)
        except (AccessError, MissingError):
            return request.redirect("/my")
        except UserError as refusal:
            return self._refuse(refusal)
        if report_type == "pdf":
            return self._show_report(model=minutes_sudo, report_type=report_type, report_ref=REPORT, download=download)
        return request.render("sales_full_cycle.portal_minutes_page", self._minutes_values(minutes_sudo, done))

    @route("/my/minutes/<int:minutes_id>/confirm", type="http", auth="public", website=True, methods=["POST"])
    def portal_minutes_confirm(self, minutes_id, access_token=None, name=None, **_options):
        return self._answer(minutes_id, access_token, lambda minutes: "confirmed" if minutes._confirm_by_customer(
            name, request.httprequest.remote_addr) else "already")

    @route("/my/minutes/<int:minutes_id>/correct", type="http", auth="public", website=True, methods=["POST"])
    def portal_minutes_correct(self, minutes_id, access_token=None, text=None, **_options):
        return self._answer(minutes_id, access_token, lambda minutes: minutes._correct_by_customer(text) or "corrected")

    def _answer(self, minutes_id, access_token, act):
        try:
            minutes_sudo = self._document_check_access("sfc.negotiation", minutes_id, access_token=access_token)
            done = act(minutes_sudo)
        except MissingError:
            return request.redirect("/my")
        except (AccessError, UserError) as refusal:
            return self._refuse(refusal)
        return request.redirect(minutes_sudo.get_portal_url(query_string=f"&done={done}"), code=303)

    def _refuse(self, refusal):
        return request.render("sales_full_cycle.portal_minutes_closed", {"refusal": refusal.args[0], "page_name": "minutes"}, status=403)

    def _document_check_access(self, model_name, document_id, access_token=None):
        """Confirmed minutes, for whoever has the link or is of the customer. What is not confirmed is not there for a stranger.

        :raises UserError: the minutes are not to be read now
        """
        if model_name != "sfc.negotiation":
            return super()._document_check_access(model_name, document_id, access_token=access_token)
        minutes_sudo = self._minutes_sudo().browse(document_id).exists()
        if not minutes_sudo:
            raise MissingError(request.env._("This document does not exist."))
        user = request.env.user
        by_link = access_token and minutes_sudo.access_token and consteq(minutes_sudo.access_token, access_token)
        is_theirs = user.share and not user._is_public() and minutes_sudo._is_customer(user)
        if not (by_link or is_theirs or (not user.share and minutes_sudo.sudo(False).has_access("read"))):
            raise AccessError(request.env._("You may not open these minutes. Please use the link that you received."))
        if minutes_sudo.state != "confirmed":
            raise UserError(minutes_sudo._not_ready())
        return minutes_sudo

    def _minutes_values(self, minutes_sudo, done):
        minutes = minutes_sudo._on_paper(lang=request.env.lang)
        user = request.env.user
        return {
            **self._prepare_portal_layout_values(), "page_name": "minutes", "minutes": minutes, "res_company": minutes.company_id,
            "headings": minutes._sheet_headings_by_key(), "labels": minutes._sheet_point_labels(), "printed": minutes._sheet_printed(),
            "confirmed_at": minutes._sheet_print(minutes._sheet_local(minutes.customer_confirmed_at), None),
            "may_answer": minutes._is_customer(user) and not minutes.customer_confirmed_at,
            "visitor_name": "" if user._is_public() else user.name, "notice": self._notice(done),
        }

    def _notice(self, done):
        words = {
            "confirmed": request.env._("Thank you, the minutes are confirmed."),
            "already": request.env._("The minutes were confirmed before; nothing was changed."),
            "corrected": request.env._("Thank you, your contact person has received your correction."),
        }
        return (NOTICES[done], words[done]) if done in NOTICES else None

from odoo.exceptions import AccessError, MissingError, UserError
from odoo.http import request, route

from odoo.addons.portal.controllers.portal import CustomerPortal, pager

REPORT = "sales_full_cycle.report_contract_action"
# How a customer's act is thanked for, by the word in the address.
DONE = ("confirmed", "signed", "declined", "asked")


class PortalContract(CustomerPortal):
    """The customer reads, confirms, signs or declines a contract, and asks (S4.8, screens.md). Rules are the model's; here they get a page or an answer."""

    # === WHO MAY SEE IT === #

    def _document_check_access(self, model_name, document_id, access_token=None):
        """Customers have no right to the model: the people of the customer see the contract, and who has the link, unless logged in for somebody else.

        :raises UserError: theirs, but the page is closed
        """
        if model_name != "sfc.contract":
            return super()._document_check_access(model_name, document_id, access_token=access_token)
        user = request.env.user
        try:
            contract_sudo = super()._document_check_access(model_name, document_id, access_token=access_token)
        except AccessError:
            contract_sudo = request.env[model_name].sudo().browse(document_id)
            if not contract_sudo._is_customer(user):
                raise
            # as the one gate gives it: with the system's rights, in the visitor's language
            contract_sudo = contract_sudo.with_user(self._system_uid())
        if user.share and not user._is_public() and not contract_sudo._is_customer(user):
            raise AccessError(request.env._("This contract is meant for another customer."))
        contract_sudo._check_portal_open()
        return contract_sudo

    @staticmethod
    def _system_uid():
        return request.env.ref("base.user_root").id

    def _open_contract(self, contract_id, access_token):
        """(contract, None), or (None, the page that says why it is not shown)."""
        try:
            return self._document_check_access("sfc.contract", contract_id, access_token=access_token), None
        except (AccessError, MissingError):
            refusal, status = request.env._(
                "This link is not valid, or the contract is not meant for you. Use the link of the latest message, or ask your contact person."), 404
        except UserError as error:
            refusal, status = error.args[0], 403
        return None, request.render("sales_full_cycle.portal_contract_closed", {"refusal": refusal, "page_name": "contract"}, status=status)

    @staticmethod
    def _visitor():
        """The customer's user, or none when the link alone let somebody in."""
        return None if request.env.user._is_public() else request.env.user

    # === PAGES === #

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        contracts = request.env["sfc.contract"].sudo()  # sudo: only the customer's own, by the domain
        domain = contracts._portal_domain(request.env.user.partner_id)
        if "contract_count" in counters:
            values["contract_count"] = contracts.search_count(domain, limit=1)
        if "contract_to_sign_count" in counters:
            values["contract_to_sign_count"] = contracts.search_count([*domain, ("state", "=", "sent"), ("declined_at", "=", False)])
        return values

    @route(["/my/contracts", "/my/contracts/page/<int:page>"], type="http", auth="user", website=True)
    def portal_my_contracts(self, page=1, **_options):
        contracts = request.env["sfc.contract"].sudo()  # sudo: only the customer's own, by the domain
        domain = contracts._portal_domain(request.env.user.partner_id)
        pages = pager(url="/my/contracts", total=contracts.search_count(domain), page=page, step=self._items_per_page)
        contracts = contracts.search(domain, order="sent_at desc, id desc", limit=self._items_per_page, offset=pages["offset"])
        return request.render("sales_full_cycle.portal_my_contracts", {
            **self._prepare_portal_layout_values(), "contracts": contracts, "page_name": "contract", "pager": pages, "default_url": "/my/contracts"})

    @route("/my/contracts/<int:contract_id>", type="http", auth="public", website=True)
    def portal_contract_page(self, contract_id, report_type=None, access_token=None, download=False, message=None, **options):
        contract, closed = self._open_contract(contract_id, access_token)
        if closed:
            return closed
        if report_type == "pdf":
            return self._show_report(model=contract, report_type="pdf", report_ref=REPORT, download=download)
        return self._contract_page(contract, message=message, **options)

    def _contract_page(self, contract, message=None, refusal=None, status=200, **options):
        """The page, with the thanks or the refusal on top."""
        values = {
            "contract": contract, "page_name": "contract", "message": message if message in DONE else None, "refusal": refusal,
            "res_company": contract.company_id, "customer_name": self._customer_name(contract), "backend_url": f"/odoo/sfc.contract/{contract.id}",
            "may_act": self._may_act() and contract._portal_can_act(),
        }
        values = self._get_page_view_values(contract, contract.access_token, values, "my_contracts_history", False, **options)
        return request.render("sales_full_cycle.portal_contract_page", values, status=status)

    def _customer_name(self, contract):
        """Whose name the forms suggest."""
        visitor = self._visitor()
        if visitor and visitor.share:
            return visitor.name
        return "" if contract.partner_id.is_company else contract.partner_id.name

    @staticmethod
    def _may_act():
        """A colleague looks, he does not sign for the customer."""
        return request.env.user.share

    # === WHAT THE CUSTOMER DOES === #

    def _act(self, contract_id, access_token, done, act):
        """Do act(contract, visitor) and come back to the page; what the model refuses stands on it."""
        contract, closed = self._open_contract(contract_id, access_token)
        if closed:
            return closed
        try:
            self._try(act, contract)
        except UserError as refusal:
            return self._contract_page(contract, refusal=refusal.args[0], status=422)
        return request.redirect(contract.get_portal_url(query_string=f"&message={done}"))

    def _try(self, act, contract):
        """Nothing of what the model refuses remains."""
        if not self._may_act():
            raise UserError(request.env._("This page is for the customer. Register the sealed copy or the confirmation on the contract itself."))
        with request.env.cr.savepoint():
            act(contract, self._visitor())

    @route("/my/contracts/<int:contract_id>/confirm", type="http", auth="public", methods=["POST"], website=True)
    def portal_contract_confirm(self, contract_id, access_token=None, name=None, **_options):
        return self._act(contract_id, access_token, "confirmed", lambda contract, visitor: contract._portal_confirm(visitor, name))

    @route("/my/contracts/<int:contract_id>/sign", type="jsonrpc", auth="public", website=True)
    def portal_contract_sign(self, contract_id, access_token=None, name=None, signature=None):
        """Called by Odoo's signature form, as on quotations."""
        access_token = access_token or request.httprequest.args.get("access_token")
        try:
            contract = self._document_check_access("sfc.contract", contract_id, access_token=access_token)
        except (AccessError, MissingError):
            return {"error": request.env._("This link is not valid. Use the link of the latest message.")}
        except UserError as refusal:
            return {"error": refusal.args[0]}
        try:
            self._try(lambda contract, visitor: contract._portal_sign(visitor, name, self._ip(), signature=signature), contract)
        except UserError as refusal:
            return {"error": refusal.args[0]}
        return {"force_refresh": True, "redirect_url": contract.get_portal_url(query_string="&message=signed")}

    @route("/my/contracts/<int:contract_id>/upload", type="http", auth="public", methods=["POST"], website=True)
    def portal_contract_upload(self, contract_id, access_token=None, name=None, seal_kind=None, **_options):
        """The sealed copy, as PDF or as photographs of its pages."""
        seals = request.env["sfc.contract"]._fields["seal_kind"].get_values(request.env)

        def sign(contract, visitor):
            # one byte more than allowed says that it is too much
            files = [(file.filename, file.stream.read(contract._copy_limit() + 1)) for file in request.httprequest.files.getlist("copy") if file.filename]
            contract._portal_sign(visitor, name, self._ip(), files=files, seal_kind=seal_kind if seal_kind in seals else "contract")
        return self._act(contract_id, access_token, "signed", sign)

    @route("/my/contracts/<int:contract_id>/decline", type="http", auth="public", methods=["POST"], website=True)
    def portal_contract_decline(self, contract_id, access_token=None, reason=None, **_options):
        return self._act(contract_id, access_token, "declined", lambda contract, visitor: contract._portal_decline(visitor, reason))

    @route("/my/contracts/<int:contract_id>/question", type="http", auth="public", methods=["POST"], website=True)
    def portal_contract_question(self, contract_id, access_token=None, question=None, **_options):
        return self._act(contract_id, access_token, "asked", lambda contract, visitor: contract._portal_ask(visitor, question))

    @staticmethod
    def _ip():
        return request.httprequest.remote_addr

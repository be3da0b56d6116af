from datetime import timedelta

from dateutil.relativedelta import relativedelta
from markupsafe import Markup

from odoo import Command, api, fields, models
from odoo.exceptions import UserError, ValidationError

from .contract_text import closest, contains
from .sfc_contract import IN_FORCE


class SfcContract(models.Model):
    """How a contract is made: from the approved proposal, the clause library and the confirmed minutes (S4.7, S4.10, D10, D11)."""
    _inherit = "sfc.contract"

    negotiation_ids = fields.Many2many(
        "sfc.negotiation", string="Minutes", copy=False, domain="[('lead_id', '=', lead_id), ('state', '=', 'confirmed')]",
        help="谈判纪要: the confirmed rounds that this contract carries out.")
    negotiation_skipped = fields.Boolean("Without negotiation", readonly=True, copy=False, help="免谈判: a small repeat deal on standard terms (D10).")

    @api.constrains("negotiation_ids", "lead_id")
    def _check_minutes(self):
        for contract in self.sudo():  # sudo: rounds that somebody else led
            if foreign := contract.negotiation_ids.filtered(lambda one, lead=contract.lead_id: one.lead_id != lead or one.state != "confirmed"):
                raise ValidationError(self.env._(
                    "%(numbers)s: a contract carries out confirmed minutes of its own deal.", numbers=", ".join(foreign.mapped("number"))))

    # === MAY IT BE MADE === #

    @api.model
    def _check_maker(self, order):
        """Salespeople make contracts, of orders that they may write; from an approved proposal only. Nobody passes this (S3.11, S4.7).

        :raises AccessError, UserError:
        """
        self.check_access("create")
        order.check_access("write")
        if order.state == "cancel":
            raise UserError(self.env._("%(order)s is cancelled: make a new proposal first.", order=order.name))
        if not order.order_line.filtered(lambda line: not line.display_type):
            raise UserError(self.env._("%(order)s offers nothing yet: add products or services, then make the contract.", order=order.name))
        order._check_proposal_released()

    def _check_may_be_made(self):
        """The same for contracts that were entered by hand or by API; an import of a sales manager brings in what was signed long ago (P11)."""
        if self.env["crm.lead"]._is_import() and self.env.user.has_group("sales_team.group_sale_manager"):
            return
        for contract in self:
            contract._check_maker(contract.sale_order_id)
            missing = contract._minutes_missing(contract.sale_order_id, contract.type_id)
            contract._pass_minutes_gate(missing, self.env.context.get("sfc_gate_reason"))

    @api.model
    def _minutes_missing(self, order, contract_type):
        """What the soft gate “minutes confirmed before contract” misses, in words; nothing where no negotiation is needed (D10, D11)."""
        lead = order.opportunity_id
        if not lead:
            return ""
        newest = self._newest_negotiation(lead)
        if newest:
            return "" if newest.state == "confirmed" else self.env._("the minutes %(number)s are not confirmed", number=newest.number)
        if self._needs_no_negotiation(order, contract_type):
            return ""
        return self.env._("no minutes of a negotiation")

    @api.model
    def _newest_negotiation(self, lead):
        # sudo: whether there are minutes, whoever led the round
        return self.env["sfc.negotiation"].sudo().search([("lead_id", "=", lead.id), ("state", "!=", "cancelled")], order="round desc, id desc", limit=1)

    @api.model
    def _needs_no_negotiation(self, order, contract_type):
        """免谈判: standard terms, a small amount, and a customer that bought before (D10)."""
        company = order.company_id
        amount = order.currency_id._convert(order.amount_total, company.currency_id, company, order.date_order or fields.Date.today())
        return bool(contract_type.is_standard and amount < company.contract_no_negotiation_below and self._bought_before(order))

    @api.model
    def _bought_before(self, order):
        """The customer signed a contract or ordered, apart from this order."""
        customer = order.partner_id.commercial_partner_id
        # sudo: whether there was business, whoever did it
        return bool(
            self.sudo().search_count([
                ("partner_id.commercial_partner_id", "=", customer.id), ("state", "in", IN_FORCE), ("sale_order_id", "!=", order.id),
                ("company_id", "=", order.company_id.id)], limit=1)
            or order.sudo().search_count([
                ("partner_id.commercial_partner_id", "=", customer.id), ("state", "=", "sale"), ("id", "!=", order.id),
                ("company_id", "=", order.company_id.id)], limit=1))

    def _pass_minutes_gate(self, missing, reason):
        """Go on without confirmed minutes, for a reason that the leaders see (D11); note that no negotiation was needed (D10).

        :raises UserError: something is missing and nobody said why to go on
        """
        self.ensure_one()
        self._check_minutes_reason(missing, reason)
        if missing:
            self._log_passed_minutes(missing, reason.strip())
        elif self.lead_id and not self._newest_negotiation(self.lead_id):
            self._log_no_negotiation()

    @api.model
    def _check_minutes_reason(self, missing, reason):
        if missing and not (reason or "").strip():
            raise UserError(self.env._(
                "Still missing for the contract: %(missing)s.\n\nFill it in, or say in one sentence why you go on.", missing=missing))

    def _log_passed_minutes(self, missing, reason):
        lead = self.sudo().lead_id  # sudo: nobody writes this history by hand
        self.env["sfc.gate.override"].sudo().create({
            "lead_id": lead.id, "stage_id": lead.stage_id.id, "stage_name": self.env._("Contract"), "severity": "soft", "missing": missing,
            "reason": reason, "user_id": self.env.uid})
        self._note(self.env._("Made although this was missing: %(missing)s. Reason: %(reason)s", missing=missing, reason=reason))

    def _log_no_negotiation(self):
        self.sudo().negotiation_skipped = True  # sudo: the system's to write
        self._note(self.env._("Made without negotiation: a small deal on standard terms with a customer that bought before."))

    def _note(self, words):
        """On the contract and on its deal."""
        self._message_log(body=words)
        for contract in self.filtered("lead_id"):
            # sudo: legal and finance act on contracts whose deals they do not see
            contract.sudo().lead_id._message_log(body=Markup("%s: %s") % (contract.number, words))

    # === MAKE IT === #

    @api.model
    def _make_from(self, order, reason=None):
        """The contract of an approved proposal, with clauses and what was agreed. Its company's numbers, the user's own document.

        :raises AccessError, UserError: see _check_maker() and _pass_minutes_gate()
        """
        self._check_maker(order)
        contract_type = self._default_type(order)
        missing = self._minutes_missing(order, contract_type)
        self._check_minutes_reason(missing, reason)
        # sudo: a button of ours fills in what a person may not write
        contract = self.sudo().create(self._prepare_from(order, contract_type)).sudo(self.env.su)
        contract._pass_minutes_gate(missing, reason)
        return contract

    @api.model
    def _prepare_from(self, order, contract_type):
        order = order.sudo()  # sudo: what the proposal says; that the user may use it was checked
        lead, partner, today = order.opportunity_id, order.partner_id, fields.Date.context_today(self)
        rounds = self.env["sfc.negotiation"].sudo().search([("lead_id", "=", lead.id), ("state", "=", "confirmed")]) if lead else self.env["sfc.negotiation"]
        lang = partner.lang or order.company_id.partner_id.lang or self.env.lang
        return {
            "name": lead.name or order.name, "type_id": contract_type.id, "lead_id": lead.id, "sale_order_id": order.id, "partner_id": partner.id,
            "contact_id": False if partner.is_company else partner.id, "company_id": order.company_id.id,
            "user_id": (order.user_id or lead.user_id or self.env.user).id, "lang": lang, "warranty_months": contract_type.warranty_months,
            "date_start": today, "date_end": self._end_date(today, contract_type), "delivery_place": self._delivery_place_of(order),
            "negotiation_ids": [Command.set(rounds.ids)],
            "clause_ids": [Command.create(vals) for vals in self._prepare_clauses(contract_type, order.company_id, lang, self._agreed_of(rounds))],
        }

    @api.model
    def _default_type(self, order):
        """The type of this customer's last contract; else by what is sold: goods, or services only."""
        last = self.sudo().search([  # sudo: a colleague's contract tells it as well
            ("partner_id.commercial_partner_id", "=", order.partner_id.commercial_partner_id.id), ("company_id", "=", order.company_id.id),
            ("type_id.is_amendment", "=", False), ("type_id.active", "=", True), ("state", "!=", "cancelled")], limit=1).type_id
        types = self.env["sfc.contract.type"].search([("is_amendment", "=", False)])
        products = order.order_line.product_id
        code = "software" if products and all(product.type == "service" for product in products) else "goods"
        found = last.sudo(self.env.su) or types.filtered(lambda one: one.code == code)[:1] or types[:1]
        if not found:
            raise UserError(self.env._("There is no contract type. Ask a sales manager to make one under Configuration."))
        return found

    @api.model
    def _end_date(self, start, contract_type):
        return start + relativedelta(months=contract_type.duration_months) - timedelta(days=1) if contract_type.duration_months else False

    @api.model
    def _delivery_place_of(self, order):
        return " ".join(order.partner_shipping_id._display_address(without_company=True).split())

    # === CLAUSES === #

    @api.model
    def _prepare_clauses(self, contract_type, company, lang, lines=()):
        """Values of the clauses of a new contract: those of the library, with what was agreed in the minutes."""
        clauses = [self._prepare_clause(template, lang) for template in self.env["sfc.clause"]._library(contract_type, company)]
        for line in lines:
            self._carry_out(line, clauses, lang)
        return clauses

    @api.model
    def _prepare_clause(self, template, lang):
        template = template.with_context(lang=lang)
        return {
            "template_id": template.id, "sequence": template.sequence, "name": template.name, "kind": template.kind, "topic": template.topic,
            "source": template.body}

    def _prepare_template_words(self, template):
        """Title and wording of a clause of the library in the language of this contract."""
        self.ensure_one()
        prepared = self._prepare_clause(template.sudo(), self.lang)
        return {"name": prepared["name"], "source": prepared["source"]}

    @api.model
    def _carry_out(self, line, clauses, lang):
        """Write a line of the minutes into the clause of its topic that is closest to it, else into a clause of its own (S4.10).

        :param clauses: values of clauses, changed in place
        """
        texts = self.with_context(lang=lang).env
        # “other” is no subject of its own: each such line is a clause
        candidates = [clause for clause in clauses if line.topic != "other" and clause["topic"] == line.topic]
        if any(contains(clause["source"], line.result) for clause in candidates):
            return
        if not candidates:
            label = dict(line.with_context(lang=lang)._fields["topic"]._description_selection(texts))[line.topic]
            clauses.append({
                "name": texts._("Special agreement: %(topic)s", topic=label), "kind": "other", "topic": line.topic, "source": line.result,
                "negotiation_line_id": line.id, "sequence": max((clause["sequence"] for clause in clauses), default=0) + 10})
            return
        clause = candidates[closest(line.result, [f"{clause['name']} {clause['source']}" for clause in candidates])]
        clause["source"] = f"{clause['source']}\n{self._agreed_words(line.result, lang)}"
        clause["negotiation_line_id"] = clause.get("negotiation_line_id") or line.id

    @api.model
    def _agreed_words(self, result, lang):
        """What was agreed goes before what the library says."""
        return self.with_context(lang=lang).env._("Specially agreed, prevailing over the above: %(text)s", text=result.strip())

    def action_take_over_minutes(self):
        """Add the rounds that were confirmed meanwhile, and write what was agreed there into the clauses."""
        self.check_access("write")
        self._check_content_open()
        for contract in self:
            # sudo: the rounds of the deal, whoever led them
            rounds = self.env["sfc.negotiation"].sudo().search([("lead_id", "=", contract.lead_id.id), ("state", "=", "confirmed")])
            if not contract.lead_id or not rounds:
                raise UserError(self.env._("%(contract)s: its deal has no confirmed minutes.", contract=contract.display_name))
            contract.write({"negotiation_ids": [Command.set(rounds.ids)]})
            contract._carry_out_minutes()
        return True

    def _carry_out_minutes(self):
        """What was agreed and is not written yet goes into the clauses; a text that somebody worked on stays as it is otherwise."""
        self.ensure_one()
        known = [{
            "id": clause.id, "name": clause.name, "topic": clause.topic, "sequence": clause.sequence, "negotiation_line_id": clause.negotiation_line_id.id,
            "source": clause.source or clause.body} for clause in self.clause_ids]
        clauses = [dict(clause) for clause in known]
        for line in self._agreed_lines():
            if not any(contains(clause["source"], line.result) for clause in clauses):
                self._carry_out(line, clauses, self.lang)
        commands = [Command.create(clause) for clause in clauses if "id" not in clause]
        for before, after in zip(known, clauses, strict=False):
            if before != after:
                commands.append(Command.update(before["id"], {fname: after[fname] for fname in ("source", "negotiation_line_id")}))
        if commands:
            self.write({"clause_ids": commands})

    # === LANGUAGE, TYPE === #

    def write(self, vals):
        """Clauses that are still the library's words follow the language and the type of the contract."""
        asked = not {"lang", "type_id"}.isdisjoint(vals)
        followers = {contract: contract._clauses_in_library_words() for contract in self} if asked else {}
        types = {contract: contract.type_id for contract in self} if "type_id" in vals else {}
        result = super().write(vals)
        for contract, clauses in followers.items():
            if contract.type_id != types.get(contract, contract.type_id):
                contract._follow_type(clauses)
            for clause in clauses.exists() if "lang" in vals else ():
                clause.write(contract._prepare_template_words(clause.template_id))
        return result

    def _follow_type(self, clauses):
        """The clauses of another type, as far as nobody worked on those that are there.

        :param clauses: those in the library's words
        """
        library = self.env["sfc.clause"]._library(self.type_id, self.company_id)
        clauses.filtered(lambda clause: clause.template_id.sudo() not in library).unlink()
        missing = library - self.clause_ids.template_id.sudo()
        self.write({"clause_ids": [Command.create(self._prepare_clause(template, self.lang)) for template in missing]})

    def _clauses_in_library_words(self):
        return self.clause_ids.filtered(lambda clause: clause.template_id and clause.source == self._prepare_template_words(clause.template_id)["source"])

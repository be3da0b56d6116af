import logging
from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import RedirectWarning, UserError
from odoo.http import request


class CrmLead(models.Model):
    """阶段门槛: a deal enters a stage only with what its gates ask for, whoever moves it and however (S0.3, S3.15, P7, D11).

    A gate stands before its stage, so a deal that skips stages passes their gates as well. Moving back, losing and restoring are free.
    """
    _inherit = "crm.lead"

    gate_override_ids = fields.One2many("sfc.gate.override", "lead_id", "Passed stage gates", readonly=True)
    gate_reason = fields.Char(
        "Go on because", store=False,
        help="Not kept: written together with the stage, also by an import, it is the reason for which a warning of a stage gate is passed.")

    @api.model_create_multi
    def create(self, vals_list):
        leads = super().create(vals_list)
        leads._check_gates(
            dict.fromkeys(leads.ids, self.env["crm.stage"]), {lead: vals.get("gate_reason") for lead, vals in zip(leads, vals_list, strict=True)})
        return leads

    def write(self, vals):
        if not (vals.get("stage_id") or vals.get("type") == "opportunity") or not self.env["sfc.stage.gate"]._any_in_use():
            return super().write(vals)
        # the check comes after the change: what is written together with the stage counts
        since = {lead.id: lead._stage_reached() for lead in self.sudo()}  # sudo: whoever may move a deal, a portal partner too
        result = super().write(vals)
        self._check_gates(since, dict.fromkeys(self, vals.get("gate_reason")))
        return result

    def _merge_dependences(self, opportunities):
        """The history of deals that are merged into this one stays with it."""
        opportunities.sudo().gate_override_ids.write({"lead_id": self.id})  # sudo: whoever may merge the deals
        return super()._merge_dependences(opportunities)

    # === WHAT IS MISSING === #

    def _stage_reached(self):
        """Stage of a deal; none of what is not yet one."""
        return self.stage_id if self.type == "opportunity" else self.stage_id.browse()

    def _gate_gaps(self, stage, since=None):
        """What deals miss for a stage: {deal: {gate: what is missing}}, without the deals that miss nothing.

        Takes a number of queries that grows with the kinds of checks in use, not with the deals.

        :param since: {deal id: stage where it comes from}; default: where it stands now
        """
        gaps = defaultdict(dict)
        gates = self.env["sfc.stage.gate"]._in_use()
        asked = defaultdict(list)
        for deal in self.sudo() if gates else ():  # sudo: rules read the customer, which may be a colleague's
            for gate in deal._gates_before(stage.sudo(), deal._stage_reached() if since is None else since[deal.id], gates):
                asked[gate].append(deal.id)
        checks = self._gate_checks() if asked else {}
        for gate, deal_ids in asked.items():
            _label, method = checks[gate.check]
            for deal, missing in getattr(self.sudo().browse(deal_ids), method)(gate.threshold).items():
                gaps[deal.with_env(self.env)][gate] = missing
        return gaps

    def _gates_before(self, stage, since, gates):
        """Those of `gates` that a deal passes on its way from a stage to another; where two check the same, the stricter one."""
        self.ensure_one()
        position, passed = since.sequence if since else -1, {}
        for gate in gates if position <= stage.sequence else ():
            on_the_way = gate.stage_id == stage or position < gate.stage_id.sequence < stage.sequence
            of_pipeline = not gate.stage_id.team_ids or self.team_id in gate.stage_id.team_ids
            if on_the_way and of_pipeline and gate._binds(self):
                passed[gate.check] = max(passed.get(gate.check, gate), gate, key=lambda one: (one.severity == "hard", one.threshold))
        return list(passed.values())

    # === STOP OR GO ON === #

    def _check_gates(self, since, reasons):
        """Let the deals into the stage where they now stand, or refuse with everything that is missing for any of them.

        :param since: {deal id: stage where it comes from}
        :param reasons: {deal: why it goes on all the same}; the context may give one for all (sfc_gate_reason)
        :raises UserError: something is missing, and there is no reason or nobody who may overrule
        :raises RedirectWarning: the same, where the web client can offer to go on
        """
        entered = self.filtered(lambda lead: lead.type == "opportunity" and lead.stage_id and lead.stage_id != since[lead.id])
        gaps = {}
        for stage, deals in entered.grouped("stage_id").items():
            gaps.update(deals._gate_gaps(stage, since))
        common = self.env.context.get("sfc_gate_reason")
        reasons = {deal: (reasons.get(deal) or common or "").strip() for deal in gaps}
        passed = {deal: reason for deal, reason in reasons.items() if reason and self._may_pass(gaps[deal])}
        refused = {deal: gates for deal, gates in gaps.items() if deal not in passed}
        if refused:
            self._refuse_at_gate(refused, moved=all(since[deal.id] for deal in refused))
        self._log_passed_gates({deal: (gaps[deal], reason) for deal, reason in passed.items()})

    @api.model
    def _may_pass(self, gates):
        """With a reason anybody passes a warning, and a sales manager a stop. What D11 forbids to everybody is no stage gate."""
        return all(gate.severity == "soft" for gate in gates) or self.env.user.has_group("sales_team.group_sale_manager")

    def _refuse_at_gate(self, refused, moved):
        """Say in one message what is missing, and offer to go on to those who may.

        :param moved: the deals exist and move; what is being created cannot go on in a second dialog
        """
        may_pass = all(self._may_pass(gates) for gates in refused.values())
        message = self._gate_message(refused, may_pass)
        if not (may_pass and moved and self._is_web_client()):
            raise UserError(message)
        deals = self.browse().union(*refused)
        warning = RedirectWarning(message, self.env["sfc.gate.pass"]._action_for(deals, deals.stage_id), self.env._("Go on anyway"))
        warning.loglevel = logging.INFO  # no traceback in the log: nothing is broken
        raise warning

    @api.model
    def _is_web_client(self):
        """A person is waiting in a view that can show a button with the message; not an import, not the API."""
        return bool(request and request.httprequest.path.startswith("/web/dataset/")) and not self._is_import()

    @api.model
    def _gate_message(self, refused, may_pass):
        lines = "\n".join(self.env._(
            "- %(deal)s (%(stage)s): %(missing)s", deal=deal.with_context(sfc_show_number=True).display_name, stage=deal.stage_id.name,
            missing="; ".join(gates.values())) for deal, gates in refused.items())
        if may_pass:
            return self.env._("Still missing for the next stage:\n%(lines)s\n\nFill it in, or say in one sentence why you go on.", lines=lines)
        return self.env._(
            "Still missing for the next stage:\n%(lines)s\n\nFill it in first. A sales manager may move the deal all the same, with a reason.",
            lines=lines)

    def _log_passed_gates(self, passed):
        """Note for the leaders and in the chatter what was passed and why.

        :param passed: {deal: ({gate: what is missing}, reason)}
        """
        if not passed:
            return
        self.env["sfc.gate.override"].sudo().create([{  # sudo: nobody writes this history by hand
            "lead_id": deal.id, "stage_id": deal.stage_id.id, "stage_name": deal.stage_id.name, "missing": "\n".join(gates.values()),
            "reason": reason, "user_id": self.env.uid, "severity": "hard" if any(gate.severity == "hard" for gate in gates) else "soft",
        } for deal, (gates, reason) in passed.items()])
        self.browse().union(*passed)._message_log_batch({
            deal.id: self.env._(
                "Moved to %(stage)s although this was missing: %(missing)s. Reason: %(reason)s",
                stage=deal.stage_id.name, missing="; ".join(gates.values()), reason=reason)
            for deal, (gates, reason) in passed.items()})

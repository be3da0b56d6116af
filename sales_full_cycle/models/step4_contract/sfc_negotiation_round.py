from odoo import Command, api, fields, models
from odoo.exceptions import UserError

from .sfc_negotiation_line import TOPICS


class SfcNegotiation(models.Model):
    """A round begins with what the deal and the last round know, and ends with confirmed minutes or a reason (S4.1-S4.6, D11, D15)."""
    _inherit = "sfc.negotiation"

    # === START === #

    @api.model
    def _start(self, deal):
        """The next round of the deal: of what was left open in the last confirmed one, or the first of all.

        :param deal: a deal about which the user may negotiate
        """
        # sudo: the last round counts, whoever led it
        last = self.sudo().search([("lead_id", "=", deal.id), ("state", "=", "confirmed")], order="round desc", limit=1)
        negotiation = self.create(self._prepare_next_round(last) if last else self._prepare_first_round(deal))
        if last:
            negotiation._link_to(last)
        return negotiation

    @api.model
    def _prepare_first_round(self, deal):
        """What the deal and its proposal know already needs no typing (S4.1, S4.3)."""
        proposal = deal.current_proposal_id._filtered_access("read")
        leader = deal.user_id or self.env.user
        return {
            "lead_id": deal.id, "sale_order_id": proposal.id, "user_id": leader.id, "attendee_ids": [Command.set(leader.ids)],
            "service_needs": deal.need_service, "concerns": deal._doubts_in_words(),
            "line_ids": [Command.create(vals) for vals in self._prepare_topics(proposal)],
            "option_ids": [Command.create(vals) for vals in self.env["sfc.negotiation.option.template"]._prepare_options(deal.company_id or self.env.company)],
        }

    @api.model
    def _prepare_topics(self, proposal):
        """One line a topic, with our position as the proposal states it."""
        positions = proposal._opening_positions() if proposal else {}
        return [{"sequence": 10 * place, "topic": topic, "our_position": positions.get(topic)} for place, (topic, _label) in enumerate(TOPICS, 1)]

    @api.model
    def _prepare_next_round(self, last):
        """Topics that are still open, options that were not used, the people and what was known of the customer."""
        deal = last.lead_id
        return {
            "lead_id": deal.id, "sale_order_id": deal.current_proposal_id.with_env(self.env)._filtered_access("read").id,
            "user_id": (deal.user_id or last.user_id).id, "price_sensitivity": last.price_sensitivity, "service_needs": last.service_needs,
            "concerns": last.concerns, "key_demands": last.key_demands, "location": last.location,
            "attendee_ids": [Command.set((self._still_seeing(last.attendee_ids, deal) | deal.user_id).ids)],
            "customer_attendee_ids": [Command.set(last.customer_attendee_ids.ids)],
            "line_ids": [Command.create(line._prepare_next_line()) for line in last._open_lines()],
            "option_ids": [Command.create(option._prepare_next_option()) for option in last.option_ids if not option.sale_order_id],
        }

    @api.model
    def _still_seeing(self, people, deal):
        """Who left the deal in the meantime is not invited again."""
        return people.filtered(lambda person: person.active and deal.with_user(person).has_access("read"))

    def _link_to(self, last):
        """Each line knows where it was left open. sudo: the system's link"""
        for line, before in zip(self.sudo().line_ids, last.sudo()._open_lines(), strict=True):
            line.previous_line_id = before

    def _open_lines(self):
        return self.line_ids.filtered(lambda line: line.outcome == "open")

    def action_new_round(self):
        """What is still open is negotiated again.

        :raises UserError: this round is not over, or the deal is closed
        """
        self.ensure_one()
        self.check_access("write")
        if self.state == "draft":
            raise UserError(self.env._("%(round)s is still a draft. Confirm its minutes or cancel it before the next round.", round=self.display_name))
        return self.lead_id.action_new_negotiation()

    def _check_prepared(self):
        """S4.2, S4.3, D11: floor and one option before the first round of a deal. With a reason anybody goes on, and the leader sees it.

        :raises UserError: something is missing, and nobody said why that does not matter
        """
        if self.env.su or self.env["crm.lead"]._is_import():
            return
        # sudo: rounds that somebody else led count as well
        known = self.sudo().search([("lead_id", "in", self.lead_id.ids), ("state", "!=", "cancelled"), ("id", "not in", self.ids)]).lead_id
        gaps = (self.lead_id - known.with_env(self.env))._unprepared()
        reason = (self.env.context.get("sfc_gate_reason") or "").strip()
        if gaps and not reason:
            raise UserError(self.env._(
                "Not ready to negotiate yet:\n%(lines)s\n\nFill it in, or start the round on the deal and say there in one sentence why you go on.",
                lines="\n".join(f"- {deal.name}: {'; '.join(missing)}" for deal, missing in gaps.items())))
        self._log_unprepared(gaps, reason)

    @api.model
    def _log_unprepared(self, gaps, reason):
        if not gaps:
            return
        self.env["sfc.gate.override"].sudo().create([{  # sudo: nobody writes this history by hand
            "lead_id": deal.id, "stage_name": self.env._("Negotiation"), "severity": "soft", "missing": "\n".join(missing), "reason": reason,
            "user_id": self.env.uid} for deal, missing in gaps.items()])
        self.env["crm.lead"].union(*gaps)._message_log_batch({deal.id: self.env._(
            "Negotiation started although this was missing: %(missing)s. Reason: %(reason)s", missing="; ".join(missing), reason=reason)
            for deal, missing in gaps.items()})

    # === CONFIRM === #

    def action_confirm(self):
        """The minutes say what was said: frozen from now on, and what is open becomes an activity of whoever does it (S4.6).

        :raises UserError: no draft, or something is missing (all gaps at once)
        """
        self.check_access("write")
        gaps = [self.env._("%(round)s: %(gap)s", round=negotiation.display_name, gap=gap) for negotiation in self for gap in negotiation._confirmation_gaps()]
        if gaps:
            raise UserError("\n".join(gaps))
        now = fields.Datetime.now()
        drafts = self.sudo()  # sudo: status and author are the system's
        drafts.line_ids.filtered(lambda line: not line._says_something()).unlink()
        for negotiation in drafts:
            negotiation.write({
                "state": "confirmed", "confirmed_by_id": self.env.uid, "confirmed_at": now, "start": negotiation.start or now})
        drafts.line_ids._settle()

    def _confirmation_gaps(self):
        """What keeps the minutes from being confirmed, as sentences."""
        if self.state != "draft":
            return [self.env._("It is confirmed or cancelled already. Start a new round for what has changed since.")]
        gaps = []
        lines = self.line_ids.filtered(lambda line: line._says_something())
        if not lines:
            gaps.append(self.env._("Note at least one topic with the positions or the result."))
        if not self.customer_attendee_ids and not (self.key_demands or "").strip():
            gaps.append(self.env._("Say who was there for the customer, or what the customer demands."))
        if self.start and self.start > fields.Datetime.now():
            gaps.append(self.env._("The meeting lies in the future. Correct its time, or confirm the minutes afterwards."))
        return gaps + [gap for line in lines for gap in line._gaps()]

    # === CANCEL === #

    def action_cancel(self, reason=None):
        """The round does not take place. Without a reason the dialog asks for it.

        :raises UserError: no draft
        """
        self.check_access("write")
        self._check_draft()
        reason = (reason or "").strip()
        if not reason:
            return self.env["sfc.negotiation.cancel"]._action_for(self)
        self.sudo().write({"state": "cancelled", "cancel_reason": reason})  # sudo: see action_confirm
        return True

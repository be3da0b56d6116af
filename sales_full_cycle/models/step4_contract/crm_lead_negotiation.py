from odoo import api, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from ..common.bulk_write import bulk_update


class CrmLead(models.Model):
    """The rounds of negotiation of a deal: who starts one, what must be there, whose they are when the deal changes hands (S4.1-S4.6)."""
    _inherit = "crm.lead"

    # === START === #

    def action_new_negotiation(self):
        """The round that is being negotiated, else a new one. What is missing for the first one needs one sentence of reason (D11).

        :raises UserError: the deal is closed
        """
        self.ensure_one()
        self._check_may_negotiate()
        if self.type != "opportunity" or not self.active or self.won_status != "pending":
            raise UserError(self.env._("A round of negotiation belongs to an open deal."))
        # sudo: there is one draft of a deal, whoever leads it
        draft = self.env["sfc.negotiation"].sudo().search([("lead_id", "=", self.id), ("state", "=", "draft")], limit=1).with_env(self.env)
        if draft:
            draft.check_access("read")
            return draft._open()
        if not self.env.context.get("sfc_gate_reason") and self._negotiation_gaps():
            return self.env["sfc.negotiation.start"]._action_for(self)
        return self.env["sfc.negotiation"]._start(self)._open()

    def _check_may_negotiate(self):
        """The owner of the deal, the leader of its team, sales managers; not who works on it for others (S4.4).

        :raises AccessError: anybody else
        """
        if self.env.su:
            return
        self.check_access("write")
        guests = self.filtered(lambda lead: lead._is_guest())
        if guests:
            raise AccessError(self.env._(
                "You work on %(deals)s as a collaborator. The owner of the deal, the team leader or a sales manager starts a negotiation and invites you.",
                deals=", ".join(guests.mapped("name"))))

    def _doubts_in_words(self):
        """What the customer has objected and is not settled: concerns that the negotiation meets again."""
        self.ensure_one()
        objections = self.objection_ids.filtered(lambda objection: objection.state != "closed").sorted("raised_at")
        kinds = dict(objections._fields["kind"]._description_selection(self.env))
        return "\n".join(": ".join(filter(None, (kinds.get(objection.kind), objection.text))) for objection in objections)

    def action_open_negotiations(self):
        self.ensure_one()
        self.check_access("read")
        return self.env["sfc.negotiation"]._action_of([("lead_id", "=", self.id)], self.env._("Negotiations of %(deal)s", deal=self.name))

    # === WHAT MUST BE THERE (D11) === #

    def _floor(self):
        """The floors of the deals in self, at most one each; in sudo, since that there is one is all that its callers here want to know."""
        return self.env["sfc.negotiation.floor"].sudo().search([("lead_id", "in", self.ids)])

    def _has_floor(self):
        return bool(self.sudo()._floor())

    def _negotiation_gaps(self):
        """What is missing to start the first round; the options come from the library with it."""
        self.ensure_one()
        # sudo: rounds count, whoever led them
        if self.env["sfc.negotiation"].sudo().search_count([("lead_id", "=", self.id), ("state", "!=", "cancelled")], limit=1):
            return []
        gaps = [] if self._has_floor() else [self._gap_of_floor()]
        options = self.env["sfc.negotiation.option.template"].sudo()._prepare_options(self.company_id or self.env.company)  # sudo: that there are any
        return gaps if options else [*gaps, self._gap_of_options()]

    def _unprepared(self):
        """{deal: [what is missing]} of deals without floor or without any fallback option (S4.2, S4.3)."""
        # sudo: that there are options, whoever wrote them down
        rows = self.env["sfc.negotiation"].sudo()._read_group(
            [("lead_id", "in", self.ids), ("state", "!=", "cancelled"), ("option_ids", "!=", False)], ["lead_id"])
        with_options, with_floor = {lead.id for (lead,) in rows}, set(self.sudo()._floor().lead_id.ids)  # sudo: that there is one
        missing = {
            lead: [*([] if lead.id in with_floor else [self._gap_of_floor()]), *([] if lead.id in with_options else [self._gap_of_options()])]
            for lead in self}
        return {lead: gaps for lead, gaps in missing.items() if gaps}

    def _gap_of_floor(self):
        return self.env._("no negotiation floor")

    def _gap_of_options(self):
        return self.env._("no fallback option")

    # === STEP OF THE CYCLE === #

    @api.model
    def _cycle_step_evidence(self):
        """A round that takes place (S4.4)."""
        negotiation = self.env["sfc.negotiation"]
        negotiating = SQL(
            "EXISTS (SELECT FROM sfc_negotiation negotiation WHERE negotiation.lead_id = lead.id AND %s)",
            SQL("negotiation.state != 'cancelled'", to_flush=negotiation._fields["state"]), to_flush=negotiation._fields["lead_id"])
        return {**super()._cycle_step_evidence(), "negotiating": negotiating}

    # === ANOTHER OWNER, MERGE, DELETION === #

    def write(self, vals):
        before = {lead: lead.user_id for lead in self if lead.type == "opportunity" and lead.user_id} if vals.get("user_id") else {}
        result = super().write(vals)
        if before:
            self._pass_negotiations_on(before)
        return result

    def _pass_negotiations_on(self, before):
        """Drafts of whoever had the deal go to whoever has it now (ahead 15); those that a colleague leads stay with him."""
        # sudo: whoever changes a deal need not see what others negotiate
        drafts = self.env["sfc.negotiation"].sudo().search([("lead_id", "in", [lead.id for lead in before]), ("state", "=", "draft")])
        moves = {}
        for draft in drafts:
            pair = before[draft.lead_id.with_env(self.env)], draft.lead_id.user_id.with_env(self.env)
            moves[pair] = moves.get(pair, drafts.browse()) | draft
        for (giver, receiver), theirs in moves.items():
            if giver != receiver:
                theirs._hand_over(giver, receiver)

    def _merge_dependences(self, opportunities):
        """Rounds of deals that are merged into this one move along, and count on from its own."""
        rounds = self.env["sfc.negotiation"].sudo()  # sudo: whoever may merge the deals
        moved = rounds.search([("lead_id", "in", opportunities.ids)], order="id")
        last = max(rounds.search([("lead_id", "=", self.id)]).mapped("round"), default=0)
        bulk_update(moved, {negotiation.id: (self.id, place) for place, negotiation in enumerate(moved, last + 1)}, ["lead_id", "round"])
        moved.flush_recordset(["lead_id", "round"])  # before the deals go, and what hangs on them with them
        return super()._merge_dependences(opportunities)

    @api.ondelete(at_uninstall=False)
    def _unlink_negotiations(self):
        """Drafts go with the deal, with messages and files; minutes that were confirmed with a customer keep it."""
        negotiations = self.env["sfc.negotiation"].sudo().search([("lead_id", "in", self.ids)])  # sudo: who may delete the deal
        confirmed = negotiations.filtered(lambda negotiation: negotiation.state == "confirmed")
        if confirmed and not self.env.su:
            raise UserError(self.env._(
                "Minutes of negotiations were confirmed: %(rounds)s. A deal that has any is not deleted; mark it as lost or archive it.",
                rounds=", ".join(confirmed.mapped("display_name"))))
        negotiations.unlink()

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..common.bulk_write import bulk_update
from .sfc_contract import IN_FORCE

# A contract of somebody who hands over goes along until it is done.
LIVE = ("draft", "legal_review", "approved", "sent", "signed", "in_progress")


class CrmLead(models.Model):
    """The deal and its contracts: how one is made, what they are evidence of, and who has them when the deal changes hands (S4.7, S4.9, P9)."""
    _inherit = "crm.lead"

    contract_ids = fields.One2many("sfc.contract", "lead_id", "Contracts")
    negotiation_ids = fields.One2many("sfc.negotiation", "lead_id", "Negotiations")
    contract_count = fields.Integer("Number of contracts", compute="_compute_contract_count", compute_sudo=True)

    def _compute_contract_count(self):
        counts = dict(self.env["sfc.contract"]._read_group([("lead_id", "in", self.ids)], ["lead_id"], ["__count"]))
        for lead in self:
            lead.contract_count = counts.get(lead._origin, 0)

    def action_new_contract(self):
        """Make the contract of the current proposal and open it.

        :raises AccessError, UserError: see sale.order.action_new_contract()
        """
        self.ensure_one()
        self.check_access("write")
        if not self.current_proposal_id:
            raise UserError(self.env._("%(deal)s has no proposal yet: a contract is made from an approved proposal.", deal=self.name))
        return self.current_proposal_id.action_new_contract()

    def action_open_contracts(self):
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id("sales_full_cycle.sfc_contract_action")
        contracts = self.env["sfc.contract"].search([("lead_id", "=", self.id)])
        if len(contracts) == 1:
            return contracts._open()
        return {**action, "name": self.env._("Contracts of %(deal)s", deal=self.name), "domain": [("lead_id", "=", self.id)], "context": {}}

    # === 合同签订 === #

    @api.model
    def _cycle_step_evidence(self):
        """A contract in force; imported history and deals without contract count as before. Cancelling takes the deal out of the won stage."""
        evidence = super()._cycle_step_evidence()
        contracts = self.env["sfc.contract"]._fields
        signed = SQL(
            "(%s) OR EXISTS (SELECT FROM sfc_contract contract WHERE contract.lead_id = lead.id AND contract.state IN %s)",
            evidence["signed"], IN_FORCE, to_flush=(contracts["lead_id"], contracts["state"]))
        return {**evidence, "signed": signed}

    @api.model
    def _may_pass(self, gates):
        """A signature is a fact: the gates before the won stage are noted and do not hold it up. Only the system, not the context alone, says so."""
        return bool(self.env.su and self.env.context.get("sfc_contract_signed")) or super()._may_pass(gates)

    # === CHANGING HANDS === #

    def write(self, vals):
        before = {lead: lead.user_id for lead in self} if "user_id" in vals else {}
        result = super().write(vals)
        if before:
            self._pass_contracts_on(before)
        return result

    def _pass_contracts_on(self, before):
        """Living contracts of whoever had the deal go to whoever has it now; those of a colleague stay with him."""
        # sudo: whoever changes a deal need not see its contracts
        contracts = self.env["sfc.contract"].sudo().search([("lead_id", "in", self.ids), ("state", "in", LIVE)])
        moving = contracts.filtered(lambda contract: contract.user_id == before[contract.lead_id.with_env(self.env)])
        for owner, theirs in moving.grouped(lambda contract: contract.lead_id.user_id).items():
            if owner:
                theirs.filtered(lambda contract, owner=owner: contract.user_id != owner).user_id = owner

    def _merge_dependences(self, opportunities):
        """Contracts of deals that are merged into this one move along."""
        moved = self.env["sfc.contract"].sudo().search([("lead_id", "in", opportunities.ids)])
        bulk_update(moved, dict.fromkeys(moved.ids, (self.id,)), ["lead_id"])  # sudo, and no write(): signed content stays, orders move a moment later
        return super()._merge_dependences(opportunities)

from odoo import api, models

from ..step3_opportunity.crm_lead_next_step import Due, NextThing


class CrmLead(models.Model):
    """What is next with the contract: make it, have it reviewed, send it, wait for the signature (S4.7, S4.8)."""
    _inherit = "crm.lead"

    @api.depends("contract_ids.state", "negotiation_ids.state", "negotiation_ids.round", "negotiation_ids.line_ids.outcome")
    def _compute_next_thing(self):
        return super()._compute_next_thing()

    @api.model
    def _next_things(self):
        """Before the questions about the customer's decision: who has a contract on the table has decided."""
        things = super()._next_things()
        open_it = (self.env._("Open the contract"), "_next_open_contract")
        place = next((place for place, thing in enumerate(things) if thing.code == "plan_decision"), len(things))
        things[place:place] = [
            NextThing("contract", "opportunity", "_due_contract", self.env._("New contract"), "action_new_contract"),
            NextThing("contract_submit", "opportunity", "_due_contract_submit", *open_it),
            NextThing("contract_review", "opportunity", "_due_contract_review"),
            NextThing("contract_send", "opportunity", "_due_contract_send", *open_it),
            NextThing("contract_sign", "opportunity", "_due_contract_sign", *open_it),
        ]
        return things

    def _open_contract(self):
        """The contract that is on its way to its signature, the newest one."""
        return self.contract_ids.filtered(lambda contract: contract.state in ("draft", "legal_review", "approved", "sent")).sorted("id")[-1:]

    def _due_contract(self):
        if self._open_contract() or any(contract.state != "cancelled" for contract in self.contract_ids):
            return None
        proposal = self.current_proposal_id
        if self.contract_ids:
            return Due(self.env._("The contract was cancelled: make another one, or close the deal."))
        if not proposal or proposal.state == "sale":
            return None
        contracts = self.env["sfc.contract"]
        newest = max(self.negotiation_ids.filtered(lambda one: one.state != "cancelled"), key=lambda one: (one.round, one.id), default=None)
        if newest:
            settled = newest.state == "confirmed" and not any(line.outcome == "open" for line in newest.line_ids)
            return Due(self.env._("All is agreed: make the contract.")) if settled else None
        if contracts._needs_no_negotiation(proposal, contracts._default_type(proposal)):
            return Due(self.env._("A small order of a customer that bought before: make the contract."))
        return None

    def _due_contract_submit(self):
        contract = self._open_contract()
        if contract.state != "draft":
            return None
        return Due(self.env._("Complete the contract %(number)s and submit it for legal review.", number=contract.number), contract._approval_gaps())

    def _due_contract_review(self):
        contract = self._open_contract()
        return Due(self.env._("Contract %(number)s waits for legal review.", number=contract.number)) if contract.state == "legal_review" else None

    def _due_contract_send(self):
        contract = self._open_contract()
        return Due(self.env._("Contract %(number)s is approved: give it to the customer.", number=contract.number)) if contract.state == "approved" else None

    def _due_contract_sign(self):
        contract = self._open_contract()
        return Due(self.env._("Contract %(number)s waits for the customer's signature.", number=contract.number)) if contract.state == "sent" else None

    def _next_open_contract(self):
        contract = self._open_contract().sudo(self.env.su)
        contract.check_access("read")
        return contract._open()

from odoo import fields, models
from odoo.exceptions import UserError

from ..common.bulk_write import bulk_update
from .sfc_contract import IN_FORCE


class SfcContract(models.Model):
    """What signing and cancelling a contract do to order, deal and step (S4.8, S4.9, design.md section 4)."""
    _inherit = "sfc.contract"

    stage_before_id = fields.Many2one(
        "crm.stage", "Stage before", readonly=True, copy=False, ondelete="set null", help="Where the deal stood before the signature.")

    # === EVERY MOVE === #

    def _moved(self, before):
        """The order knows whether it is under a contract; the deal's step follows."""
        result = super()._moved(before)
        contracts = self.sudo()  # sudo: facts of orders and deals that the user need not see
        orders = contracts.sale_order_id
        bulk_update(orders, {order.id: (any(one.state in IN_FORCE for one in order.contract_ids),) for order in orders}, ["contract_in_force"])
        contracts.lead_id._sync_cycle_step()
        return result

    # === SIGNED === #

    def _signed(self):
        """Hook, in the transaction of the signature, once a contract, when its state is `signed`: order and deal follow, each step adds its own.

        :raises UserError: the order cannot be confirmed
        """
        # sudo: the customer signs on the portal, legal or finance may hold the sealed scan; what follows is the company's
        for contract in self.sudo():
            contract._confirm_order()
            contract._win_deal()
            contract._note(self.env._("Signed: %(contract)s is in force.", contract=contract.display_name))
        self.sudo().parent_id.filtered(lambda parent: parent.state == "done")._check_done()

    def _confirm_order(self):
        order = self.sale_order_id
        if order.state == "cancel":
            raise UserError(self.env._("The order %(order)s of the contract is cancelled.", order=order.name))
        if order.state in ("draft", "sent"):
            order.action_confirm()

    def _win_deal(self):
        """合同签订. A fact: what its stage gates miss is noted, and does not hold it up."""
        lead = self.lead_id
        if lead and lead.won_status != "won":
            self.stage_before_id = lead.stage_id
            lead.with_context(sfc_contract_signed=True, sfc_gate_reason=self.env._("Contract %(number)s is signed.", number=self.number)).action_set_won()
        lead._sync_cycle_step()

    # === CANCELLED === #

    def action_open_cancel(self):
        """The dialog that asks why."""
        self.ensure_one()
        self._check_may_move("cancelled")
        return {
            "type": "ir.actions.act_window", "name": self.env._("Cancel the contract"), "res_model": "sfc.contract.cancel", "views": [(False, "form")],
            "target": "new", "context": {"default_contract_id": self.id},
        }

    def action_cancel(self, reason=None, note=None):
        """Give the contracts up, for a reason (sfc.reason of kind contract_cancel, or its id) where they are in force. The order is free for another
        contract, the deal goes back to where its evidence stands, invoices stay.

        :raises AccessError: see _check_may_move()
        :raises UserError: no reason for a contract in force
        """
        reason = self.env["sfc.reason"].browse(reason) if isinstance(reason, int) else reason or self.env["sfc.reason"]
        bound = self.filtered(lambda contract: contract.state in IN_FORCE)
        if reason and reason.kind != "contract_cancel" or bound and not reason:
            raise UserError(self.env._("Say why: choose a reason for the cancellation."))
        self._move("cancelled")
        self.sudo().write({"cancel_reason_id": reason.id, "cancel_note": note})  # sudo: written by this button alone
        self._cancelled(bound)
        return True

    def _cancelled(self, bound):
        """Hook: the contracts in self were cancelled.

        :param bound: those of them that had been in force
        """
        contracts = self.sudo()  # sudo: what hangs on them, whoever sees it
        contracts._cancel_amendments()
        for contract in contracts & bound.sudo():
            contract._lose_signature()
            contract._note(contract._cancellation_in_words())

    def _cancel_amendments(self):
        """What amends a cancelled contract amends nothing."""
        for contract in self:
            if still := contract.amendment_ids.filtered(lambda amendment: amendment.state != "cancelled"):
                still.action_cancel(contract.cancel_reason_id, contract.cancel_note)

    def _lose_signature(self):
        """The deal is won no more, unless another contract of it is in force: back to the stage before the signature, else to the last open one."""
        lead = self.lead_id
        if not lead or self.parent_id or lead.won_status != "won" or any(contract.state in IN_FORCE for contract in lead.contract_ids):
            return
        stage = self.stage_before_id or lead._stage_find(domain=[("is_won", "=", False)], order="sequence desc, id desc", limit=1)
        if stage:
            lead.write({"stage_id": stage.id})
            lead.action_set_automated_probability()
        lead._sync_cycle_step()

    def _cancellation_in_words(self):
        words = [self.env._("Cancelled: %(reason)s.", reason=". ".join(filter(None, (self.cancel_reason_id.name, self.cancel_note))))]
        if self.sale_order_id:
            words.append(self.env._("The order %(order)s is free for another contract.", order=self.sale_order_id.name))
        if invoices := self.sale_order_id.invoice_ids.filtered(lambda move: move.state != "cancel"):
            words.append(self.env._(
                "Its invoices stay as they are: %(names)s. Credit them where that is due.",
                names=", ".join(move.name or self.env._("draft") for move in invoices)))
        return " ".join(words)

    # === FULFILLED === #

    def _is_fulfilled(self):
        """Hook: everything that the contract asks for is done; here: every instalment is paid, those of its amendments as well. Step 5 adds delivery."""
        self.ensure_one()
        # sudo: whoever changed the last fact
        contracts = (self | self.amendment_ids.filtered(lambda amendment: amendment.state in IN_FORCE)).sudo()
        milestones = contracts.milestone_ids
        return bool(milestones) and all(milestone._is_settled() for milestone in milestones)

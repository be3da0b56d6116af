from odoo import api, models

from .crm_lead_contract import LIVE


class SfcHandoverEngine(models.AbstractModel):
    """The contracts of a customer change hands with it, also those of deals that are won (ahead 15, P14)."""
    _inherit = "sfc.handover.engine"

    @api.model
    def _work_models(self):
        return (*super()._work_models(), "sfc.contract")

    def _move_customers(self, profiles, receiver, note, kind):
        givers = {(profile.partner_id, profile.company_id): profile._owners_or_former() for profile in profiles}
        contracts = self.env["sfc.contract"].sudo().search([
            ("partner_id.commercial_partner_id", "in", profiles.partner_id.ids), ("state", "in", LIVE), ("user_id", "!=", receiver.id)])
        moving = contracts.filtered(
            lambda contract: contract.user_id in givers.get((contract.partner_id.commercial_partner_id, contract.company_id), self.env["res.users"]))
        before = {contract.id: contract.user_id for contract in moving}
        result = super()._move_customers(profiles, receiver, note, kind)
        moving = moving.filtered(lambda contract: contract.user_id != receiver)  # the others went with their deals
        if moving:
            self._quiet(moving).write({"user_id": receiver.id})
            self._leave_note(moving, before, receiver, note)
        return result

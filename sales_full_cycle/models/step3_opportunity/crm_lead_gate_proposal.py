from odoo import api, models


class CrmLead(models.Model):
    """Stage gates over the proposals of a deal (S3.11, S3.15)."""
    _inherit = "crm.lead"

    @api.model
    def _gate_checks(self):
        return {
            **super()._gate_checks(),
            "proposal_approved": (self.env._("Proposal approved, or needs no approval"), "_gate_proposal_approved"),
            "proposal_sent": (self.env._("Proposal submitted to the customer"), "_gate_proposal_sent"),
        }

    def _gate_proposal_approved(self, threshold):
        released = self.env["sale.order"]._read_group([
            ("opportunity_id", "in", self.ids), ("state", "!=", "cancel"), ("order_line", "!=", False), ("proposal_released", "=", True)],
            ["opportunity_id"])
        return self._gate_without(released, self.env._("no approved proposal"))

    def _gate_proposal_sent(self, threshold):
        submitted = self.env["sfc.proposal.submission"]._read_group([("lead_id", "in", self.ids)], ["lead_id"])
        return self._gate_without(submitted, self.env._("no proposal submitted to the customer"))

    def _gate_without(self, rows, missing):
        """{deal: what is missing} of the deals that are not among the groups."""
        having = {deal for (deal,) in rows}
        return {deal: missing for deal in self if deal not in having}

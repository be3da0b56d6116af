from odoo import api, models


class CrmLead(models.Model):
    """What stage gates can check. Each check asks the rule where it lives; each step adds its own (P7, D11)."""
    _inherit = "crm.lead"

    @api.model
    def _gate_checks(self):
        """{code: (label, name of the method)}.

        A method gets the threshold of the gate and answers for all deals of its recordset at once, in a number of queries that
        does not grow with them: {deal: what is missing, as the end of "Still missing: ..."}, only for deals that miss something.
        """
        return {
            "sheet_complete": (self.env._("Lead sheet complete"), "_gate_sheet_complete"),
            "customer_graded": (self.env._("Customer graded"), "_gate_customer_graded"),
            "needs_complete": (self.env._("Needs known to at least ..."), "_gate_needs_complete"),
            "decider_contacted": (self.env._("Decision maker contacted, or a reason why not"), "_gate_decider_contacted"),
            "evaluated": (self.env._("Evaluated"), "_gate_evaluated"),
            "not_weak": (self.env._("Not weak, or decided what to do about it"), "_gate_not_weak"),
        }

    def _gate_sheet_complete(self, threshold):
        return {
            lead: self.env._("of the lead sheet: %(fields)s", fields=", ".join(lead._missing_labels())) for lead in self if not lead.is_complete
        }

    def _gate_customer_graded(self, threshold):
        return self._gate_qualification("customer_graded")

    def _gate_needs_complete(self, threshold):
        return self._gate_qualification("needs_complete", threshold)

    def _gate_decider_contacted(self, threshold):
        return self._gate_qualification("decider_contacted")

    def _gate_qualification(self, what, *threshold):
        missing = {lead: lead._qualification_missing(*threshold).get(what) for lead in self}
        return {lead: text for lead, text in missing.items() if text}

    def _gate_evaluated(self, threshold):
        return {lead: self.env._("not evaluated") for lead in self if not lead.evaluated_at}

    def _gate_not_weak(self, threshold):
        """Also in a stage that closes the deal, where a decision is no longer owed."""
        return {
            lead: self.env._("weak, and nobody decided what to do about it") for lead in self
            if lead.opportunity_strength == "weak" and not lead.weak_decision_id
        }

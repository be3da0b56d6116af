from odoo import api, models


class CrmLead(models.Model):
    """Stage gates over the negotiation of a deal (S4.2, S4.3, S4.6, D11)."""
    _inherit = "crm.lead"

    @api.model
    def _gate_checks(self):
        return {
            **super()._gate_checks(),
            "negotiation_prepared": (self.env._("Negotiation floor and a fallback option"), "_gate_negotiation_prepared"),
            "minutes_confirmed": (self.env._("Minutes of the negotiation confirmed"), "_gate_minutes_confirmed"),
        }

    def _gate_negotiation_prepared(self, threshold):
        return {deal: ", ".join(gaps) for deal, gaps in self._unprepared().items()}

    def _gate_minutes_confirmed(self, threshold):
        """Of the last round that took place or shall take place."""
        rows = self.env["sfc.negotiation"]._read_group(
            [("lead_id", "in", self.ids), ("state", "!=", "cancelled")], ["lead_id", "state"], ["__count"])
        states = {}
        for deal, state, _count in rows:
            states.setdefault(deal, set()).add(state)
        missing = {deal: self._minutes_gap(states.get(deal, set())) for deal in self}
        return {deal: gap for deal, gap in missing.items() if gap}

    def _minutes_gap(self, states):
        if "draft" in states:
            return self.env._("minutes of the negotiation not confirmed")
        return None if states else self.env._("no minutes of a negotiation")

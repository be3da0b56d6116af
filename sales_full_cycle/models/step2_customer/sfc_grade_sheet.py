from odoo import models


class SfcGrade(models.Model):
    """A grade's rhythm in words, as the customer sheet shows it (D7)."""
    _inherit = "sfc.grade"

    def _rhythm(self, urgent):
        """(amount, unit) between two contacts."""
        return (self.urgent_amount, self.urgent_unit) if urgent else (self.cadence_amount, self.cadence_unit)

    def _rhythm_label(self, amount, unit):
        if unit == "day":
            return self.env._("Every %(count)s days", count=amount) if amount > 1 else self.env._("Every day")
        return self.env._("Every %(count)s months", count=amount) if amount > 1 else self.env._("Every month")

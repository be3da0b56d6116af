from odoo import api, models
from odoo.exceptions import AccessError


class ReportMinutesInternal(models.AbstractModel):
    """谈判纪要 with the internal page: only for whoever may read it, also when somebody types the report's address (T3, ahead 5)."""
    _name = "report.sales_full_cycle.report_minutes_internal"
    _description = "Minutes with their internal page"

    @api.model
    def _get_report_values(self, docids, data=None):
        """:raises AccessError: one of the minutes' internal pages is not for the user"""
        # a report may be rendered with all rights; this one is printed with those of the person
        minutes = self.sudo(False).env["sfc.negotiation"].browse(docids).exists()
        minutes.check_access("read")
        if not all(minutes.mapped("may_see_inside")):
            raise AccessError(self.env._("The internal page is for the salesperson of the deal, the team leader and the sales managers."))
        return {"doc_ids": minutes.ids, "doc_model": minutes._name, "docs": minutes}

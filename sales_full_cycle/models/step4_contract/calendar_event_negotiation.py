from odoo import api, fields, models

FACTS = {"sfc_negotiation_id", "start", "start_date", "location", "active"}


class CalendarEvent(models.Model):
    """The meeting of a round of negotiation: it names its deal, and its date is the round's (S4.4)."""
    _inherit = "calendar.event"

    sfc_negotiation_id = fields.Many2one("sfc.negotiation", "Negotiation", index="btree_not_null", ondelete="set null", copy=False)

    @api.model_create_multi
    def create(self, vals_list):
        default = self.env.context.get("default_sfc_negotiation_id")
        events = super().create([self._round_vals(vals, vals.get("sfc_negotiation_id", default)) for vals in vals_list])
        events._tell_rounds()
        return events

    def write(self, vals):
        if vals.get("sfc_negotiation_id"):
            self._round(vals["sfc_negotiation_id"])
        result = super().write(vals)
        if not FACTS.isdisjoint(vals):
            self._tell_rounds()
        return result

    @api.model
    def _round_vals(self, vals, negotiation_id):
        """The deal shows the meeting as one of its own, with Odoo's activity for it."""
        if not negotiation_id:
            return vals
        negotiation = self._round(negotiation_id)
        deal = negotiation.lead_id
        model_id = self.env["ir.model"]._get_id(deal._name)
        return {**vals, "sfc_negotiation_id": negotiation.id, "res_model_id": model_id, "res_id": deal.id, "opportunity_id": deal.id}

    @api.model
    def _round(self, negotiation_id):
        """:raises AccessError: the user may not plan anything for this round
        :raises UserError: the round is over
        """
        negotiation = self.env["sfc.negotiation"].browse(negotiation_id)
        negotiation.check_access("write")
        negotiation._check_draft()
        return negotiation

    def _tell_rounds(self):
        """sudo: whoever may move the meeting moves the round."""
        meetings = self.sudo().filtered("sfc_negotiation_id")
        if meetings:
            meetings.sfc_negotiation_id._follow_meetings(meetings)

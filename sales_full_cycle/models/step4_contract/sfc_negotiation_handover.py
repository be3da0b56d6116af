from odoo import Command, models


class SfcNegotiation(models.Model):
    """An open round follows the deal to its new owner (ahead 15)."""
    _inherit = "sfc.negotiation"

    def _hand_over(self, giver, receiver):
        """Who leads it, who sits at the table, who does what is open; `self` in sudo. The handover itself tells the receiver, once."""
        quiet = self.with_context(mail_auto_subscribe_no_notify=True)
        quiet.filtered(lambda negotiation: negotiation.user_id == giver).user_id = receiver
        quiet.filtered(lambda negotiation: giver in negotiation.attendee_ids).write({
            "attendee_ids": [Command.unlink(giver.id), Command.link(receiver.id)]})
        quiet._open_lines().filtered(lambda line: line.responsible_id == giver).responsible_id = receiver

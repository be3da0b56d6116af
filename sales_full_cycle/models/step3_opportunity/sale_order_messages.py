from odoo import api, models


class SaleOrder(models.Model):
    """Messages about an unapproved proposal: plain words to the customer pass, the proposal, its amount and its link do not (S3.11)."""

    _inherit = "sale.order"

    def message_post(self, **kwargs):
        if self.env.context.get("mark_so_as_sent"):
            self._check_proposal_released()
        return super().message_post(**kwargs)

    def _notify_get_recipients_groups(self, message, model_description, msg_vals=False):
        """No button to a page that is closed."""
        groups = super()._notify_get_recipients_groups(message, model_description, msg_vals=msg_vals)
        if self and self._unreleased_proposals():
            for name, _matches, options in groups:
                if name in ("portal_customer", "portal", "follower", "customer"):
                    options["has_button_access"] = False
        return groups

    def _notify_by_email_prepare_rendering_context(self, message, *args, **kwargs):
        """Odoo writes the order's total above every message."""
        values = super()._notify_by_email_prepare_rendering_context(message, *args, **kwargs)
        if self._unreleased_proposals():
            values["subtitles"] = values["subtitles"][:1]
        return values

    @api.model
    def _get_thread_with_access(self, thread_id, **kwargs):
        """The conversation on the customer's page is closed with the page, also to those who have its token."""
        thread = super()._get_thread_with_access(thread_id, **kwargs)
        return self.browse() if self.env.user.share and thread._unreleased_proposals() else thread

    def _send_order_notification_mail(self, *args, **kwargs):
        """Mails that Odoo sends by itself, after a payment or later from a cron: an unapproved proposal is held back, and nothing is raised."""
        if self._unreleased_proposals():
            self.pending_email_template_id = False
            self._tell_proposal_held()
            return None
        return super()._send_order_notification_mail(*args, **kwargs)

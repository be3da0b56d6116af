from odoo import models


class MailComposeMessage(models.TransientModel):
    _inherit = "mail.compose.message"

    def _action_send_mail(self, auto_commit=False):
        """S3.11: templates, mass mails and attachments are how a quotation goes out by mail; a few words typed by hand are not."""
        self._check_proposals_released()
        return super()._action_send_mail(auto_commit=auto_commit)

    def _action_schedule_message(self):
        self._check_proposals_released()
        return super()._action_schedule_message()

    def _check_proposals_released(self):
        for composer in self.filtered(lambda composer: composer.model == "sale.order" and composer._carries_the_document()):
            orders = self.env["sale.order"]
            orders = orders.search(composer._evaluate_res_domain()) if composer.res_domain else orders.browse(composer._evaluate_res_ids())
            orders._check_proposal_released()

    def _carries_the_document(self):
        return bool(
            self.composition_mode == "mass_mail" or self.template_id or self.attachment_ids or self.env.context.get("mark_so_as_sent"))

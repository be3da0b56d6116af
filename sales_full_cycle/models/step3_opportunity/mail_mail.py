from odoo import SUPERUSER_ID, api, models


class MailMail(models.Model):
    _inherit = "mail.mail"

    @api.model_create_multi
    def create(self, vals_list):
        """S3.11: every e-mail passes here, whichever template, automation, wizard or API call made it."""
        mails = super().create(vals_list)
        if about_orders := mails.filtered(lambda mail: mail.model == "sale.order" and mail.res_id):
            about_orders._check_proposals_released()
        return mails

    def _check_proposals_released(self):
        """Refuses what carries an unapproved proposal out of the company. Words about it pass; so does what a customer wrote."""
        # exists: a mail may outlive its order
        orders = self.env["sale.order"].browse(self.filtered(lambda mail: mail._carries_the_document() and mail._leaves_the_company()).mapped("res_id"))
        orders.exists()._check_proposal_released()

    def _carries_the_document(self):
        """A mail of its own is made from a template; a notification repeats a message and carries its attachments."""
        return not self.is_notification or bool(self.attachment_ids)

    def _leaves_the_company(self):
        if self._comes_from_outside():
            return False
        # sudo: who is a colleague is no secret, the users of a partner are
        recipients = self.sudo().recipient_ids
        return bool(self.email_to or self.email_cc) or any(not any(user._is_internal() for user in partner.user_ids) for partner in recipients)

    def _comes_from_outside(self):
        """Written on the portal, or fetched from the mailbox (Odoo posts that as the superuser): passed on to the followers with its attachments."""
        return self.env.user.share or (self.env.uid == SUPERUSER_ID and self.message_type == "email")

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import html2plaintext


class SfcObjection(models.Model):
    """What a customer asks or doubts about a contract is an objection of its deal (S3.12, screens.md "Read and sign")."""
    _inherit = "sfc.objection"

    @api.model
    def _from_message(self, message):
        """Also of a contract."""
        if message.model != "sfc.contract":
            return super()._from_message(message)
        known = self.sudo().with_context(active_test=False).search([("message_id", "=", message.id)]).with_env(self.env)
        if known:
            known.check_access("read")
            return known
        contract = self.env["sfc.contract"].browse(message.res_id)
        contract.check_access("read")
        if not message.author_id.partner_share or message.message_type not in ("comment", "email"):
            raise UserError(self.env._("Only what a customer writes on a contract can become an objection."))
        if not contract.lead_id:
            raise UserError(self.env._(
                "%(contract)s has no deal, and an objection belongs to one. Answer the customer directly.", contract=contract.display_name))
        objection = self.create({
            "sale_order_id": contract.sale_order_id.id if contract.sale_order_id.opportunity_id == contract.lead_id else False,
            "lead_id": contract.lead_id.id, "contact_id": message.author_id.id, "channel": "portal", "raised_at": message.date,
            "text": html2plaintext(message.body or "").strip() or self.env._("See the attachments of the comment."),
        })
        objection.sudo().message_id = message  # sudo: only this way leads to a message
        return objection

    @api.model
    def _is_asked_already(self, contract, question):
        """The same words are still waiting for an answer: sent twice, asked once."""
        return bool(self.sudo().search_count(  # sudo: for the customer, who reads no objections
            [("lead_id", "=", contract.lead_id.id), ("state", "=", "open"), ("channel", "=", "portal"), ("text", "=", question)], limit=1))

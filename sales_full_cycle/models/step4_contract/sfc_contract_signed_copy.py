from odoo import models
from odoo.exceptions import UserError


class SfcContract(models.Model):
    """A sealed copy counts as much as a signature on the portal (D16)."""
    _inherit = "sfc.contract"

    def action_register_signed_copy(self):
        """The dialog: the scan, who sealed, and where the originals are.

        :raises UserError: not approved as it is now, or signed already
        """
        self.ensure_one()
        self._check_may_register()
        return {
            "type": "ir.actions.act_window", "name": self.env._("Register signed copy"), "res_model": "sfc.contract.signed.copy", "view_mode": "form",
            "target": "new", "context": {"default_contract_id": self.id},
        }

    def _check_may_register(self):
        """Whether it was signed in time is asked when the date on the paper is known."""
        self.check_access("write")
        self._check_not_signed()
        today = self._signature_date()
        if gaps := self.sudo()._sign_gaps("scan", min(today, self.sign_until or today)):  # sudo: the approval, for whoever may write the contract
            raise UserError("\n".join(gaps))

    def _register_signed_copy(self, files, name, signed_on, *, proxy=None, **values):
        """Sign with a sealed copy, as the salesperson; what the customer seals, he confirms.

        :param files: [(name, content)]
        :param proxy: (name, content) of the proxy letter
        :param values: seal_kind, originals, archive_place
        """
        self.ensure_one()
        self._check_may_register()
        contract = self.sudo()  # sudo: only signing writes these; that this user may register was checked
        if proxy:
            values["proxy_letter_id"] = contract._keep_proxy_letter(*proxy).id
        if not contract._is_confirmed():
            contract._confirm("paper", name, user=self.env.user)
        self._sign("scan", name, files=files, signed_on=signed_on, user=self.env.user, values=values)
        contract.message_post(
            body=self.env._("The signed copy of %(name)s was registered.", name=name), attachment_ids=contract.signed_attachment_id.ids,
            subtype_xmlid="mail.mt_note")

    def _keep_proxy_letter(self, name, content):
        self._check_handed_in([(name, content)])
        return self._keep_file(name, content, False)

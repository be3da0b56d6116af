from odoo import api, fields, models
from odoo.exceptions import UserError

CONFIRMATION_WAYS = [("portal", "Customer portal"), ("email", "E-mail"), ("wechat", "WeChat"), ("paper", "On paper")]
CONFIRMATION_FIELDS = {"confirmed_way", "confirmed_by", "confirmed_at", "confirmed_user_id", "confirmed_hash", "confirmation_file_ids"}


class SfcContract(models.Model):
    """客户确认无误: the customer says that this text is right, before it is signed; with evidence (S4.8, D16).

    A confirmation is about the content that was approved: when the contract changes, it does not count any more.
    """
    _inherit = "sfc.contract"

    confirmed_way = fields.Selection(CONFIRMATION_WAYS, "Confirmed how", readonly=True, copy=False, tracking=True)
    confirmed_by = fields.Char("Confirmed by", readonly=True, copy=False, help="Who on the customer's side.")
    confirmed_at = fields.Datetime("Confirmed on", readonly=True, copy=False)
    confirmed_user_id = fields.Many2one("res.users", "Confirmation recorded by", readonly=True, copy=False, index="btree_not_null")
    confirmed_hash = fields.Char("Confirmed content (SHA-256)", readonly=True, copy=False)
    confirmation_file_ids = fields.Many2many(
        "ir.attachment", "sfc_contract_confirmation_file_rel", string="Evidence", readonly=True, copy=False, help="E-mail, screenshot or paper.")
    confirmed_by_customer = fields.Boolean("Confirmed", compute="_compute_confirmed_by_customer", help="The customer confirmed the contract as it is now.")

    @api.depends("confirmed_hash", "approval_content_hash", "approval_state")
    def _compute_confirmed_by_customer(self):
        for contract in self:
            contract.confirmed_by_customer = contract._is_confirmed()

    def _signature_fields(self):
        return super()._signature_fields() | CONFIRMATION_FIELDS

    def _is_confirmed(self):
        """Confirmed, and it is still the same text."""
        self.ensure_one()
        contract = self.sudo()  # sudo: hashes, for whoever may read the contract
        return bool(contract.confirmed_at) and contract.confirmed_hash == contract.approval_content_hash and contract.approval_state == "approved"

    def action_confirm_by_customer(self):
        """The dialog: how the customer confirmed, and the evidence."""
        self.ensure_one()
        self._check_confirmable()
        return {
            "type": "ir.actions.act_window", "name": self.env._("Customer's confirmation"), "res_model": "sfc.contract.confirmation", "view_mode": "form",
            "target": "new", "context": {"default_contract_id": self.id},
        }

    def _check_confirmable(self):
        """By a colleague who may write the contract."""
        self.check_access("write")
        self._check_text_stands()

    def _check_text_stands(self):
        """:raises UserError: there is no approved text that could be confirmed"""
        if self.state not in ("approved", "sent") or not self._may_leave():
            raise UserError(self.env._(
                "%(contract)s cannot be confirmed now: the customer confirms what legal has approved and nobody has signed yet.",
                contract=self.display_name))

    def _confirm(self, way, name, *, at=None, user=None, files=()):
        """Record the customer's confirmation; who may do so was checked by the caller.

        :param files: evidence, [(name, content)]
        """
        self.ensure_one()
        contract = self.sudo()  # sudo: the customer confirms, and nobody else may write it
        contract._check_text_stands()
        evidence = [contract._keep_file(file_name, content, False).id for file_name, content in files]
        contract.write({
            "confirmed_way": way, "confirmed_by": (name or "").strip() or False, "confirmed_at": at or fields.Datetime.now(),
            "confirmed_user_id": user.id if user else False, "confirmed_hash": contract.approval_content_hash,
            "confirmation_file_ids": [(6, 0, evidence)],
        })

import base64

from odoo import fields, models

from ..models.step4_contract.sfc_contract_signature import SEALS


class SfcContractSignedCopy(models.TransientModel):
    """The scan of the sealed contract, who sealed it, and where the originals are (S4.8, D16)."""
    _name = "sfc.contract.signed.copy"
    _description = "Signed copy of a contract"

    contract_id = fields.Many2one("sfc.contract", required=True, readonly=True, ondelete="cascade")
    file_ids = fields.Many2many("ir.attachment", string="Signed copy", help="盖章扫描件: PDF, JPG or PNG; several pages in their order.")
    seal_kind = fields.Selection(SEALS, "Seal", required=True, default="contract", help="盖章类型: 公章 · 合同专用章 · 电子章 · 签字")
    signatory = fields.Char("Signed by", required=True, help="签字人 of the customer.")
    signed_on = fields.Date("Signed on", required=True, default=fields.Date.context_today)
    proxy_letter = fields.Binary("Proxy letter", attachment=False, help="授权委托书, if it was not the legal representative who signed.")
    proxy_letter_name = fields.Char()
    originals = fields.Integer(default=2, help="How many sealed originals we hold.")
    archive_place = fields.Char("Archived at")

    def action_apply(self):
        self.ensure_one()
        contract = self.contract_id
        contract._check_may_register()
        proxy = (self.proxy_letter_name or self.env._("Proxy letter"), base64.b64decode(self.proxy_letter)) if self.proxy_letter else None
        contract._register_signed_copy(
            [(file.name, file.raw) for file in self.file_ids], self.signatory, self.signed_on, proxy=proxy, seal_kind=self.seal_kind,
            originals=self.originals, archive_place=self.archive_place)
        return {"type": "ir.actions.act_window_close"}

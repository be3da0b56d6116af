from odoo import api, fields, models
from odoo.exceptions import UserError

# Says where a file is found, not what is in it or whose it is.
HARMLESS = {"access_token"}
# How the same content is given.
CONTENT = {"raw", "datas", "db_datas"}


class IrAttachment(models.Model):
    """Files that are evidence (P8, ahead 7): once frozen, nobody changes or deletes them, whatever his rights."""
    _inherit = "ir.attachment"

    sfc_frozen = fields.Boolean("Evidence", readonly=True, copy=False, help="A signed document or what belongs to it: it cannot be changed or deleted.")

    _sfc_frozen = models.Index("(res_model, res_id) WHERE sfc_frozen")

    @api.model_create_multi
    def create(self, vals_list):
        attachments = super().create(vals_list)
        if not self.env.su:
            attachments._refuse_forged_evidence()
        return attachments

    def write(self, vals):
        if "sfc_frozen" in vals and not (vals == {"sfc_frozen": True} and self.env.su):
            raise UserError(self.env._("What is evidence follows from signing and cannot be written."))
        if vals.keys() - HARMLESS - {"sfc_frozen"}:
            self._refuse_frozen(lambda attachment: attachment._would_change(vals))
        return super().write(vals)

    @api.ondelete(at_uninstall=True)
    def _unlink_except_frozen(self):
        self._refuse_frozen(lambda attachment: True)

    def _refuse_forged_evidence(self):
        """Neither a frozen file nor a drawn signature comes in by hand."""
        for attachment in self:
            model = self.env.get(attachment.res_model)
            signs = model is not None and isinstance(model, self.env.registry["sfc.signature.mixin"])
            if attachment.sfc_frozen or (signs and attachment.res_field):
                raise UserError(self.env._("Signatures and signed files are kept by signing; they cannot be uploaded as such."))

    def _refuse_frozen(self, concerns):
        # sudo: the flag and the values that are compared, whoever asks
        if frozen := self.sudo().filtered(lambda attachment: attachment.sfc_frozen and concerns(attachment)):
            raise UserError(self.env._(
                "%(names)s belongs to a signed document and is kept as it is: it cannot be changed or deleted. Make an amendment if something is to change.",
                names=", ".join(filter(None, frozen.mapped("name")))))

    def _would_change(self, vals):
        """Moving files to another storage writes the same content again."""
        return any(not self._is_same(fname, value) for fname, value in vals.items() if fname in self._fields and fname not in HARMLESS)

    def _is_same(self, fname, value):
        if fname == "thumbnail" and not self.thumbnail:
            return True  # the preview that the web client draws of a PDF, once; the file stays
        if fname in CONTENT:
            return self._as_bytes(value) == self._as_bytes(self[fname])
        field = self._fields[fname]
        return field.convert_to_cache(value, self) == field.convert_to_cache(self[fname], self)

    @api.model
    def _as_bytes(self, value):
        return value.encode() if isinstance(value, str) else bytes(value or b"")

    def _freeze(self):
        """Make evidence of the files; there is no way back."""
        self.write({"sfc_frozen": True})

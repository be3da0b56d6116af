import hashlib

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, format_date

from .signature_files import BadFile, drawn_signature, signed_copy

WAYS = [("portal", "Drawn on the customer portal"), ("scan", "Sealed or signed copy"), ("device", "Drawn on our device")]
DRAWN = ("portal", "device")
# Written by signing alone, whoever asks.
SIGNATURE_FIELDS = {
    "signature", "signed_by", "signed_on", "signed_at", "signed_ip", "signed_user_id", "sign_way", "signed_attachment_id", "signed_text_attachment_id",
    "signed_sha256", "signed_file_ids",
}


class SfcSignatureMixin(models.AbstractModel):
    """A document that is signed once: drawn, or as a sealed scan of equal rank, and frozen by it (design.md section 5, ahead 7, P8).

    The adopter gives `_signature_report()` and `_mark_signed()`, and says in `_sign_gaps()` when it may not be signed. `_signed()` is where a signature
    has its effects: once, in the transaction of the signature. `_sign()` is the only way.
    """
    _name = "sfc.signature.mixin"
    _description = "Document that is signed"

    signature = fields.Image(copy=False, readonly=True, max_width=1024, max_height=1024)
    sign_way = fields.Selection(WAYS, "Signed how", readonly=True, copy=False)
    signed_by = fields.Char("Signed by", readonly=True, copy=False, help="签字人")
    signed_on = fields.Date("Signed on", readonly=True, copy=False, help="签订日期")
    signed_at = fields.Datetime("Signature received", readonly=True, copy=False)
    signed_ip = fields.Char("IP address", readonly=True, copy=False)
    signed_user_id = fields.Many2one(
        "res.users", "Signed in as", readonly=True, copy=False, index="btree_not_null", ondelete="restrict",
        help="Who was logged in: the customer on the portal, or whoever registered the sealed copy. Empty: the customer by the link.")
    signed_attachment_id = fields.Many2one(
        "ir.attachment", "Signed document", readonly=True, copy=False, index="btree_not_null", ondelete="restrict",
        help="The file as it was signed: every later print is this file.")
    signed_text_attachment_id = fields.Many2one(
        "ir.attachment", "Text at that moment", readonly=True, copy=False, index="btree_not_null", ondelete="restrict",
        help="Printed when a sealed copy was registered, to compare the copy with.")
    signed_sha256 = fields.Char("SHA-256", readonly=True, copy=False, help="Of the signed document.")
    signed_file_ids = fields.Many2many("ir.attachment", string="Files as handed in", readonly=True, copy=False)

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        self._check_no_signature_fields({key for vals in vals_list for key in vals})
        return super().create(vals_list)

    def write(self, vals):
        self._check_no_signature_fields(vals)
        return super().write(vals)

    @api.model
    def default_get(self, fields_list):
        """A context cannot say that a new document is signed, either."""
        defaults = super().default_get(fields_list)
        forged = set() if self.env.su else {fname for fname in self._signature_fields() if f"default_{fname}" in self.env.context}
        return {fname: value for fname, value in defaults.items() if fname not in forged}

    def _check_no_signature_fields(self, fnames):
        if not self.env.su and self._signature_fields().intersection(fnames):
            raise UserError(self.env._("Who sent, confirmed and signed it, when and how is recorded by the buttons; it cannot be written."))

    # === HOOKS === #

    @api.model
    def _signature_fields(self):
        """Fields that only sending, confirming and signing write."""
        return SIGNATURE_FIELDS

    def _sign_gaps(self, way, signed_on):
        """Sentences about why this document cannot be signed in this way now; for customer and colleague. Asked after the lock, in sudo."""
        return []

    @api.model
    def _signature_report(self):
        """External id of the report that is signed."""
        raise NotImplementedError()

    def _mark_signed(self):
        """Put the document into its signed state."""

    def _signed(self):
        """Hook: the document has just been signed. Called once, in sudo, in the transaction of the signature; an extension calls super first."""

    # === SIGN === #

    def _sign(self, way, name, *, signature=None, files=None, signed_on=None, ip=None, user=None, values=None):
        """Sign the document; who may do so was checked by the caller.

        :param way: one of WAYS
        :param signature: the drawing, base64 (ways portal and device)
        :param files: pages of the sealed copy, [(name, content)] (way scan)
        :param signed_on: date on the paper; today when not given
        :param user: who is logged in, if anybody
        :param values: more about the signature, fields of the adopter
        :raises UserError: signed already, or all that is in the way, in one message
        """
        self.ensure_one()
        document = self.sudo()  # sudo: customers sign, and only signing may write these fields
        document._lock_to_sign()
        document._check_not_signed()
        signed_on = signed_on or document._signature_date()
        drawing, copy = document._check_signing(way, name, signature, files, signed_on)
        document.write({
            **(values or {}), "sign_way": way, "signed_by": name.strip(), "signed_on": signed_on, "signed_at": fields.Datetime.now(), "signed_ip": ip,
            "signed_user_id": user.id if user else False, "signature": drawing,
        })
        document.flush_recordset()  # the printed page reads it
        document._freeze_signed(copy, files)
        document._signature_effects()

    def _signature_effects(self):
        self._mark_signed()
        self._signed()

    def _lock_to_sign(self):
        """Wait for whoever signs at this moment. If they did, the database makes Odoo ask again, and then the document is signed already."""
        self.flush_recordset()
        self.env.cr.execute(SQL("SELECT id FROM %s WHERE id = %s FOR NO KEY UPDATE", SQL.identifier(self._table), self.id))
        self.invalidate_recordset()

    def _check_not_signed(self):
        if self.signed_at:
            raise UserError(self.env._(
                "%(document)s was signed already by %(name)s on %(date)s.", document=self.display_name, name=self.signed_by or "–",
                date=format_date(self.env, self.signed_on)))

    def _check_signing(self, way, name, signature, files, signed_on):
        """The checked drawing and the checked copy; one of them is None.

        :raises UserError: all that is in the way
        """
        gaps = self._sign_gaps(way, signed_on)
        drawing = copy = None
        if not (name or "").strip():
            gaps.append(self.env._("The name of who signs is missing."))
        if signed_on > self._signature_date():
            gaps.append(self.env._("The date of the signature lies in the future."))
        try:
            if way in DRAWN:
                drawing = drawn_signature(signature)
            else:
                copy = signed_copy(files)
        except BadFile as bad:
            gaps.append(self._bad_file_text(bad, drawn=way in DRAWN))
        if gaps:
            raise UserError("\n".join(gaps))
        return drawing, copy

    @api.model
    def _bad_file_text(self, bad, drawn=False):
        """What is wrong with what was handed in, and what to do."""
        if drawn:
            return {
                "too_large": self.env._("The signature is too large. Draw it again."),
                "invalid": self.env._("The signature cannot be read as a picture. Draw it again."),
            }.get(bad.key) or self.env._("The signature is missing. Draw it first.")
        name = bad.name or "–"
        return {
            "too_large": self.env._("The file is too large: at most 20 MB altogether. Scan it with a lower resolution."),
            "too_many": self.env._("There are too many files: at most 30 pages. Put them into one PDF."),
            "wrong_type": self.env._("%(name)s is neither PDF nor JPG nor PNG.", name=name),
            "invalid": self.env._("%(name)s cannot be read. Open it to see whether it is complete and not protected by a password.", name=name),
        }.get(bad.key) or self.env._("The file of the signed copy is missing or empty.")

    def _signature_date(self):
        """Today where the document is at home."""
        return fields.Date.context_today(self.with_context(tz=self._signature_tz()))

    def _signature_tz(self):
        return self.env.user.tz

    # === FROZEN === #

    def _freeze_signed(self, copy, files):
        """Keep what was signed: the sealed copy, else the print with the drawn signature; with it whatever was handed in."""
        text = self._print_to_sign()
        values = {}
        if copy:
            values["signed_text_attachment_id"] = self._keep_file(self._signed_file_name(self.env._("text")), text).id
            if len(files) > 1 or files[0][1] != copy:
                values["signed_file_ids"] = [(6, 0, [self._keep_file(name, content, False).id for name, content in files])]
        signed = copy or text
        values["signed_attachment_id"] = self._keep_file(self._signed_file_name(self.env._("signed")), signed).id
        self.write({**values, "signed_sha256": hashlib.sha256(signed).hexdigest()})
        self.env["ir.attachment"].search([("res_model", "=", self._name), ("res_id", "=", self.id), ("res_field", "=", "signature")])._freeze()

    def _print_to_sign(self):
        report = self.env["ir.actions.report"].with_company(self.company_id)
        return report._render_qweb_pdf(self._signature_report(), self.ids)[0]

    def _signed_file_name(self, what):
        return f"{self.display_name} ({what}).pdf"

    def _keep_file(self, name, content, mimetype="application/pdf"):
        """An attachment of the document that nobody changes any more."""
        self.ensure_one()
        vals = {"name": name, "raw": content, "res_model": self._name, "res_id": self.id}
        attachment = self.env["ir.attachment"].sudo().create({**vals, "mimetype": mimetype} if mimetype else vals)  # sudo: evidence is nobody's upload
        attachment._freeze()
        return attachment

    @api.model
    def _is_signature_report(self, report):
        return report == self.env.ref(self._signature_report(), raise_if_not_found=False)

    def _signed_file_is_intact(self):
        """The signed file is there, and it is what was signed, byte for byte."""
        self.ensure_one()
        content = self.sudo().signed_attachment_id.raw  # sudo: only the hash of it leaves
        return bool(content) and hashlib.sha256(content).hexdigest() == self.signed_sha256

    # === BUTTONS === #

    def action_verify_signed(self):
        """Compute the hash of the signed file anew, and tell (ahead 7)."""
        self.ensure_one()
        self.check_access("read")
        if not self.signed_attachment_id:
            raise UserError(self.env._("%(document)s is not signed yet: there is nothing to verify.", document=self.display_name))
        intact = self._signed_file_is_intact()
        return {"type": "ir.actions.client", "tag": "display_notification", "params": {
            "title": self.env._("Unchanged") if intact else self.env._("Changed!"),
            "message": self.env._("The file is what was signed. SHA-256: %(hash)s", hash=self.signed_sha256) if intact else self.env._(
                "The stored file is missing or is not what was signed. Restore it from a backup, and tell your administrator."),
            "type": "success" if intact else "danger", "sticky": not intact}}

    def action_open_signed(self):
        """Download what was signed."""
        self.ensure_one()
        self.check_access("read")
        if not self.signed_attachment_id:
            raise UserError(self.env._("%(document)s is not signed yet.", document=self.display_name))
        return {"type": "ir.actions.act_url", "url": f"/web/content/{self.signed_attachment_id.id}?download=true", "target": "self"}

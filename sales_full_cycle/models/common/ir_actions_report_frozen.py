import io

from odoo import models


class IrActionsReport(models.Model):
    """Signed means frozen (ahead 7): printing a signed document gives the very file that was signed."""
    _inherit = "ir.actions.report"

    def _pre_render_qweb_pdf(self, report_ref, res_ids=None, data=None):
        frozen = self._signed_files(report_ref, res_ids)
        if not frozen:
            return super()._pre_render_qweb_pdf(report_ref, res_ids=res_ids, data=data)
        asked = [res_ids] if isinstance(res_ids, int) else list(dict.fromkeys(res_ids))
        rest = [res_id for res_id in asked if res_id not in frozen]
        streams, kind = super()._pre_render_qweb_pdf(report_ref, res_ids=rest, data=data) if rest else ({}, "pdf")
        if kind != "pdf":  # tests without printer: pages instead of files
            return streams, kind
        streams = {**streams, **{res_id: {"stream": io.BytesIO(file.raw), "attachment": file} for res_id, file in frozen.items()}}
        return {res_id: streams[res_id] for res_id in sorted(streams, key=lambda res_id: asked.index(res_id) if res_id in asked else len(asked))}, kind

    def _signed_files(self, report_ref, res_ids):
        """{record id: its signed file} of those among the records that are signed."""
        report = self._get_report(report_ref)
        model = self.env.get(report.model)
        if not res_ids or model is None or not isinstance(model, self.env.registry["sfc.signature.mixin"]) or not model._is_signature_report(report):
            return {}
        documents = model.browse([res_ids] if isinstance(res_ids, int) else res_ids)
        documents.check_access("read")
        # sudo: who may read the document may read what was signed
        return {document.id: document.signed_attachment_id for document in documents.sudo() if document.signed_attachment_id}

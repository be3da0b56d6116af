from odoo import api, fields, models
from odoo.fields import Command


class SfcInstalmentResult(models.TransientModel):
    """What became of each instalment of a selection: its draft invoice, or why there is none (R.1)."""
    _name = "sfc.instalment.result"
    _description = "Result of invoicing instalments"

    line_ids = fields.One2many("sfc.instalment.result.line", "result_id", readonly=True)
    made_count = fields.Integer("Draft invoices made", readonly=True)
    refused_count = fields.Integer("Not made", readonly=True)

    @api.model
    def _show(self, results):
        """:param results: [(instalment, invoice, reason)]"""
        result = self.create({
            "made_count": sum(bool(invoice) for _milestone, invoice, _reason in results),
            "refused_count": sum(bool(reason) for _milestone, _invoice, reason in results),
            "line_ids": [
                Command.create({"milestone_id": milestone.id, "invoice_id": invoice.id, "reason": reason}) for milestone, invoice, reason in results],
        })
        return {
            "type": "ir.actions.act_window", "name": self.env._("Draft invoices"), "res_model": self._name, "res_id": result.id,
            "views": [(False, "form")], "target": "new",
        }

    def action_open_invoices(self):
        """The drafts, to be looked at and confirmed."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("account.action_move_out_invoice_type")
        invoices = self.line_ids.invoice_id
        if len(invoices) == 1:
            return {**action, "views": [(False, "form")], "res_id": invoices.id}
        return {**action, "domain": [("id", "in", invoices.ids)]}


class SfcInstalmentResultLine(models.TransientModel):
    _name = "sfc.instalment.result.line"
    _description = "Result of invoicing one instalment"

    result_id = fields.Many2one("sfc.instalment.result", required=True, index=True, ondelete="cascade")
    milestone_id = fields.Many2one("sfc.payment.milestone", "Instalment", readonly=True, ondelete="cascade")
    partner_id = fields.Many2one(related="milestone_id.partner_id")
    currency_id = fields.Many2one(related="milestone_id.currency_id")
    amount = fields.Monetary(related="milestone_id.amount")
    invoice_id = fields.Many2one("account.move", "Draft invoice", readonly=True, ondelete="cascade")
    reason = fields.Text("Why not", readonly=True)

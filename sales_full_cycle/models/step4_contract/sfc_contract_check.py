from odoo import api, fields, models
from odoo.exceptions import UserError

# What the reviewer writes; the rest is the system's.
ANSWER_FIELDS = {"answer", "remark"}


class SfcContractCheck(models.Model):
    """The answer to one point of the compliance checklist about one contract; kept from round to round (S4.7, D16)."""
    _name = "sfc.contract.check"
    _description = "Compliance point of a contract"
    _order = "contract_id desc, sequence, id"
    _rec_name = "name"

    contract_id = fields.Many2one("sfc.contract", required=True, readonly=True, index=True, ondelete="cascade")
    item_id = fields.Many2one("sfc.compliance.item", "Point", required=True, readonly=True, index=True, ondelete="restrict")
    name = fields.Char("Compliance point", related="item_id.name")
    sequence = fields.Integer(related="item_id.sequence", store=True)
    company_id = fields.Many2one(related="contract_id.company_id", store=True)
    answer = fields.Selection([("yes", "Yes"), ("no", "No"), ("na", "Not applicable")], help="是 · 否（须说明） · 不适用")
    remark = fields.Text(help="说明: required where the answer is no.")
    is_open = fields.Boolean("To do", compute="_compute_is_open", store=True)
    answered_by_id = fields.Many2one("res.users", "Answered by", readonly=True)
    answered_at = fields.Datetime("Answered on", readonly=True)

    _once = models.UniqueIndex("(contract_id, item_id)", "This point is on the checklist of the contract already.")

    @api.depends("answer", "remark")
    def _compute_is_open(self):
        for check in self:
            check.is_open = not check.answer or check.answer == "no" and not (check.remark or "").strip()

    # === CREATE AND WRITE === #

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            raise UserError(self.env._("A contract gets its checklist when it is submitted for legal review."))
        return super().create(vals_list)

    def write(self, vals):
        if self.env.su:
            return super().write(vals)
        if vals.keys() - ANSWER_FIELDS:
            raise UserError(self.env._("Only answer and remark of a compliance point can be written."))
        self.contract_id._check_may_review()
        result = super().write(vals)
        if "answer" in vals:
            self._note_who()
        return result

    def _note_who(self):
        # sudo: who answered is noted by the system
        self.sudo().write({"answered_by_id": self.env.uid, "answered_at": fields.Datetime.now()})

    @api.ondelete(at_uninstall=False)
    def _unlink_except_history(self):
        if not self.env.su:
            raise UserError(self.env._("The checklist of a contract is history and cannot be deleted."))

    # === ANSWER === #

    def action_yes(self):
        self.write({"answer": "yes"})
        return True

    def action_not_applicable(self):
        self.write({"answer": "na"})
        return True

    def action_no(self):
        """No; a dialog asks for the remark."""
        self.ensure_one()
        self.write({"answer": "no"})
        return self.action_open_remark()

    def action_open_remark(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window", "name": self.name, "res_model": self._name, "res_id": self.id, "view_mode": "form",
            "views": [(self.env.ref("sales_full_cycle.sfc_contract_check_view_form").id, "form")], "target": "new"}

from odoo import api, fields, models
from odoo.exceptions import ValidationError

PREFIX = "sfc_"
RESPONSIBLE = [
    ("sfc_owner", "Owner of the deal"), ("sfc_leader", "Team leader of the deal"), ("sfc_product", "Collaborator: product"),
    ("sfc_technical", "Collaborator: technical"), ("sfc_legal", "Collaborator: legal"), ("sfc_finance", "Collaborator: finance"),
    ("sfc_logistics", "Collaborator: logistics"),
]
IN_CHARGE = ("sfc_owner", "sfc_leader")


class MailActivityPlanTemplate(models.Model):
    """A step of a plan goes to whoever has the role on the deal (S0.12, S3.7, D12)."""
    _inherit = "mail.activity.plan.template"

    responsible_type = fields.Selection(selection_add=RESPONSIBLE, ondelete={code: "set default" for code, _label in RESPONSIBLE})

    @api.constrains("plan_id", "responsible_type")
    def _check_responsible_deal(self):
        for step in self.filtered(lambda step: step._is_by_role()):
            if not step._deal_field(self.env[step.plan_id.res_model]):
                raise ValidationError(self.env._(
                    "Owner, leader and collaborators belong to a deal, so %(plan)s cannot use them: choose another assignment.", plan=step.plan_id.name))

    def _is_by_role(self):
        return (self.responsible_type or "").startswith(PREFIX)

    def _is_asked_for(self):
        return self._is_by_role() and self.responsible_type not in IN_CHARGE

    @api.model
    def _deal_field(self, records):
        """Field that leads from a document to its deal; "id" for the deal itself, None when there is none."""
        if records._name == "crm.lead":
            return "id"
        return next((fname for fname in ("opportunity_id", "lead_id") if getattr(records._fields.get(fname), "comodel_name", None) == "crm.lead"), None)

    def _determine_responsible(self, on_demand_responsible, applied_on_record):
        if not self._is_by_role():
            return super()._determine_responsible(on_demand_responsible, applied_on_record)
        users = self._people(applied_on_record)
        # who cannot open the document could not do the work
        able = next((user for user in users if applied_on_record.with_user(user).has_access("read")), self.env["res.users"])
        responsible = able or on_demand_responsible
        return {"responsible": responsible, **self._remarks(users, able, responsible)}

    def _people(self, record):
        """Candidates for the step, best first. sudo: names, not rights; who may do what is asked afterwards."""
        fname = self._deal_field(record)
        deal = (record if fname == "id" else record[fname]).sudo()
        source = deal or record.sudo()  # a quotation without deal has an owner and a team too
        if self.responsible_type == "sfc_owner":
            return source.user_id
        if self.responsible_type == "sfc_leader":
            return source.team_id.user_id | self.env["res.users"]._sfc_sales_managers(source.company_id)
        return deal.collaborator_ids._of_role(self.responsible_type.removeprefix(PREFIX))

    def _remarks(self, users, able, responsible):
        role = dict(self._fields["responsible_type"]._description_selection(self.env))[self.responsible_type]
        step = self.summary or self.activity_type_id.name
        if not responsible:
            return {"warning": False, "error": self.env._("%(step)s: nobody is %(role)s. Choose who does it.", step=step, role=role)}
        if able:
            return {"warning": False, "error": False}
        if users:
            return {"error": False, "warning": self.env._(
                "%(step)s: %(people)s may not open this document, so it goes to %(name)s.",
                step=step, people=", ".join(users.mapped("name")), name=responsible.name)}
        return {"error": False, "warning": self.env._("%(step)s: nobody is %(role)s, so it goes to %(name)s.", step=step, role=role, name=responsible.name)}

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import float_compare, ormcache

from . import scoring

# What is scored. A later step adds its scope (selection_add here and on sfc.evaluation), its results and its model (the hooks below).
SCOPES = [("lead", "Lead screening")]
LEVELS = [("high", "High"), ("medium", "Medium"), ("low", "Low")]


def result_selection(model):
    """Selection of every scope's results, for fields that hold any of them."""
    return model.env["sfc.scorecard"]._result_labels()


class SfcScorecard(models.Model):
    _name = "sfc.scorecard"
    _description = "Scorecard"
    _inherit = ["sfc.standard.mixin"]
    _order = "scope, state, version desc, id desc"

    name = fields.Char(required=True, translate=True)
    scope = fields.Selection(SCOPES, required=True, default="lead")
    company_id = fields.Many2one("res.company", help="Empty: for every company that has no scorecard of its own.")
    industry_id = fields.Many2one("res.partner.industry", help="Empty: for every industry that has no scorecard of its own.")
    product_category_id = fields.Many2one("product.category", help="Empty: for every product category that has no scorecard of its own.")
    version = fields.Integer(default=1, readonly=True, copy=False)
    state = fields.Selection(
        [("draft", "Draft"), ("active", "Active"), ("retired", "Retired")], default="draft", required=True, readonly=True, copy=False)
    previous_id = fields.Many2one("sfc.scorecard", "Previous version", readonly=True, copy=False)
    rescore_pending = fields.Boolean(readonly=True, copy=False, help="Existing records are being scored again by a background job.")
    criterion_ids = fields.One2many("sfc.scorecard.criterion", "scorecard_id", copy=True)
    band_ids = fields.One2many("sfc.scorecard.band", "scorecard_id", "Results", copy=True)
    lowest_with_zeros = fields.Integer(
        "Dimensions at 0 for the lowest result", help="With so many dimensions at 0 points the result is the lowest, whatever the total. 0: no such rule.")
    weight_total = fields.Float(compute="_compute_weight_total")

    _one_active = models.UniqueIndex(
        "(scope, COALESCE(company_id, 0), COALESCE(industry_id, 0), COALESCE(product_category_id, 0)) WHERE state = 'active'",
        "There is already an active scorecard for this scope, company, industry and product category.")

    # === COMPUTE AND CHECKS === #

    @api.depends("criterion_ids.weight")
    def _compute_weight_total(self):
        for card in self:
            card.weight_total = sum(card.criterion_ids.mapped("weight"))

    @api.depends("name", "version")
    def _compute_display_name(self):
        for card in self:
            card.display_name = self.env._("%(name)s (version %(version)s)", name=card.name or "", version=card.version)

    def write(self, vals):
        content = vals.keys() - {"state", "rescore_pending", "confirmed_by_id", "confirmed_on", "name"}
        if content and any(card.state != "draft" for card in self):
            raise UserError(self.env._("An active or retired scorecard cannot be changed. Use 'Edit as new version'."))
        if "state" in vals and not self.env.su:
            raise UserError(self.env._("The state of a scorecard changes only through its buttons."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        if any(card.state != "draft" for card in self):
            raise UserError(self.env._("Only a draft scorecard can be deleted: results that were explained by it keep their explanation."))

    def _check_complete(self):
        """All gaps at once.

        :raises ValidationError: weights do not add up to 100, criteria without levels, bands that do not fit the scope
        """
        self.ensure_one()
        gaps = []
        if float_compare(self.weight_total, 100, precision_digits=2):
            gaps.append(self.env._("The weights add up to %(total)s %%, not to 100 %%.", total=round(self.weight_total, 2)))
        gaps += [self.env._("Criterion '%(name)s' has no levels.", name=c.name) for c in self.criterion_ids if not c.level_ids]
        codes = self.band_ids.sorted("minimum", reverse=True).mapped("code")
        results = self._results(self.scope)
        if codes != results:
            gaps.append(self.env._("The results must be, best first: %(codes)s.", codes=", ".join(results)))
        elif float_compare(min(self.band_ids.mapped("minimum")), 0, precision_digits=2):
            gaps.append(self.env._("The lowest result must start at 0 points."))
        gaps += self._scope_gaps()
        if gaps:
            raise ValidationError("\n".join(gaps))

    def _scope_gaps(self):
        """Hook: what a scope demands of its scorecards besides, as sentences."""
        return []

    # === ACTIONS === #

    def _check_manager(self):
        if not self.env.su and not self.env.user.has_group("sales_team.group_sale_manager"):
            raise AccessError(self.env._("Only a sales manager can change the scoring standards."))

    def action_new_version(self):
        """Copy into a draft that can be edited; the active version stays in force meanwhile."""
        self.ensure_one()
        self._check_manager()
        draft = self.copy({"name": self.name})
        draft.sudo().write({"version": self._last_version() + 1, "previous_id": self.id})
        return draft._action_open()

    def action_activate(self):
        """Put this version in force and retire the one before; existing records are scored again in the background."""
        self.ensure_one()
        self._check_manager()
        if self.state != "draft":
            raise UserError(self.env._("Only a draft can be activated."))
        self._check_complete()
        card = self.sudo()  # the state has no other writer, see write()
        card._same_key().filtered(lambda other: other.state == "active").write({"state": "retired", "rescore_pending": False})
        card.flush_model(["state"])
        card.write({"state": "active", "rescore_pending": True})
        self.env.registry.clear_cache()
        self.env.ref("sales_full_cycle.ir_cron_rescore").sudo()._trigger()

    def action_retire(self):
        self._check_manager()
        self.sudo().write({"state": "retired", "rescore_pending": False})
        self.env.registry.clear_cache()

    def action_preview(self):
        """Show how many records would change their result, with names, before this version is activated."""
        self.ensure_one()
        self._check_manager()
        self._check_complete()
        return self.env["sfc.scorecard.preview"]._open_for(self)

    def _action_open(self):
        return {"type": "ir.actions.act_window", "res_model": self._name, "res_id": self.id, "view_mode": "form"}

    def _same_key(self):
        """Every version for the same scope, company, industry and product category."""
        return self.search([
            ("scope", "=", self.scope), ("company_id", "=", self.company_id.id), ("industry_id", "=", self.industry_id.id),
            ("product_category_id", "=", self.product_category_id.id),
        ])

    def _last_version(self):
        return max(self._same_key().mapped("version"))

    # === USED BY THE ENGINE === #

    @api.model
    def _active_cards(self, scope):
        """Active scorecards of a scope as {(company id, industry id, product category id): scorecard}."""
        cards = self.sudo().search([("scope", "=", scope), ("state", "=", "active")])
        return {(c.company_id.id, c.industry_id.id, c.product_category_id.id): c for c in cards}

    @api.model
    @ormcache("scope")
    def _trigger_fields(self, scope):
        """Fields of the scored model whose change asks for a new score: those that active levels name, computed ones resolved."""
        target = self.env[self._target_model(scope)]
        names = set()
        for card in self._active_cards(scope).values():
            for level in card.criterion_ids.filtered("is_automatic").level_ids:
                names.update(str(condition.field_expr).split(".")[0] for condition in level._domain().iter_conditions())
        resolved = set()
        for name in names:
            field = target._fields[name]
            resolved.update([name] if field.store else (d.split(".")[0] for d in target.pool.field_depends[field]))
        return frozenset(resolved)

    @api.model
    def _target_model(self, scope):
        """Hook: the model whose records a scope scores."""
        return "crm.lead"

    @api.model
    def _results(self, scope):
        """Hook: codes of a scope's results, best first."""
        return [code for code, _label in LEVELS]

    @api.model
    def _result_labels(self):
        """Hook: [(code, label in the reader's language)] of the results of all scopes."""
        return [("high", self.env._("High")), ("medium", self.env._("Medium")), ("low", self.env._("Low"))]

    def _card(self):
        """The part of a snapshot that does not depend on the scored record (see scoring.py)."""
        self.ensure_one()
        return {
            "scorecard": self.id,
            "version": self.version,
            "bands": [[b.code, b.minimum] for b in self.band_ids.sorted("minimum", reverse=True)],
            **({"zeros": self.lowest_with_zeros} if self.lowest_with_zeros else {}),
            "criteria": [{
                "id": c.id, "dimension": c.dimension_id.id or c.id, "weight": c.weight,
                "levels": [[lv.id, lv.points] for lv in c.level_ids],
            } for c in self.criterion_ids],
        }

    def _score_records(self, records, answers_by_id):
        """Snapshot per record id. `answers_by_id`: {record id: {criterion code: level code}} for criteria a person judges."""
        self.ensure_one()
        card = self._card()
        picks = {record.id: {} for record in records}
        for criterion in self.criterion_ids:
            for record_id, level in criterion._find_levels(records, answers_by_id).items():
                picks[record_id][criterion.id] = level.id
        return {record.id: scoring.evaluate(card, picks[record.id]) for record in records}

    # === CRON === #

    @api.model
    def _cron_rescore(self, batch=500):
        """Score existing records with newly activated versions; resumable: what is done is known by its evaluation."""
        for card in self.sudo().search([("rescore_pending", "=", True)]):
            if not card._rescore(batch):
                return

    def _rescore(self, batch):
        """Score the records that this version concerns, in batches; False when time ran out."""
        target = self.env[self._target_model(self.scope)]
        last_id = 0
        while True:
            records, concerned = target._to_rescore(self, last_id, batch)
            if not records:
                break
            last_id = max(records.ids)
            concerned._take_new_standard(self.scope)
            if not self.env["ir.cron"]._commit_progress(len(records), remaining=1):
                return False
        self.rescore_pending = False
        return bool(self.env["ir.cron"]._commit_progress(1, remaining=0))

import { Activity } from "@mail/core/web/activity";
import { ActivityListPopoverItem } from "@mail/core/web/activity_list_popover_item";

import { patch } from "@web/core/utils/patch";

const CUSTOMER_MODELS = ["crm.lead", "res.partner", "sfc.customer.profile"];

function canRecord({ can_write, res_model, sfc_approval_id, state }) {
    return can_write && state !== "done" && !sfc_approval_id && CUSTOMER_MODELS.includes(res_model);
}

/** Open the quick entry of the component's activity; saving it there marks the activity as done. */
async function recordActivity({ env, props }) {
    const { action, orm, "mail.store": store } = env.services;
    const { id, res_id, res_model } = props.activity;
    const dialog = await orm.call("mail.activity", "action_record_follow_up", [[id]]);
    await new Promise((resolve) => action.doAction(dialog, { onClose: resolve }));
    const thread = store.Thread.insert({ model: res_model, id: res_id });
    props.onActivityChanged?.(thread);
    props.reloadParentView?.();
    await thread.fetchNewMessages();
}

patch(Activity.prototype, {
    get canRecord() {
        return canRecord(this.props.activity);
    },
    onClickRecord() {
        return recordActivity(this);
    },
});

patch(ActivityListPopoverItem.prototype, {
    get canRecord() {
        return canRecord(this.props.activity);
    },
    onClickRecord() {
        this.props.onClickEditActivityButton?.(); // closes the popover
        return recordActivity(this);
    },
});

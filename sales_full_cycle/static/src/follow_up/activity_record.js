import { Activity } from "@mail/core/web/activity";
import { ActivityListPopoverItem } from "@mail/core/web/activity_list_popover_item";

import { callForActivity } from "@sales_full_cycle/common/activity_dialog";
import { patch } from "@web/core/utils/patch";

const CUSTOMER_MODELS = ["crm.lead", "res.partner", "sfc.customer.profile"];

function canRecord({ can_write, res_model, sfc_approval_id, state }) {
    return can_write && state !== "done" && !sfc_approval_id && CUSTOMER_MODELS.includes(res_model);
}

/** Open the quick entry of the component's activity; saving it there marks the activity as done. */
function recordActivity(component) {
    return callForActivity(component, "mail.activity", "action_record_follow_up", component.props.activity.id);
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

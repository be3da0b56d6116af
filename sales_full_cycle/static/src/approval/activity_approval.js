import { Activity } from "@mail/core/web/activity";
import { ActivityListPopoverItem } from "@mail/core/web/activity_list_popover_item";

import { callForActivity } from "@sales_full_cycle/common/activity_dialog";
import { user } from "@web/core/user";
import { patch } from "@web/core/utils/patch";

/** Those whom the activity asks see Approve and Refuse; the server decides whether they may. */
function canDecide({ sfc_approval_id, state, user_id }) {
    return Boolean(sfc_approval_id) && state !== "done" && user_id?.id === user.userId;
}

function decide(component, method) {
    return callForActivity(component, "sfc.approval", method, component.props.activity.sfc_approval_id);
}

patch(Activity.prototype, {
    get isApproval() {
        return Boolean(this.props.activity.sfc_approval_id);
    },
    get canDecide() {
        return canDecide(this.props.activity);
    },
    onClickApprove() {
        return decide(this, "action_approve");
    },
    onClickRefuse() {
        return decide(this, "action_open_refusal");
    },
});

patch(ActivityListPopoverItem.prototype, {
    get canDecide() {
        return canDecide(this.props.activity);
    },
    get hasCancelButton() {
        return super.hasCancelButton && !this.props.activity.sfc_approval_id;
    },
    get hasEditButton() {
        return super.hasEditButton && !this.props.activity.sfc_approval_id;
    },
    get hasMarkDoneButton() {
        return super.hasMarkDoneButton && !this.props.activity.sfc_approval_id;
    },
    onClickApprove() {
        this.props.onClickEditActivityButton?.(); // closes the popover
        return decide(this, "action_approve");
    },
    onClickRefuse() {
        this.props.onClickEditActivityButton?.();
        return decide(this, "action_open_refusal");
    },
});

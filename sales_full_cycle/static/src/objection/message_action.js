import { registerMessageAction } from "@mail/core/common/message_actions";

import { _t } from "@web/core/l10n/translation";
import { user } from "@web/core/user";

// asked once, since conditions are evaluated while the chatter is drawn; the server checks it again
const rights = { mayMakeObjections: false };
Promise.all(
    ["sales_team.group_sale_salesman", "sales_full_cycle.group_sfc_collaborator"].map((group) => user.hasGroup(group))
).then((found) => {
    rights.mayMakeObjections = found.some(Boolean);
});

/** Models whose conversations a customer takes part in; later steps add theirs. */
export const objectionDocuments = new Set(["sale.order"]);

/** A comment that a customer wrote on such a document: on the portal, or by e-mail. */
function isCustomerComment(message, thread) {
    return (
        objectionDocuments.has(thread?.model) &&
        ["comment", "email"].includes(message.message_type) &&
        Boolean(message.author_id) &&
        message.author_id.main_user_id?.share !== false
    );
}

registerMessageAction("sfc-make-objection", {
    condition: ({ message, store, thread }) =>
        rights.mayMakeObjections && store.self.main_user_id?.share === false && isCustomerComment(message, thread),
    icon: "fa fa-question-circle-o",
    name: _t("Make an objection of it"),
    onSelected: async ({ message, owner }) => {
        const { action, orm } = owner.env.services;
        await action.doAction(await orm.call("mail.message", "action_make_objection", [[message.id]]));
    },
    sequence: 25,
});

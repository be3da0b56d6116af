/** Call a method of the activity's business, open the dialog that it may return, then show what has become of the document. */
export async function callForActivity({ env, props }, model, method, id) {
    const { action, orm, "mail.store": store } = env.services;
    const { res_id, res_model } = props.activity;
    const dialog = await orm.call(model, method, [[id]]);
    if (dialog?.type) {
        await new Promise((resolve) => action.doAction(dialog, { onClose: resolve }));
    }
    const thread = store.Thread.insert({ model: res_model, id: res_id });
    props.onActivityChanged?.(thread);
    props.reloadParentView?.();
    await thread.fetchNewMessages();
}

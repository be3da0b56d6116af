from . import (
    res_users_collaboration,
    sfc_collaborator,
    crm_lead_collaboration,
    mail_activity_plan,
    mail_activity_plan_template,
    sfc_objection,
    sfc_objection_answer,
    sfc_sla_clock_objection,
    calendar_event,
    mail_message_objection,
    crm_lead_objections,
    sale_order_objections,
)

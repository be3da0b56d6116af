from . import (
    sfc_scorecard,
    sfc_evaluation,
    sfc_reason_pause,
    sfc_deal_decision,
    crm_lead_evaluation_hints,
    crm_lead_evaluation,
    crm_lead_evaluation_stale,
    crm_lead_weak,
    crm_lead_pause,
    sfc_customer_profile_deals_rest,
)

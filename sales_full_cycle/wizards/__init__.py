from . import (
    crm_lead2opportunity_partner,
    sfc_handover,
    sfc_lead_assign,
    sfc_lead_decision,
    sfc_lead_screening,
    sfc_pool_decision,
    sfc_scorecard_preview,
    sfc_sheet_export,
    sfc_sheet_import,
)

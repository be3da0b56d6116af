from . import (
    sfc_judgement,
    crm_lead2opportunity_partner,
    sfc_lead_assign,
    sfc_lead_decision,
    sfc_lead_screening,
    sfc_customer_grading,
    sfc_scorecard_preview,
    sfc_sheet_export,
    sfc_sheet_import,
)

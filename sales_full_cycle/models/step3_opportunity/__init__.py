from . import (
    crm_stage,
    sfc_stage_gate,
    sfc_gate_override,
    crm_lead_gate_checks,
    crm_lead_gates,
    crm_lead_next_step,
)

{
    "name": "Sales Full Cycle",
    "summary": "B2B sales from the first lead to after-sales: screening, promises with clocks, approvals, contracts, delivery",
    "version": "19.0.1.0.0",
    "category": "Sales/CRM",
    "author": "Sales Full Cycle team",
    "license": "LGPL-3",
    "depends": ["sale_crm", "sale_management", "survey", "spreadsheet_dashboard"],
    "data": [],
    "application": True,
}

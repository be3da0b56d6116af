from . import (
    sfc_approval,
    sale_order_approval,
    sale_order_line_approval,
)

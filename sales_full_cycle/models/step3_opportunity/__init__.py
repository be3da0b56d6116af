from . import (
    sfc_approval,
    sale_order_approval,
    sale_order_line_approval,
    sfc_approval_rule,
    sale_order_release,
    sale_order_messages,
    sale_order_payment,
    sale_advance_payment_inv,
    mail_compose_message,
    mail_mail,
    payment_transaction,
)

import { objectionDocuments } from "@sales_full_cycle/objection/message_action";

// what a customer doubts about a contract is an objection of its deal, too
objectionDocuments.add("sfc.contract");

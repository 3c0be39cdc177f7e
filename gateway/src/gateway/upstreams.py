"""Which service answers which address, and the scope that the edge asks for before it passes a request on.

The one thing to know: this is data. A contract test compares it with the routes that the services really have and the
scopes that they really ask for, so neither drifts.
"""

from dataclasses import dataclass

from shared.http.context import BODY_BYTES_MAX, UPLOAD_BYTES_MAX


@dataclass(frozen=True, slots=True)
class UpstreamRoute:
    """One operation of a service. `scope` None lets every authenticated caller pass.

    A segment of `path` is literal, a parameter (`{id}`), or a parameter with a fixed beginning (`crj_{id}`).
    """

    method: str
    path: str
    service: str
    scope: str | None
    body_bytes_max: int = BODY_BYTES_MAX


def _routes(service: str, lines: str) -> tuple[UpstreamRoute, ...]:
    routes = []
    for line in lines.strip().splitlines():
        method, path, scope, *size = line.split()
        limit = UPLOAD_BYTES_MAX if size == ["upload"] else BODY_BYTES_MAX
        routes.append(UpstreamRoute(method, path, service, None if scope == "-" else scope, limit))
    return tuple(routes)


ROUTES = (
    *_routes(
        "credit-service",
        """
        GET   /v1/customers                              customers:read
        GET   /v1/customers/{customer_id}                customers:read
        PUT   /v1/customers/{customer_id}                customers:write
        GET   /v1/customers/{customer_id}/credit         credit:read
        GET   /v1/customers/{customer_id}/group          credit:read
        GET   /v1/customers/{customer_id}/credit-file    credit_file:read
        GET   /v1/customers/{customer_id}/credit-file/journal  credit_file:read
        GET   /v1/customers/{customer_id}/credit-file/integrity  credit_file:read
        POST  /v1/journal-proofs                         credit_file:read
        POST  /v1/customers/{customer_id}/notes          credit_file:write
        GET   /v1/customers/{customer_id}/notes          credit_file:read
        POST  /v1/customers/{customer_id}/attachments    credit_file:write  upload
        GET   /v1/customers/{customer_id}/attachments    credit_file:read
        GET   /v1/customers/{customer_id}/attachments/{attachment_id}/content  credit_file:read
        GET   /v1/customers/{customer_id}/exposure       credit:read
        POST  /v1/customers/{customer_id}/exposure/repair  exposure:repair
        POST  /v1/exposure-checks                        exposure:repair
        GET   /v1/customers/{customer_id}/guarantees     credit_file:read
        PUT   /v1/customers/{customer_id}/guarantees/{guarantee_id}  credit_file:write
        POST  /v1/customers/{customer_id}/guarantees/{guarantee_id}/end  credit_file:write
        POST  /v1/customers/{customer_id}/block          limits:request
        POST  /v1/customers/{customer_id}/unblock        limits:request
        GET   /v1/customers/{customer_id}/limit-pool     credit:read
        PUT   /v1/customers/{customer_id}/limit-pool     limits:approve
        POST  /v1/customers/{customer_id}/financial-statements  credit_file:write
        GET   /v1/customers/{customer_id}/financial-statements  credit_file:read
        GET   /v1/customers/{customer_id}/financial-statements/{statement_id}  credit_file:read
        POST  /v1/credit-assessments                     credit_file:write
        GET   /v1/credit-assessments                     credit_file:read
        POST  /v1/credit-assessments/batch               credit_file:write
        GET   /v1/credit-assessments/{assessment_id}     credit_file:read
        POST  /v1/credit-assessments/{assessment_id}/replay  credit_file:read
        GET   /v1/scorecards/{scorecard_id}              credit:read
        PUT   /v1/scorecards/{scorecard_id}              policies:write
        POST  /v1/limit-requests                         limits:request
        GET   /v1/limit-requests                         credit:read
        GET   /v1/limit-requests/{request_id}            credit:read
        POST  /v1/limit-requests/{request_id}/approve    limits:approve
        POST  /v1/limit-requests/{request_id}/reject     limits:approve
        POST  /v1/limit-requests/{request_id}/withdraw   limits:request
        GET   /v1/customers/{customer_id}/limit-changes  credit:read
        POST  /v1/customers/{customer_id}/reviews        limits:request
        GET   /v1/customers/{customer_id}/reviews        credit:read
        GET   /v1/reviews                                credit:read
        POST  /v1/limit-mass-changes                     limits:request
        GET   /v1/limit-mass-changes                     credit:read
        GET   /v1/limit-mass-changes/{mass_change_id}    credit:read
        GET   /v1/limit-mass-changes/{mass_change_id}/lines     credit:read
        POST  /v1/limit-mass-changes/{mass_change_id}/approve   limits:approve
        POST  /v1/limit-mass-changes/{mass_change_id}/reject    limits:approve
        POST  /v1/limit-mass-changes/{mass_change_id}/withdraw  limits:request
        POST  /v1/recommendations                        recommendations:write
        GET   /v1/recommendations                        credit:read
        GET   /v1/recommendations/{recommendation_id}    credit:read
        POST  /v1/recommendations/{recommendation_id}/decide    recommendations:decide
        POST  /v1/recommendations/{recommendation_id}/withdraw  recommendations:write
        POST  /v1/credit-checks                          credit:check
        POST  /v1/credit-checks/batch                    credit:check
        GET   /v1/orders/{order_id}                      credit:read
        POST  /v1/orders/{order_id}/cancel               credit:check
        GET   /v1/orders/{order_id}/deliveries           credit:read
        POST  /v1/orders/{order_id}/deliveries           credit:check
        POST  /v1/orders/{order_id}/deliveries/{delivery_id}/cancel  credit:check
        GET   /v1/holds                                  credit:read
        GET   /v1/holds/{hold_id}                        credit:read
        POST  /v1/holds                                  holds:release
        POST  /v1/customers/{customer_id}/holds          holds:release
        POST  /v1/holds/{hold_id}/release                holds:release
        POST  /v1/holds/{hold_id}/reject                 holds:release
        POST  /v1/holds/{hold_id}/decline-release        holds:release
        POST  /v1/holds/{hold_id}/recheck                holds:release
        GET   /v1/credit-policies/{risk_class}           credit:read
        PUT   /v1/credit-policies/{risk_class}           policies:write
        GET   /v1/credit-policies/{risk_class}/versions  credit:read
        GET   /v1/credit-policies/{risk_class}/drafts    credit:read
        POST  /v1/credit-policies/{risk_class}/drafts    policies:write
        GET   /v1/credit-policies/{risk_class}/drafts/{draft_id}           credit:read
        POST  /v1/credit-policies/{risk_class}/drafts/{draft_id}/simulate  policies:write
        POST  /v1/credit-policies/{risk_class}/drafts/{draft_id}/activate  policies:write
        POST  /v1/credit-policies/{risk_class}/drafts/{draft_id}/discard   policies:write
        GET   /v1/credit-decisions                       credit:read
        POST  /v1/credit-decisions/replays               credit:read
        GET   /v1/credit-decisions/{decision_id}         credit:read
        POST  /v1/credit-decisions/{decision_id}/replay  credit:read
        PUT   /v1/exchange-rates/{date}                  policies:write
        GET   /v1/exchange-rates/{date}                  credit:read
        POST  /v1/customers/{customer_id}/bureau-reports                credit_file:write
        GET   /v1/customers/{customer_id}/bureau-reports                credit_file:read
        GET   /v1/customers/{customer_id}/bureau-reports/{report_id}    credit_file:read
        GET   /v1/bureau-purchases                       credit_file:read
        GET   /v1/bureau-budgets                         credit_file:read
        PUT   /v1/customers/{customer_id}/credit-insurance              credit_file:write
        GET   /v1/customers/{customer_id}/credit-insurance              credit_file:read
        GET   /v1/insurance-alarms                       credit_file:read
        POST  /v1/insurance-alarms/{alarm_id}/acknowledge               credit_file:write
        GET   /v1/jobs/crj_{job_id}                      -
        """,
    ),
    *_routes(
        "cashapp-service",
        """
        POST  /v1/items                                  items:write
        POST  /v1/items/batch                            items:write
        GET   /v1/items                                  items:read
        GET   /v1/items/{item_id}                        items:read
        GET   /v1/items/{item_id}/history                items:read
        POST  /v1/items/{item_id}/due-date               items:write
        POST  /v1/items/{item_id}/submissions            items:write
        GET   /v1/items/{item_id}/submissions            items:read
        POST  /v1/submissions/mailed                     items:write
        GET   /v1/undelivered-items                      items:read
        POST  /v1/imports                                imports:write  upload
        GET   /v1/bank-accounts                          ledger:read
        PUT   /v1/bank-accounts/{account}                imports:write
        GET   /v1/statements                             items:read
        GET   /v1/statements/{statement_id}/entries      items:read
        POST  /v1/receipts                               receipts:write
        GET   /v1/receipts                               items:read
        GET   /v1/receipts/{receipt_id}                  items:read
        GET   /v1/receipts/{receipt_id}/proposals        items:read
        POST  /v1/receipts/{receipt_id}/identify         receipts:apply
        POST  /v1/receipts/{receipt_id}/applications     receipts:apply
        POST  /v1/receipts/{receipt_id}/return           receipts:apply
        GET   /v1/applications                           items:read
        GET   /v1/applications/{application_id}          items:read
        POST  /v1/applications/{application_id}/reverse  receipts:apply
        GET   /v1/payers                                 items:read
        GET   /v1/payers/{payer_id}                      items:read
        PUT   /v1/payers/{payer_id}                      receipts:apply
        GET   /v1/tolerance-groups                       ledger:read
        GET   /v1/tolerance-groups/{group_id}            ledger:read
        PUT   /v1/tolerance-groups/{group_id}            ledger:write
        GET   /v1/payment-exceptions                     items:read
        GET   /v1/payment-exception-reasons              items:read
        GET   /v1/payment-exceptions/{exception_id}      items:read
        POST  /v1/payment-exceptions/{exception_id}/evidence   receipts:apply
        POST  /v1/payment-exceptions/{exception_id}/evidence/files  receipts:apply  upload
        GET   /v1/payment-exceptions/{exception_id}/evidence/{evidence_id}/content  items:read
        POST  /v1/payment-exceptions/{exception_id}/contest    receipts:apply
        POST  /v1/payment-exceptions/{exception_id}/represent  receipts:apply
        POST  /v1/payment-exceptions/{exception_id}/fail       receipts:apply
        POST  /v1/payment-exceptions/{exception_id}/resolve    receipts:apply
        POST  /v1/payment-exceptions/{exception_id}/reopen     receipts:apply
        GET   /v1/accounts/{company_code}                ledger:read
        PUT   /v1/accounts/{company_code}                ledger:write
        POST  /v1/refunds                                refunds:write
        GET   /v1/refunds                                items:read
        GET   /v1/refunds/candidates                     items:read
        GET   /v1/refunds/{refund_id}                    items:read
        POST  /v1/refunds/{refund_id}/approve            refunds:approve
        POST  /v1/refunds/{refund_id}/reject             refunds:approve
        POST  /v1/refunds/{refund_id}/cancel             refunds:write
        POST  /v1/refunds/{refund_id}/pay                refunds:write
        POST  /v1/refunds/{refund_id}/reverse            refunds:approve
        POST  /v1/write-offs                             write_offs:write
        GET   /v1/write-offs                             items:read
        GET   /v1/write-offs/{write_off_id}              items:read
        POST  /v1/write-offs/{write_off_id}/approve      write_offs:approve
        POST  /v1/write-offs/{write_off_id}/reject       write_offs:approve
        POST  /v1/write-offs/{write_off_id}/cancel       write_offs:write
        POST  /v1/write-offs/{write_off_id}/reverse      write_offs:approve
        POST  /v1/write-offs/{write_off_id}/recoveries   receipts:apply
        GET   /v1/write-offs/{write_off_id}/recoveries   items:read
        POST  /v1/write-offs/small-balances              write_offs:write
        GET   /v1/write-offs/small-balances              items:read
        GET   /v1/write-offs/small-balances/{run_id}     items:read
        GET   /v1/write-offs/small-balances/{run_id}/items  items:read
        POST  /v1/write-offs/small-balances/{run_id}/approve  write_offs:approve
        POST  /v1/write-offs/small-balances/{run_id}/reject   write_offs:approve
        POST  /v1/write-offs/small-balances/{run_id}/reverse  write_offs:approve
        POST  /v1/recoveries/{recovery_id}/reverse       receipts:apply
        GET   /v1/ledger/entries                         ledger:read
        GET   /v1/ledger/exports                         ledger:read
        GET   /v1/ledger/trial-balance                   ledger:read
        GET   /v1/ledger/integrity                       ledger:read
        GET   /v1/reconciliations/cash                   ledger:read
        GET   /v1/periods/{period}                       ledger:read
        GET   /v1/periods/{period}/pack                  ledger:read
        POST  /v1/periods/{period}/close                 periods:close
        POST  /v1/periods/{period}/reopen                periods:close
        POST  /v1/ledger/proofs                          ledger:read
        GET   /v1/closes                                 ledger:read
        GET   /v1/reopenings                             ledger:read
        POST  /v1/reopenings/{reopening_id}/approve      periods:close
        POST  /v1/reopenings/{reopening_id}/reject       periods:close
        POST  /v1/reopenings/{reopening_id}/withdraw     periods:close
        GET   /v1/document-digests                       items:read
        GET   /v1/document-states                        items:read
        GET   /v1/jobs/caj_{job_id}                      -
        """,
    ),
    *_routes(
        "dispute-service",
        """
        POST  /v1/disputes                               disputes:write
        POST  /v1/disputes/batch                         disputes:write
        GET   /v1/disputes                               disputes:read
        GET   /v1/disputes/{dispute_id}                  disputes:read
        POST  /v1/disputes/{dispute_id}/assign           disputes:write
        POST  /v1/disputes/{dispute_id}/notes            disputes:write
        POST  /v1/disputes/{dispute_id}/escalate         disputes:write
        POST  /v1/disputes/{dispute_id}/resolve          disputes:resolve
        POST  /v1/disputes/{dispute_id}/wait             disputes:write
        POST  /v1/disputes/{dispute_id}/resume           disputes:write
        POST  /v1/disputes/{dispute_id}/reopen           disputes:resolve
        POST  /v1/disputes/{dispute_id}/close            disputes:resolve
        POST  /v1/disputes/{dispute_id}/void             disputes:write
        GET   /v1/jobs/dsj_{job_id}                      -
        """,
    ),
    *_routes(
        "collections-service",
        """
        GET   /v1/worklist                               collections:read
        GET   /v1/collection-strategies/{strategy_id}    collections:read
        PUT   /v1/collection-strategies/{strategy_id}    policies:write
        POST  /v1/activities                             collections:write
        GET   /v1/activities                             collections:read
        POST  /v1/promises                               collections:write
        GET   /v1/promises                               collections:read
        GET   /v1/promises/{promise_id}                  collections:read
        POST  /v1/promises/{promise_id}/withdraw         collections:write
        GET   /v1/aging                                  collections:read
        GET   /v1/jobs/coj_{job_id}                      -
        """,
    ),
)
"""Every address that is passed on. What the gateway answers by itself is not here."""

SERVICES = tuple(dict.fromkeys(route.service for route in ROUTES))
DAY_RUNS = ("collections-service", "dispute-service", "credit-service", "cashapp-service")
"""The services in which something falls due on a business day."""

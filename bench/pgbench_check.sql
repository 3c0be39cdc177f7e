-- One credit check as one transaction, with the work that credit-service does for one: key and account taken, the policy and what
-- is known of the order read, then order, history, decision with facts, event, reservation and the answer under its key written.
\set customer random(0, 9999)
\set number random(1, 9000000000000000)
begin;
select pg_try_advisory_xact_lock(hashtextextended('erp|so-' || :number, 1));
select *, (select max(version) from credit_policies p where p.risk_class = a.risk_class) from credit_accounts a
    where customer_id = 'C-' || :customer for no key update;
select fingerprint, status, body, etag from idempotency_keys where caller = 'erp' and key = 'so-' || :number;
select * from orders where order_id = 'so-' || :number;
select currency, sum(amount), sum(account_amount) from open_items where customer_id = 'C-' || :customer
    and order_id = 'so-' || :number and kind in ('invoice', 'debit_memo') group by currency;
select currency, sum(amount), sum(account_amount) from deliveries where customer_id = 'C-' || :customer
    and order_id = 'so-' || :number and status = 'delivered' group by currency;
select delivery_date, reserved from reserved_days where customer_id = 'C-' || :customer and reserved <> 0;
insert into orders (order_id, customer_id, version, status, amount, currency, rate, open_amount, reserved, requested_delivery_date,
        checkpoint, held_reserves, decision_id, prepaid, delivered_amount, held_at)
    values ('so-' || :number, 'C-' || :customer, 1, 'approved', 1, 'EUR', 1, 1, 1, date '2026-12-01', 'order', false,
        'chk_01a202be-8679-72f6-b434-' || :number, false, 0, '[]');
insert into order_changes (order_id, status, amount, open_amount, decision_id, actor, note, changed_at)
    values ('so-' || :number, 'approved', 1, 1, 'chk_01a202be-8679-72f6-b434-' || :number, 'erp', 'credit check: approved', now());
insert into credit_decisions (decision_id, order_id, customer_id, decision, as_of, checkpoints, facts, risk_class, policy_version,
        answer, decided_by, by_person, decided_at)
    values ('chk_01a202be-8679-72f6-b434-' || :number, 'so-' || :number, 'C-' || :customer, 'approved', date '2026-11-22',
        '["order"]', :facts, 'C', 2, :answer, 'erp', false, now());
insert into outbox (event_id, type, subject, body, occurred_at)
    values ('evt_01a202be-8679-72f6-b434-' || :number, 'order.approved', 'so-' || :number, :event, now());
update credit_accounts set open_orders = open_orders + 1 where customer_id = 'C-' || :customer;
insert into reserved_days as d (customer_id, delivery_date, reserved) values ('C-' || :customer, date '2026-12-01', 1)
    on conflict (customer_id, delivery_date) do update set reserved = d.reserved + excluded.reserved;
insert into idempotency_keys (caller, key, fingerprint, status, body)
    values ('erp', 'so-' || :number, repeat('f', 64), 201, convert_to(:answer, 'UTF8'));
commit;

-- Every statement of the store, one text for all dialects.
-- `-- name --` starts a block; `:name` is a parameter; {braces} are the driver's few differences.

-- add_webhooks --
INSERT INTO webhook (dedupe_key, kind, channel, received_at, occurred_ns, conversation_id,
                     customer_id, status, reason, body)
VALUES {rows of 10}
ON CONFLICT (dedupe_key) DO NOTHING
RETURNING id, dedupe_key

-- webhook_by_key --
SELECT id FROM webhook WHERE dedupe_key = :dedupe_key

-- told_by --
SELECT webhook_id FROM fact
WHERE conversation_id = :conversation_id AND occurred_ms = :occurred_ms AND kind = :kind

-- channel_of --
SELECT channel, kind FROM webhook WHERE id = :id

-- set_channel --
UPDATE webhook SET channel = :channel WHERE id = :id

-- set_fact_channel --
UPDATE fact SET channel = :channel WHERE webhook_id = :id
AND conversation_id = (SELECT w.conversation_id FROM webhook w WHERE w.id = :id)

-- set_delivery_channel --
UPDATE delivery SET channel = :channel WHERE webhook_id = :id
AND conversation_id = (SELECT w.conversation_id FROM webhook w WHERE w.id = :id)

-- unread --
SELECT id FROM webhook
WHERE status = 'received' AND id <= :until AND channel <> 'backfill' LIMIT 1

-- count_unresolved --
SELECT COUNT(*) FROM (
    SELECT id FROM webhook
    WHERE status IN ('received', 'waiting') AND channel = :channel LIMIT :most
) AS some

-- set_alias_channel --
UPDATE delivery SET channel = :channel
WHERE webhook_id = :id AND conversation_id IS NULL AND type = 'alias'

-- webhook_of_message --
SELECT webhook_id FROM delivery WHERE message_id = :message_id

-- last_received_at --
SELECT received_at FROM webhook WHERE channel NOT IN ('test', 'backfill')
ORDER BY id DESC LIMIT 1

-- webhook_ids --
SELECT (SELECT MIN(id) FROM webhook), (SELECT MAX(id) FROM webhook)

-- newest_webhook --
SELECT MAX(id) FROM webhook

-- newest_delivery --
SELECT MAX(id) FROM delivery

-- arrivals --
SELECT kind, at / 900 AS quarter, COUNT(*), MAX(at), MIN(received_at) FROM (
    SELECT kind, received_at, CASE WHEN occurred_ns < received_at * 1000000000
        THEN occurred_ns / 1000000000 ELSE {received_second} END AS at
    FROM webhook
    WHERE id > :after AND id <= :until AND channel NOT IN ('test', 'backfill')
      AND kind IN ('CONVERSATION/CREATED', 'CONVERSATION/REOPENED', 'CONVERSATION/CLOSED')
) AS happened
GROUP BY kind, quarter

-- claim_received --
UPDATE webhook SET lease_owner = :owner, lease_until = :lease_until
WHERE id IN (
    {locked} SELECT id FROM webhook
    WHERE status = 'received' AND (lease_until IS NULL OR lease_until < :now)
    ORDER BY id LIMIT :limit {skip_locked}
)
RETURNING id, dedupe_key, kind, channel, received_at, occurred_ns, conversation_id, customer_id,
          status, reason, attempts, due_at, body

-- claim_waiting --
UPDATE webhook SET lease_owner = :owner, lease_until = :lease_until
WHERE id IN (
    {locked} SELECT id FROM webhook {by_waiting}
    WHERE status = 'waiting' AND due_at <= :now AND (lease_until IS NULL OR lease_until < :now)
    ORDER BY due_at, id LIMIT :limit {skip_locked}
)
RETURNING id, dedupe_key, kind, channel, received_at, occurred_ns, conversation_id, customer_id,
          status, reason, attempts, due_at, body

-- free_webhook_leases --
UPDATE webhook SET lease_owner = NULL, lease_until = NULL
WHERE status IN ('received', 'waiting') AND lease_owner IS NOT NULL
  AND (CAST(:owner AS TEXT) IS NULL OR lease_owner = :owner)

-- hasten_webhooks --
UPDATE webhook SET due_at = :now WHERE id IN (
    SELECT id FROM webhook WHERE status = 'waiting' AND due_at > :now
    ORDER BY due_at, id LIMIT :limit
)

-- next_due_webhook --
SELECT due_at FROM webhook {by_waiting}
WHERE status = 'waiting' AND (lease_until IS NULL OR lease_until < :now)
ORDER BY due_at, id LIMIT 1

-- add_fact --
INSERT INTO fact (conversation_id, occurred_ms, kind, occurred_ns, customer_id, agent_id,
                  webhook_id, received_at, channel)
SELECT :conversation_id, :occurred_ms, :kind, :occurred_ns, :customer_id, :agent_id,
       :webhook_id, :received_at,
       COALESCE((SELECT w.channel FROM webhook w WHERE w.id = :webhook_id), :channel)
WHERE NOT EXISTS (SELECT 1 FROM webhook WHERE id = :webhook_id AND body IS NULL)
ON CONFLICT (conversation_id, occurred_ms, kind) DO UPDATE SET
    occurred_ns = CASE WHEN excluded.occurred_ns < fact.occurred_ns
                       THEN excluded.occurred_ns ELSE fact.occurred_ns END,
    agent_id = CASE WHEN fact.agent_id IS NULL OR excluded.agent_id < fact.agent_id
                    THEN excluded.agent_id ELSE fact.agent_id END,
    customer_id = CASE WHEN fact.customer_id IS NULL OR excluded.customer_id < fact.customer_id
                       THEN excluded.customer_id ELSE fact.customer_id END
RETURNING webhook_id

-- facts --
SELECT f.kind, f.occurred_ns, f.customer_id, f.agent_id, f.webhook_id, f.received_at, f.channel,
       w.status, w.reason, w.attempts
FROM fact f LEFT JOIN webhook w ON w.id = f.webhook_id
WHERE f.conversation_id = :conversation_id
ORDER BY f.occurred_ns, f.kind

-- fact_versions --
SELECT f.occurred_ns, f.kind, f.agent_id, f.customer_id FROM fact f
WHERE f.conversation_id = :conversation_id
ORDER BY f.occurred_ns, f.kind

-- queued_ids --
SELECT message_id FROM delivery WHERE conversation_id = :conversation_id

-- settle_webhook --
UPDATE webhook SET status = :status, reason = :reason, attempts = :attempts, due_at = :due_at,
                   lease_owner = NULL, lease_until = NULL
WHERE id = :id AND reason <> 'Erased on request.'

-- add_delivery --
INSERT INTO delivery (webhook_id, message_id, type, event, conversation_id, customer_id, user_id,
                      occurred_at, received_at, created_at, channel, status, reason, incomplete,
                      queued_at, next_attempt_at, replay_of, source)
SELECT :webhook_id, :message_id, :type, :event, :conversation_id, :customer_id, :user_id,
       :occurred_at, :received_at, :created_at,
       COALESCE((SELECT w.channel FROM webhook w WHERE w.id = :webhook_id), :channel),
       :status, :reason, :incomplete, :created_at, :created_at, :replay_of, :source
WHERE NOT EXISTS (
    SELECT 1 FROM webhook WHERE id = :webhook_id AND reason = 'Erased on request.'
)
ON CONFLICT (message_id) DO NOTHING
RETURNING id

-- add_content --
INSERT INTO delivery_content (delivery_id, search, customer, agent, email, looked_up, payload
                              {words})
VALUES (:id, :search, :customer, :agent, :email, :looked_up, :payload {of_words})

-- withdraw --
DELETE FROM delivery WHERE message_id = :message_id AND status = 'pending' AND attempts = 0
RETURNING id

-- drop_content --
DELETE FROM delivery_content WHERE delivery_id = :id

-- claim --
UPDATE delivery SET status = 'sending', lease_owner = :owner, lease_until = :lease_until
WHERE id IN (
    {locked} SELECT id FROM delivery {by_due}
    WHERE status IN ('pending', 'retrying') AND source = :source AND next_attempt_at <= :now
    ORDER BY next_attempt_at, id LIMIT :limit {skip_locked}
)
RETURNING id, message_id,
          (SELECT c.payload FROM delivery_content c WHERE c.delivery_id = delivery.id),
          tries, queued_at

-- next_source --
SELECT MIN(source) FROM delivery {by_due}
WHERE status IN ('pending', 'retrying') AND source > :after

-- next_due_delivery --
SELECT MIN(next_attempt_at) FROM delivery {by_due}
WHERE status IN ('pending', 'retrying') AND source = :source

-- add_attempts --
INSERT INTO attempt (delivery_id, number, started_at, duration_ms, http_status, code, error,
                     batch_id)
SELECT id, attempts + 1, :started_at, :duration_ms, :http_status, :code, :error, :batch_id
FROM delivery WHERE id IN ({ids}) AND status = 'sending' AND lease_owner = :owner

-- settle_deliveries --
UPDATE delivery SET
    status = CASE WHEN confirmed_at IS NULL THEN :status ELSE 'confirmed' END,
    attempts = attempts + 1, tries = tries + 1,
    next_attempt_at = CASE WHEN confirmed_at IS NULL
                           THEN CAST(:next_attempt_at AS DOUBLE PRECISION) END,
    lease_owner = NULL, lease_until = NULL, last_code = :code, last_error = :error,
    accepted_at = COALESCE(:accepted_at, accepted_at, confirmed_at),
    ambiguous_since = COALESCE(ambiguous_since, :ambiguous_since),
    queued_at = COALESCE(:queued_at, queued_at)
WHERE id IN ({ids}) AND status = 'sending' AND lease_owner = :owner

-- release --
UPDATE delivery SET status = CASE WHEN confirmed_at IS NOT NULL THEN 'confirmed'
                                  WHEN tries = 0 THEN 'pending' ELSE 'retrying' END,
                    next_attempt_at = CASE WHEN confirmed_at IS NULL THEN :now END,
                    accepted_at = COALESCE(accepted_at, confirmed_at),
                    lease_owner = NULL, lease_until = NULL,
                    ambiguous_since = COALESCE(ambiguous_since, :ambiguous_since)
WHERE id = :id AND status = 'sending' AND lease_owner = :owner

-- reap --
UPDATE delivery SET status = CASE WHEN confirmed_at IS NOT NULL THEN 'confirmed'
                                  WHEN tries = 0 THEN 'pending' ELSE 'retrying' END,
                    next_attempt_at = CASE WHEN confirmed_at IS NULL THEN :now END,
                    accepted_at = COALESCE(accepted_at, confirmed_at),
                    lease_owner = NULL, lease_until = NULL,
                    ambiguous_since = COALESCE(ambiguous_since, :now)
WHERE status = 'sending' AND (lease_until < :before OR lease_until > :latest)

-- confirm --
UPDATE delivery {by_message} SET
    status = 'confirmed', confirmed_at = :now, next_attempt_at = NULL,
    accepted_at = COALESCE(accepted_at, :now)
WHERE message_id IN ({message_ids})
  AND (status IN ('accepted', 'retrying') OR status = 'dead' AND attempts > 0
       OR status = 'pending' AND ambiguous_since >= queued_at)

-- note_echo --
UPDATE delivery {by_message} SET confirmed_at = :now
WHERE message_id IN ({message_ids}) AND status = 'sending' AND confirmed_at IS NULL

-- hasten --
UPDATE delivery SET next_attempt_at = :now
WHERE status IN ('pending', 'retrying') AND next_attempt_at > :now AND id IN (
    SELECT id FROM delivery {by_due}
    WHERE status IN ('pending', 'retrying') AND source = :source AND next_attempt_at > :now
    ORDER BY next_attempt_at, id LIMIT :limit
)

-- requeue --
UPDATE delivery SET status = 'pending', queued_at = :now, tries = 0, next_attempt_at = :now,
                    reason = :reason, confirmed_at = NULL
WHERE id = :id AND status IN ('dead', 'accepted', 'confirmed', 'discarded')
  AND EXISTS (SELECT 1 FROM delivery_content c
              WHERE c.delivery_id = delivery.id AND c.payload IS NOT NULL)

-- discard --
UPDATE delivery SET status = 'discarded', reason = :reason, next_attempt_at = NULL,
                    lease_owner = NULL, lease_until = NULL
WHERE id = :id AND status IN ('pending', 'retrying', 'dead')

-- delivery_for_replay --
SELECT d.id, d.webhook_id, d.message_id, d.type, d.event, d.conversation_id, d.customer_id,
       d.user_id, d.occurred_at, d.received_at, d.channel, d.incomplete, c.search, c.looked_up,
       c.payload, d.source
FROM delivery d JOIN delivery_content c ON c.delivery_id = d.id
WHERE d.id = :id AND c.payload IS NOT NULL

-- delivery_content --
SELECT payload, looked_up FROM delivery_content WHERE delivery_id = :id

-- attempts --
SELECT number, started_at, duration_ms, http_status, code, error, batch_id
FROM attempt WHERE delivery_id = :id ORDER BY number

-- webhooks_shown_with --
SELECT w.id, w.dedupe_key, w.kind, w.channel, w.received_at, w.occurred_ns, w.conversation_id,
       w.customer_id, w.status, w.reason, w.attempts, w.due_at, w.body
FROM webhook w WHERE w.id IN (
    SELECT CAST(:webhook_id AS BIGINT)
    UNION ALL SELECT f.webhook_id FROM fact f WHERE f.conversation_id = :conversation_id
)
ORDER BY w.occurred_ns, w.id LIMIT :limit

-- webhook --
SELECT id, dedupe_key, kind, channel, received_at, occurred_ns, conversation_id, customer_id,
       status, reason, attempts, due_at, body
FROM webhook WHERE id = :id

-- delivery_id_by_message --
SELECT id FROM delivery WHERE message_id = :message_id

-- deliveries_of_webhook --
SELECT id FROM delivery WHERE conversation_id = :conversation_id AND webhook_id = :webhook_id
UNION ALL
SELECT id FROM delivery
WHERE CAST(:conversation_id AS TEXT) IS NULL AND conversation_id IS NULL AND webhook_id = :webhook_id
ORDER BY id

-- all_webhooks --
SELECT COUNT(*) FROM webhook

-- all_deliveries --
SELECT COUNT(*) FROM delivery

-- count_webhooks --
SELECT status, COUNT(*) FROM webhook
WHERE status IN ('received', 'waiting', 'skipped', 'unmappable') GROUP BY status

-- count_deliveries --
SELECT status, COUNT(*) FROM delivery
WHERE status IN ('pending', 'sending', 'retrying', 'dead', 'discarded')
GROUP BY status

-- count_up_to --
SELECT COUNT(*) FROM (SELECT 1 FROM delivery WHERE status = :status LIMIT :limit) AS found

-- oldest_under_way --
SELECT MIN(created_at) FROM delivery WHERE id IN (
    SELECT MIN(id) FROM delivery WHERE status = 'pending'
    UNION ALL SELECT MIN(id) FROM delivery WHERE status = 'sending'
    UNION ALL SELECT MIN(id) FROM delivery WHERE status = 'retrying'
)

-- known_events --
WITH RECURSIVE known (name) AS (
    SELECT MIN(event) FROM delivery
    UNION ALL
    SELECT (SELECT MIN(event) FROM delivery WHERE event > known.name) FROM known
    WHERE known.name IS NOT NULL
)
SELECT name FROM known WHERE name IS NOT NULL LIMIT :limit

-- known_codes --
WITH RECURSIVE known (name) AS (
    SELECT MIN(last_code) FROM delivery {by_code}
    WHERE last_code <> '' AND last_code <> 'segment.accepted'
    UNION ALL
    SELECT (
        SELECT MIN(last_code) FROM delivery {by_code}
        WHERE last_code > known.name AND last_code <> '' AND last_code <> 'segment.accepted'
    ) FROM known WHERE known.name IS NOT NULL
)
SELECT name FROM known WHERE name IS NOT NULL LIMIT :limit

-- first_received --
SELECT MIN(id) FROM delivery {by_received} WHERE received_at >= :since

-- last_received --
SELECT MAX(id) FROM delivery {by_received} WHERE received_at < :until

-- received_between --
SELECT COUNT(*) FROM delivery {by_received} WHERE received_at >= :since AND received_at < :until

-- accepted_between --
SELECT COUNT(*) FROM delivery {by_accepted}
WHERE accepted_at >= :since AND accepted_at < :until AND accepted_at IS NOT NULL
  AND status IN ('accepted', 'confirmed') AND id % :every = 0

-- accepted_by_hour --
SELECT event, {accepted_hour} AS hour, COUNT(*),
       COUNT(CASE WHEN accepted_at - 3600 * {accepted_hour} < :edge THEN 1 END),
       COUNT(CASE WHEN accepted_at - 3600 * {accepted_hour} >= 3600 - :edge THEN 1 END)
FROM delivery {by_accepted}
WHERE accepted_at >= :since AND accepted_at < :until AND accepted_at IS NOT NULL
  AND type = 'track' AND source = ''
GROUP BY event, hour

-- latencies_between --
SELECT latency FROM (
    SELECT accepted_at - received_at AS latency,
           ROW_NUMBER() OVER (ORDER BY accepted_at - received_at) AS place
    FROM delivery {by_accepted}
    WHERE accepted_at >= :since AND accepted_at < :until AND accepted_at IS NOT NULL
      AND status IN ('accepted', 'confirmed') AND id % :every = 0
) AS sorted
WHERE place = :middle OR place = :high ORDER BY place

-- died_since --
SELECT a.started_at FROM delivery d JOIN attempt a
    ON a.delivery_id = d.id AND a.number = d.attempts
WHERE d.status = 'dead' AND a.started_at >= :since

-- discarded_since --
SELECT entered FROM (
    SELECT CASE WHEN queued_at > received_at + 60 THEN queued_at ELSE received_at END AS entered
    FROM delivery WHERE status = 'discarded'
) AS discarded
WHERE entered >= :since

-- late_since --
SELECT received_at, queued_at FROM delivery {by_late}
WHERE queued_at >= :since AND queued_at > received_at + 60

-- under_way --
SELECT COUNT(*) FROM delivery WHERE status IN ('pending', 'sending', 'retrying')

-- seen_by_quarter --
SELECT {received_quarter} AS quarter, w.status, COUNT(*) FROM webhook w
WHERE w.received_at >= :since AND w.received_at < :until
GROUP BY quarter, w.status

-- told_by_quarter --
SELECT {received_quarter} AS quarter, d.status, COUNT(*)
FROM (SELECT MAX(t.id) AS id FROM delivery t {by_received}
      WHERE t.received_at >= :since AND t.type IN ('track', 'alias') AND t.replay_of IS NULL
        AND t.webhook_id IS NOT NULL AND t.source = ''
      GROUP BY t.webhook_id) AS own
JOIN delivery d ON d.id = own.id
JOIN webhook w ON w.id = d.webhook_id
WHERE w.status = 'resolved' AND w.received_at >= :since AND w.received_at < :until
GROUP BY quarter, d.status

-- resolved_without_call --
SELECT w.id, {received_quarter}, w.kind, w.conversation_id, w.occurred_ns, w.reason
FROM webhook w {in_order}
WHERE w.status = 'resolved' AND w.received_at >= :since AND w.received_at < :until
  AND w.id NOT IN (
    SELECT d.webhook_id FROM delivery d {by_received}
    WHERE d.received_at >= :since AND d.type IN ('track', 'alias') AND d.replay_of IS NULL
      AND d.webhook_id IS NOT NULL AND d.source = ''
  )
ORDER BY w.id LIMIT :limit

-- status_by_message --
SELECT status FROM delivery WHERE message_id = :message_id

-- faulty_webhooks --
SELECT id, fault FROM (
    SELECT id, CASE
        WHEN status NOT IN ('received', 'waiting', 'resolved', 'skipped', 'unmappable')
            THEN 'status'
        WHEN status = 'waiting' AND due_at IS NULL THEN 'never_looked_at'
        WHEN status IN ('skipped', 'unmappable') AND reason = '' THEN 'silent'
    END AS fault
    FROM webhook WHERE received_at >= :since AND received_at < :until
) AS judged
WHERE fault IS NOT NULL ORDER BY id LIMIT :limit

-- forgotten_webhooks --
SELECT w.id, w.kind, w.occurred_ns FROM webhook w {in_order}
WHERE w.received_at >= :since AND w.received_at < :until
  AND w.status IN ('resolved', 'skipped', 'waiting')
  AND w.kind IN ('CONVERSATION/CREATED', 'CONVERSATION/REOPENED', 'CONVERSATION/CLOSED',
                 'CONVERSATION_ASSIGNEE/UPDATED')
  AND w.conversation_id IS NOT NULL AND LENGTH(w.conversation_id) < 500
  AND w.occurred_ns >= :since * 1000000000
  AND w.id NOT IN (SELECT own.webhook_id FROM fact own WHERE own.received_at >= :since)
  AND NOT EXISTS (
    SELECT 1 FROM fact f WHERE f.conversation_id = w.conversation_id
      AND f.occurred_ms = w.occurred_ns / 1000000 AND f.kind = w.kind
  )
ORDER BY w.id LIMIT :limit

-- erased_facts --
SELECT DISTINCT w.kind, w.occurred_ns / 1000000 FROM webhook w
WHERE w.reason = 'Erased on request.' AND w.occurred_ns IS NOT NULL

-- faulty_deliveries --
SELECT id, fault FROM (
    SELECT d.id, CASE
        WHEN d.status NOT IN ('pending', 'sending', 'retrying', 'accepted', 'confirmed', 'dead',
                              'discarded') THEN 'status'
        WHEN d.webhook_id IS NOT NULL AND d.reason <> 'Erased on request.'
            AND NOT EXISTS (SELECT 1 FROM webhook w WHERE w.id = d.webhook_id) THEN 'no_webhook'
        WHEN d.status IN ('pending', 'retrying') AND d.next_attempt_at IS NULL
            OR d.status = 'sending' AND d.lease_until IS NULL THEN 'never_sent'
        WHEN d.status IN ('pending', 'sending', 'retrying', 'dead') AND NOT EXISTS (
            SELECT 1 FROM delivery_content c WHERE c.delivery_id = d.id AND c.payload IS NOT NULL
        ) THEN 'empty'
        WHEN d.status = 'accepted' AND NOT EXISTS (
            SELECT 1 FROM attempt a WHERE a.delivery_id = d.id AND a.http_status BETWEEN 200 AND 299
        ) THEN 'unproved'
    END AS fault
    FROM delivery d {by_received} WHERE d.received_at >= :since AND d.received_at < :until
) AS judged
WHERE fault IS NOT NULL ORDER BY id LIMIT :limit

-- get_meta --
SELECT value FROM meta WHERE name = :name

-- set_meta --
INSERT INTO meta (name, value) VALUES (:name, :value)
ON CONFLICT (name) DO UPDATE SET value = excluded.value

-- old_webhook_ids --
SELECT MIN(id), MAX(id) FROM webhook WHERE received_at < :before

-- old_delivery_ids --
SELECT MIN(id), MAX(id) FROM delivery WHERE created_at < :before

-- prune_bodies --
UPDATE webhook SET body = NULL
WHERE id > :after AND id <= :upto AND received_at < :before AND body IS NOT NULL
  AND status NOT IN ('received', 'waiting')

-- prune_payloads --
UPDATE delivery_content SET payload = NULL, looked_up = NULL,
                            search = '', customer = '', agent = '', email = ''
WHERE delivery_id > :after AND delivery_id <= :upto AND payload IS NOT NULL AND delivery_id IN (
    SELECT id FROM delivery WHERE id > :after AND id <= :upto AND created_at < :before
      AND status IN ('accepted', 'confirmed', 'discarded')
)

-- prune_webhooks --
DELETE FROM webhook
WHERE id > :after AND id <= :upto AND received_at < :before
  AND status NOT IN ('received', 'waiting')
  AND NOT EXISTS (SELECT 1 FROM fact f WHERE f.conversation_id = webhook.conversation_id
                                         AND f.webhook_id = webhook.id)

-- prune_facts --
DELETE FROM fact WHERE conversation_id IN (
    SELECT conversation_id FROM fact GROUP BY conversation_id
    HAVING MAX(received_at) < :before
       AND MAX(occurred_ns) = MAX(CASE WHEN kind = 'CONVERSATION/CLOSED' THEN occurred_ns END)
    LIMIT :limit
)

-- prune_contents --
DELETE FROM delivery_content
WHERE delivery_id > :after AND delivery_id <= :upto AND delivery_id NOT IN (
    SELECT id FROM delivery WHERE id > :after AND id <= :upto
)

-- prune_attempts --
DELETE FROM attempt WHERE delivery_id > :after AND delivery_id <= :upto AND delivery_id NOT IN (
    SELECT id FROM delivery WHERE id > :after AND id <= :upto
)

-- prune_deliveries --
DELETE FROM delivery
WHERE id > :after AND id <= :upto AND created_at < :before
  AND status IN ('accepted', 'confirmed', 'discarded')
  AND NOT EXISTS (SELECT 1 FROM fact WHERE fact.conversation_id = delivery.conversation_id)

-- deliveries_of_conversation --
SELECT id FROM delivery WHERE conversation_id = :conversation_id

-- keep_fact --
INSERT INTO fact (conversation_id, occurred_ms, kind, occurred_ns, webhook_id, received_at, channel)
SELECT conversation_id, occurred_ns / 1000000, kind, occurred_ns, id, received_at, channel
FROM webhook
WHERE id = :id AND status = 'received' AND conversation_id IS NOT NULL AND occurred_ns IS NOT NULL
  AND kind IN ('CONVERSATION/CREATED', 'CONVERSATION/REOPENED', 'CONVERSATION/CLOSED',
               'CONVERSATION_ASSIGNEE/UPDATED')
ON CONFLICT (conversation_id, occurred_ms, kind) DO NOTHING

-- erase_facts --
UPDATE fact SET customer_id = NULL WHERE customer_id = :customer_id

-- erase_webhook --
UPDATE webhook SET body = NULL, customer_id = NULL, due_at = NULL,
    status = CASE WHEN status IN ('received', 'waiting') THEN 'skipped' ELSE status END,
    reason = 'Erased on request.', lease_owner = NULL, lease_until = NULL
WHERE id = :id

-- prune_errors --
UPDATE attempt SET error = '' WHERE delivery_id > :after AND delivery_id <= :upto AND error <> ''
  AND delivery_id IN (
    SELECT c.delivery_id FROM delivery_content c
    WHERE c.delivery_id > :after AND c.delivery_id <= :upto AND c.payload IS NULL
)

-- erase_errors --
UPDATE attempt SET error = '' WHERE delivery_id = :id AND error <> ''

-- erase_content --
UPDATE delivery_content SET payload = NULL, looked_up = NULL,
                            search = '', customer = '', agent = '', email = ''
WHERE delivery_id = :id AND (payload IS NOT NULL OR looked_up IS NOT NULL OR search <> ''
                             OR customer <> '' OR agent <> '' OR email <> '')

-- erase_delivery --
UPDATE delivery SET customer_id = NULL,
    user_id = NULL, next_attempt_at = NULL, last_error = '',
    status = CASE WHEN status IN ('accepted', 'confirmed') THEN status ELSE 'discarded' END,
    reason = 'Erased on request.', lease_owner = NULL, lease_until = NULL
WHERE id = :id

-- aliases_of_webhook --
SELECT id, status, type FROM delivery
WHERE webhook_id = :id AND conversation_id IS NULL AND type = 'alias'

-- webhooks_of_customers --
SELECT id, customer_id, kind, status, body FROM webhook
WHERE customer_id IN ({customers}) OR {body_names_any}

-- deliveries_of_customers --
SELECT id, customer_id, user_id, status, type, conversation_id FROM delivery
WHERE customer_id IN ({customers}) OR user_id IN ({customers})

-- conversations_of_customers --
SELECT DISTINCT conversation_id, customer_id FROM fact WHERE customer_id IN ({customers})

-- customers_of_conversation --
SELECT customer_id, CASE WHEN occurred_ns < received_at * 1000000000
                         THEN occurred_ns / 1000000000.0 ELSE received_at END AS at, 0 AS row
FROM fact WHERE conversation_id = :conversation_id AND customer_id IS NOT NULL
UNION ALL
SELECT customer_id, created_at AS at, id AS row FROM delivery
WHERE conversation_id = :conversation_id AND customer_id IS NOT NULL
ORDER BY at, row

-- delivery_left --
SELECT d.status, d.type, d.customer_id, c.payload
FROM delivery d JOIN delivery_content c ON c.delivery_id = d.id WHERE d.id = :id {row_locked}

-- strip_content --
UPDATE delivery_content SET payload = :payload, looked_up = NULL,
                            search = '', customer = '', agent = '', email = ''
WHERE delivery_id = :id AND (payload IS NULL OR payload <> :payload OR looked_up IS NOT NULL
                             OR search <> '' OR customer <> '' OR agent <> '' OR email <> '')

-- strip_delivery --
UPDATE delivery SET user_id = :user_id, reason = :reason, incomplete = 0,
    last_error = CASE WHEN last_error = '' THEN '' ELSE 'An earlier attempt failed.' END
WHERE id = :id AND (user_id IS NULL OR user_id <> :user_id OR reason <> :reason OR incomplete <> 0
                    OR last_error NOT IN ('', 'An earlier attempt failed.'))

-- withhold_delivery --
UPDATE delivery SET status = 'discarded', reason = :reason, next_attempt_at = NULL,
                    last_error = '', lease_owner = NULL, lease_until = NULL
WHERE id = :id

-- wipe_delivery --
UPDATE delivery SET last_error = '' WHERE id = :id AND last_error <> ''

-- part_with_delivery --
UPDATE delivery SET customer_id = NULL, user_id = NULL, reason = :reason, last_error = ''
WHERE id = :id AND (customer_id IS NOT NULL OR user_id IS NOT NULL OR last_error <> '')

-- wipe_webhook --
UPDATE webhook SET body = NULL
WHERE id = :id AND body IS NOT NULL AND status NOT IN ('received', 'waiting')

-- part_with_webhook --
UPDATE webhook SET body = NULL, customer_id = NULL,
                   reason = CASE WHEN reason = '' THEN :reason ELSE reason END
WHERE id = :id AND status NOT IN ('received', 'waiting')
  AND (body IS NOT NULL OR customer_id IS NOT NULL OR reason = '')

-- part_with_facts --
UPDATE fact SET customer_id = NULL WHERE conversation_id = :id AND customer_id = :customer_id

-- note_departure --
UPDATE webhook SET body = NULL, customer_id = NULL, status = 'skipped', reason = :reason,
                   due_at = NULL, lease_owner = NULL, lease_until = NULL
WHERE id = :id AND status IN ('received', 'waiting')

-- clamp_deliveries --
UPDATE delivery SET next_attempt_at = :now
WHERE status IN ('pending', 'retrying') AND next_attempt_at > :latest

-- clamp_webhooks --
UPDATE webhook SET due_at = :now WHERE status = 'waiting' AND due_at > :latest

-- extend_span --
UPDATE coverage SET ended_at = CASE WHEN ended_at > :end THEN ended_at ELSE :end END
WHERE channel = :channel AND ended_at + :tolerance >= :start AND started_at = (
    SELECT MAX(c.started_at) FROM coverage c
    WHERE c.channel = :channel AND c.started_at <= :start
)

-- add_span --
INSERT INTO coverage (channel, started_at, ended_at) VALUES (:channel, :start, :end)
ON CONFLICT (channel, started_at) DO UPDATE SET ended_at =
    CASE WHEN coverage.ended_at > excluded.ended_at
         THEN coverage.ended_at ELSE excluded.ended_at END

-- spans --
SELECT channel, started_at, ended_at FROM coverage WHERE ended_at > :since
ORDER BY started_at, channel

-- first_span --
SELECT started_at FROM coverage ORDER BY started_at LIMIT 1

-- prune_spans --
DELETE FROM coverage WHERE ended_at < :before

-- add_gap --
INSERT INTO gap (started_at, ended_at, reason, fate, settled_at, events)
VALUES (:start, :end, :reason, :fate, :settled_at, :events)
RETURNING id

-- settle_gap --
UPDATE gap SET started_at = :start, ended_at = :end, reason = :reason, fate = :fate,
               settled_at = :settled_at, events = :events
WHERE id = :id AND fate = :was_fate AND started_at = :was_start AND ended_at = :was_end

-- open_gaps --
SELECT id, started_at, ended_at, reason, fate, settled_at, events FROM gap
WHERE fate = 'open' ORDER BY started_at

-- gaps --
SELECT id, started_at, ended_at, reason, fate, settled_at, events FROM gap
WHERE ended_at > :since ORDER BY id DESC LIMIT :limit

-- prune_gaps --
DELETE FROM gap WHERE ended_at < :before

-- beat --
INSERT INTO engine (id, name, role, version, started_at, heartbeat_at, leads, listens, webhook_at)
VALUES (:id, :name, :role, :version, :started_at, :now, :leads, :listens, :webhook_at)
ON CONFLICT (id) DO UPDATE SET heartbeat_at = excluded.heartbeat_at, leads = excluded.leads,
    webhook_at = excluded.webhook_at

-- engines --
SELECT id, name, role, version, started_at, {now} - heartbeat_at, leads, listens, webhook_at
FROM engine ORDER BY started_at, id

-- leave --
DELETE FROM engine WHERE id = :id

-- drop_engines --
DELETE FROM engine WHERE heartbeat_at < :before AND id <> :id

-- reap_of_the_gone --
UPDATE delivery SET status = CASE WHEN confirmed_at IS NOT NULL THEN 'confirmed'
                                  WHEN tries = 0 THEN 'pending' ELSE 'retrying' END,
                    next_attempt_at = CASE WHEN confirmed_at IS NULL THEN :now END,
                    accepted_at = COALESCE(accepted_at, confirmed_at),
                    lease_owner = NULL, lease_until = NULL,
                    ambiguous_since = COALESCE(ambiguous_since, :now)
WHERE status = 'sending'
  AND lease_owner IN (SELECT e.id FROM engine e WHERE e.heartbeat_at < :gone AND e.id <> :id)

-- free_webhooks_of_the_gone --
UPDATE webhook SET lease_owner = NULL, lease_until = NULL
WHERE status IN ('received', 'waiting')
  AND lease_owner IN (SELECT e.id FROM engine e WHERE e.heartbeat_at < :gone AND e.id <> :id)

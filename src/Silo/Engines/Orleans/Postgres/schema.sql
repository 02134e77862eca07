-- What a cluster of SnapshotGrains keeps in PostgreSQL: which silos there are, and the state of the grains.
-- 'snapgrains cluster init' applies this; psql can as well. It may be applied again, also by several at once.
--
-- Orleans reads the text of each query that it needs from the table OrleansQuery, by a fixed key, and gives it
-- parameters of fixed names. Apart from that, tables and queries are ours. Orleans takes an empty result of a write for
-- a conflict.

BEGIN;

-- One at a time: 'IF NOT EXISTS' alone does not keep two from creating the same table.
SELECT pg_advisory_xact_lock(hashtext('snapgrains_schema'));

DO $check$
BEGIN
    IF to_regclass('snapgrains_schema') IS NULL THEN
        IF to_regclass('orleansquery') IS NOT NULL THEN
            RAISE EXCEPTION 'this database has the tables of another Orleans application; use a database of its own';
        END IF;
    ELSIF (SELECT version FROM snapgrains_schema) > 1 THEN
        RAISE EXCEPTION 'this database was set up by a newer version of snapgrains; use that one';
    END IF;
END
$check$;

CREATE TABLE IF NOT EXISTS snapgrains_schema
(
    is_only    boolean     PRIMARY KEY DEFAULT true CHECK (is_only),
    version    integer     NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
);

INSERT INTO snapgrains_schema (version) VALUES (1)
ON CONFLICT (is_only) DO UPDATE SET version = excluded.version, applied_at = now();

-- Membership. Each change of a silo's row also advances the version of its cluster, if it is the one that the silo
-- which changes it has read; so all silos agree on one order of changes.
CREATE TABLE IF NOT EXISTS snapgrains_cluster
(
    cluster_id text    PRIMARY KEY,
    version    integer NOT NULL DEFAULT 0
);

CREATE TABLE IF NOT EXISTS snapgrains_silo
(
    cluster_id   text        NOT NULL REFERENCES snapgrains_cluster ON DELETE CASCADE,
    address      text        NOT NULL,
    port         integer     NOT NULL,
    generation   integer     NOT NULL, -- tells a silo from its predecessors on the same address
    silo_name    text        NOT NULL,
    host_name    text        NOT NULL,
    status       integer     NOT NULL, -- 3 is active, 6 dead
    gateway_port integer     NOT NULL,
    suspicions   text,
    started_at   timestamptz NOT NULL,
    alive_at     timestamptz NOT NULL,
    PRIMARY KEY (cluster_id, address, port, generation)
);

-- The state of a grain, as JSON in UTF-8. Orleans splits a grain's key: a text goes to key_text; one of hexadecimal
-- digits becomes a number, in key_high and key_low, which is the key again together with its length.
CREATE TABLE IF NOT EXISTS snapgrains_state
(
    service_id text        NOT NULL,
    state_name text        NOT NULL,
    key_text   text        NOT NULL,
    key_high   bigint      NOT NULL,
    key_low    bigint      NOT NULL,
    key_length integer     NOT NULL,
    version    integer     NOT NULL,
    payload    bytea       NOT NULL,
    changed_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (service_id, state_name, key_text, key_high, key_low, key_length)
);

CREATE TABLE IF NOT EXISTS OrleansQuery
(
    QueryKey  text PRIMARY KEY,
    QueryText text NOT NULL
);

INSERT INTO OrleansQuery (QueryKey, QueryText) VALUES
('InsertMembershipVersionKey', $query$
    WITH created AS
    (
        INSERT INTO snapgrains_cluster (cluster_id) VALUES (@DeploymentId)
        ON CONFLICT DO NOTHING
        RETURNING 1
    )
    SELECT EXISTS (SELECT FROM created)
$query$),

('InsertMembershipKey', $query$
    WITH advanced AS
    (
        UPDATE snapgrains_cluster SET version = version + 1
        WHERE cluster_id = @DeploymentId AND version = @Version AND NOT EXISTS
        (
            SELECT FROM snapgrains_silo
            WHERE cluster_id = @DeploymentId
                AND address = @Address AND port = @Port AND generation = @Generation
        )
        RETURNING cluster_id
    ),
    created AS
    (
        INSERT INTO snapgrains_silo
            (cluster_id, address, port, generation, silo_name, host_name, status, gateway_port, started_at, alive_at)
        SELECT
            cluster_id, @Address, @Port, @Generation, @SiloName, @HostName, @Status, @ProxyPort, @StartTime,
            @IAmAliveTime
        FROM advanced
        RETURNING 1
    )
    SELECT EXISTS (SELECT FROM created)
$query$),

('UpdateMembershipKey', $query$
    WITH advanced AS
    (
        UPDATE snapgrains_cluster SET version = version + 1
        WHERE cluster_id = @DeploymentId AND version = @Version AND EXISTS
        (
            SELECT FROM snapgrains_silo
            WHERE cluster_id = @DeploymentId
                AND address = @Address AND port = @Port AND generation = @Generation
        )
        RETURNING cluster_id
    ),
    changed AS
    (
        UPDATE snapgrains_silo AS silo
        SET status = @Status, suspicions = @SuspectTimes, alive_at = @IAmAliveTime
        FROM advanced
        WHERE silo.cluster_id = advanced.cluster_id
            AND silo.address = @Address AND silo.port = @Port AND silo.generation = @Generation
        RETURNING 1
    )
    SELECT EXISTS (SELECT FROM changed)
$query$),

-- No new version: a sign of life changes nothing that silos must agree on.
('UpdateIAmAlivetimeKey', $query$
    UPDATE snapgrains_silo SET alive_at = @IAmAliveTime
    WHERE cluster_id = @DeploymentId AND address = @Address AND port = @Port AND generation = @Generation
$query$),

-- A row even without a silo: Orleans reads the version from it.
('MembershipReadAllKey', $query$
    SELECT
        cluster.version AS Version, silo.address AS Address, silo.port AS Port, silo.generation AS Generation,
        silo.silo_name AS SiloName, silo.host_name AS HostName, silo.status AS Status,
        silo.gateway_port AS ProxyPort, silo.suspicions AS SuspectTimes, silo.started_at AS StartTime,
        silo.alive_at AS IAmAliveTime
    FROM snapgrains_cluster AS cluster
    LEFT JOIN snapgrains_silo AS silo ON silo.cluster_id = cluster.cluster_id
    WHERE cluster.cluster_id = @DeploymentId
$query$),

('MembershipReadRowKey', $query$
    SELECT
        cluster.version AS Version, silo.address AS Address, silo.port AS Port, silo.generation AS Generation,
        silo.silo_name AS SiloName, silo.host_name AS HostName, silo.status AS Status,
        silo.gateway_port AS ProxyPort, silo.suspicions AS SuspectTimes, silo.started_at AS StartTime,
        silo.alive_at AS IAmAliveTime
    FROM snapgrains_cluster AS cluster
    LEFT JOIN snapgrains_silo AS silo
        ON silo.cluster_id = cluster.cluster_id
        AND silo.address = @Address AND silo.port = @Port AND silo.generation = @Generation
    WHERE cluster.cluster_id = @DeploymentId
$query$),

('GatewaysQueryKey', $query$
    SELECT address AS Address, gateway_port AS ProxyPort, generation AS Generation
    FROM snapgrains_silo
    WHERE cluster_id = @DeploymentId AND status = @Status AND gateway_port > 0
$query$),

('DeleteMembershipTableEntriesKey', $query$
    DELETE FROM snapgrains_cluster WHERE cluster_id = @DeploymentId
$query$),

('CleanupDefunctSiloEntriesKey', $query$
    DELETE FROM snapgrains_silo
    WHERE cluster_id = @DeploymentId AND status <> 3 AND greatest(alive_at, started_at) < @IAmAliveTime
$query$),

('ReadFromStorageKey', $query$
    SELECT payload AS PayloadBinary, version AS Version
    FROM snapgrains_state
    WHERE service_id = @ServiceId AND state_name = @GrainTypeString
        AND key_text = coalesce(@GrainIdExtensionString, '')
        AND key_high = @GrainIdN0 AND key_low = @GrainIdN1 AND key_length = @GrainIdHash
$query$),

-- The first write has no version and must find no state; each further one must find the version that was read.
('WriteToStorageKey', $query$
    WITH created AS
    (
        INSERT INTO snapgrains_state
            (service_id, state_name, key_text, key_high, key_low, key_length, version, payload)
        SELECT
            @ServiceId, @GrainTypeString, coalesce(@GrainIdExtensionString, ''), @GrainIdN0, @GrainIdN1, @GrainIdHash,
            1, @PayloadBinary
        WHERE @GrainStateVersion IS NULL
        ON CONFLICT DO NOTHING
        RETURNING version
    ),
    changed AS
    (
        UPDATE snapgrains_state SET payload = @PayloadBinary, version = version + 1, changed_at = now()
        WHERE service_id = @ServiceId AND state_name = @GrainTypeString
            AND key_text = coalesce(@GrainIdExtensionString, '')
            AND key_high = @GrainIdN0 AND key_low = @GrainIdN1 AND key_length = @GrainIdHash
            AND version = @GrainStateVersion
        RETURNING version
    )
    SELECT version AS NewGrainStateVersion FROM created
    UNION ALL
    SELECT version FROM changed
$query$),

-- Clearing a state deletes it, as in our SQLite storage; Orleans wants the version after it.
('ClearStorageKey', $query$
    DELETE FROM snapgrains_state
    WHERE service_id = @ServiceId AND state_name = @GrainTypeString
        AND key_text = coalesce(@GrainIdExtensionString, '')
        AND key_high = @GrainIdN0 AND key_low = @GrainIdN1 AND key_length = @GrainIdHash
        AND version = @GrainStateVersion
    RETURNING version + 1
$query$),

('DeleteStorageKey', $query$
    DELETE FROM snapgrains_state
    WHERE service_id = @ServiceId AND state_name = @GrainTypeString
        AND key_text = coalesce(@GrainIdExtensionString, '')
        AND key_high = @GrainIdN0 AND key_low = @GrainIdN1 AND key_length = @GrainIdHash
        AND version = @GrainStateVersion
    RETURNING version + 1
$query$)
ON CONFLICT (QueryKey) DO UPDATE SET QueryText = excluded.QueryText;

COMMIT;

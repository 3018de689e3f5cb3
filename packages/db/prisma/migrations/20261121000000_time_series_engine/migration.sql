-- The time-series engine: what has to be known beside the points themselves.

-- Rollups and packed days carry the reads that the value in the key was for; without it a point is written faster.
ALTER TABLE point
  DROP CONSTRAINT point_pkey,
  ADD CONSTRAINT point_pkey PRIMARY KEY (product_id, series_id, ts, id);

-- The catalogue.
ALTER TABLE metric
  ADD COLUMN is_hidden BOOLEAN NOT NULL DEFAULT false,
  -- Declared distance between two points, in seconds; null: learned from what arrives.
  ADD COLUMN cadence_s INTEGER,
  -- Null: as the product says. Raw points are dropped after so many days; rollups stay.
  ADD COLUMN retention_days INTEGER,
  -- Where raw points begin, once retention has dropped earlier ones: a day's begin in product.rollup_zone. Before it the
  -- daily rollups are all there is, and nothing may compute them again. Only ever moves on.
  ADD COLUMN raw_from TIMESTAMPTZ(3),
  DROP CONSTRAINT metric_kind_known,
  ADD CONSTRAINT metric_kind_known CHECK (kind IN ('count', 'gauge', 'distribution', 'ratio')),
  DROP CONSTRAINT metric_default_aggregation_known,
  ADD CONSTRAINT metric_default_aggregation_known CHECK (default_aggregation IN (
    'sum', 'avg', 'count', 'min', 'max', 'first', 'last', 'rate', 'cumulative', 'unique', 'p50', 'p90', 'p95', 'p99')),
  ADD CONSTRAINT metric_cadence_positive CHECK (cadence_s > 0),
  ADD CONSTRAINT metric_retention_positive CHECK (retention_days > 0);

ALTER TABLE product
  -- The month (1 = January) in which its fiscal year begins.
  ADD COLUMN fiscal_year_start INTEGER NOT NULL DEFAULT 1,
  ADD COLUMN retention_days INTEGER,
  -- The zone whose days rollup_day counts; null while nothing has been rolled up.
  ADD COLUMN rollup_zone TEXT,
  -- While rollup_day is being built: the series up to this id are in it. Null: all are.
  ADD COLUMN rollup_built_to INTEGER,
  ADD CONSTRAINT product_fiscal_year_start_month CHECK (fiscal_year_start BETWEEN 1 AND 12),
  ADD CONSTRAINT product_retention_positive CHECK (retention_days > 0);

-- A name that a metric had before it was renamed or merged: senders who still use it reach the metric it became.
CREATE TABLE metric_alias (
  product_id INTEGER NOT NULL,
  name TEXT NOT NULL,
  metric_id INTEGER NOT NULL,
  created_at TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT metric_alias_pkey PRIMARY KEY (product_id,name)
);
CREATE INDEX metric_alias_product_id_metric_id_idx ON metric_alias(product_id, metric_id);
ALTER TABLE metric_alias
  ADD CONSTRAINT metric_alias_product_id_metric_id_fkey
  FOREIGN KEY (product_id, metric_id) REFERENCES metric(product_id, id) ON DELETE CASCADE ON UPDATE CASCADE;

-- Two metrics that were merged had a series of the same tags: each stays the one it was, so that a point sent again under
-- the old name meets its first copy. This says which series the old name and tags mean.
CREATE TABLE series_alias (
  product_id INTEGER NOT NULL,
  name TEXT NOT NULL,
  tags_hash BYTEA NOT NULL,
  series_id INTEGER NOT NULL,
  CONSTRAINT series_alias_pkey PRIMARY KEY (product_id,name,tags_hash)
);
CREATE INDEX series_alias_product_id_series_id_idx ON series_alias(product_id, series_id);
ALTER TABLE series_alias
  ADD CONSTRAINT series_alias_product_id_series_id_fkey
  FOREIGN KEY (product_id, series_id) REFERENCES series(product_id, id) ON DELETE CASCADE ON UPDATE CASCADE;

-- One row. Every transaction that takes series away counts it up: a writer that remembers ids reads it with each flush.
CREATE TABLE dictionary_epoch (epoch BIGINT NOT NULL);
INSERT INTO dictionary_epoch (epoch) VALUES (1);

-- Points that somebody deleted, piece by piece; `done_at` is null while some are left.
CREATE TABLE point_deletion (
  id TEXT NOT NULL,
  product_id INTEGER NOT NULL,
  -- What it was called, for people. The metric itself may be gone.
  metric TEXT NOT NULL,
  series_ids INTEGER[] NOT NULL,
  -- Epoch milliseconds; both null: all that there is of these series, which are gone.
  from_ms DOUBLE PRECISION,
  to_ms DOUBLE PRECISION,
  -- When it began, and so far.
  points BIGINT NOT NULL,
  deleted BIGINT NOT NULL DEFAULT 0,
  created_by TEXT,
  created_at TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  done_at TIMESTAMPTZ(3),
  CONSTRAINT point_deletion_pkey PRIMARY KEY (id)
);
CREATE INDEX point_deletion_product_id_created_at_idx ON point_deletion(product_id, created_at);
CREATE INDEX point_deletion_created_by_idx ON point_deletion(created_by);
ALTER TABLE point_deletion
  ADD CONSTRAINT point_deletion_product_id_fkey
  FOREIGN KEY (product_id) REFERENCES product(id) ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE point_deletion
  ADD CONSTRAINT point_deletion_created_by_fkey
  FOREIGN KEY (created_by) REFERENCES app_user(id) ON DELETE SET NULL ON UPDATE CASCADE;

-- A series that holds enough points a day has 15-minute rollups; the others are read from their points.
ALTER TABLE series ADD COLUMN has_quarters BOOLEAN NOT NULL DEFAULT false;

-- Distributions that arrive already counted (OTLP, Prometheus): `bins` are logarithmic, see the docs.
CREATE TABLE histogram (
  product_id INTEGER NOT NULL,
  series_id INTEGER NOT NULL,
  ts TIMESTAMPTZ(6) NOT NULL,
  id BIGINT NOT NULL,
  count BIGINT NOT NULL,
  sum DOUBLE PRECISION NOT NULL,
  min DOUBLE PRECISION,
  max DOUBLE PRECISION,
  bins INTEGER[] NOT NULL,
  counts BIGINT[] NOT NULL,
  CONSTRAINT histogram_pkey PRIMARY KEY (product_id, series_id, ts, id),
  CONSTRAINT histogram_bins_counted CHECK (cardinality(bins) = cardinality(counts)),
  CONSTRAINT histogram_sum_finite CHECK (sum BETWEEN -1.7976931348623157e308 AND 1.7976931348623157e308)
);

-- Committed points that the rollups do not hold yet: one row for each product of a flush. Folded and deleted soon after.
CREATE TABLE point_delta (
  product_id INTEGER NOT NULL,
  id BIGINT NOT NULL,
  -- Epoch milliseconds of the earliest and the latest point.
  from_ms DOUBLE PRECISION NOT NULL,
  to_ms DOUBLE PRECISION NOT NULL,
  series INTEGER[] NOT NULL,
  -- Epoch milliseconds with microseconds as the fraction, as in PointColumns.
  ts DOUBLE PRECISION[] NOT NULL,
  -- The value of a point; the sum of a histogram.
  value DOUBLE PRECISION[] NOT NULL,
  -- Null where every row is a point; else how many values a row stands for, and the extremes of them.
  weight BIGINT[],
  low DOUBLE PRECISION[],
  high DOUBLE PRECISION[],
  CONSTRAINT point_delta_pkey PRIMARY KEY (product_id, id)
);
-- Uncompressed: the arrays live for a second, and trying to compress random numbers takes a third as long as storing the points.
ALTER TABLE point_delta
  ALTER COLUMN series SET STORAGE EXTERNAL,
  ALTER COLUMN ts SET STORAGE EXTERNAL,
  ALTER COLUMN value SET STORAGE EXTERNAL,
  ALTER COLUMN weight SET STORAGE EXTERNAL,
  ALTER COLUMN low SET STORAGE EXTERNAL,
  ALTER COLUMN high SET STORAGE EXTERNAL;
-- Compressing arrays that are deleted a second later took 1.3 of the 1.4 µs that a point costs here. And rows come and go
-- by the thousand, so that dead ones are to be cleared away long before a share of the table is dead.
ALTER TABLE point_delta
  ALTER COLUMN series SET STORAGE EXTERNAL,
  ALTER COLUMN ts SET STORAGE EXTERNAL,
  ALTER COLUMN value SET STORAGE EXTERNAL,
  ALTER COLUMN weight SET STORAGE EXTERNAL,
  ALTER COLUMN low SET STORAGE EXTERNAL,
  ALTER COLUMN high SET STORAGE EXTERNAL,
  SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
CREATE SEQUENCE point_delta_id_seq INCREMENT BY 1024;

-- `day` counts the days of product.rollup_zone from 1970-01-01, `quarter` the quarters of an hour of UTC. A row is updated
-- again and again while its day lasts; with room in its page that touches no index.
CREATE TABLE rollup_day (
  product_id INTEGER NOT NULL,
  series_id INTEGER NOT NULL,
  day INTEGER NOT NULL,
  count BIGINT NOT NULL,
  sum NUMERIC NOT NULL,
  min DOUBLE PRECISION NOT NULL,
  max DOUBLE PRECISION NOT NULL,
  first DOUBLE PRECISION NOT NULL,
  first_ms DOUBLE PRECISION NOT NULL,
  last DOUBLE PRECISION NOT NULL,
  last_ms DOUBLE PRECISION NOT NULL,
  CONSTRAINT rollup_day_pkey PRIMARY KEY (product_id, series_id, day)
) WITH (fillfactor = 80);
CREATE TABLE rollup_quarter (
  product_id INTEGER NOT NULL,
  series_id INTEGER NOT NULL,
  quarter INTEGER NOT NULL,
  count BIGINT NOT NULL,
  sum NUMERIC NOT NULL,
  min DOUBLE PRECISION NOT NULL,
  max DOUBLE PRECISION NOT NULL,
  first DOUBLE PRECISION NOT NULL,
  first_ms DOUBLE PRECISION NOT NULL,
  last DOUBLE PRECISION NOT NULL,
  last_ms DOUBLE PRECISION NOT NULL,
  CONSTRAINT rollup_quarter_pkey PRIMARY KEY (product_id, series_id, quarter)
) WITH (fillfactor = 80);
-- Points changed or went away here: read the points until the rollups are computed again. `id` makes each row its own, so
-- that a change which a fold cannot see yet is never taken for one that it has seen, and nobody waits for a fold.
CREATE TABLE dirty_quarter (
  product_id INTEGER NOT NULL,
  series_id INTEGER NOT NULL,
  quarter INTEGER NOT NULL,
  id BIGINT NOT NULL GENERATED BY DEFAULT AS IDENTITY,
  CONSTRAINT dirty_quarter_pkey PRIMARY KEY (product_id, series_id, quarter, id)
);
-- Log-bucket counts of sealed days (DDSketch as a table: merging is adding up).
CREATE TABLE sketch_day (
  product_id INTEGER NOT NULL,
  series_id INTEGER NOT NULL,
  day INTEGER NOT NULL,
  bins INTEGER[] NOT NULL,
  counts BIGINT[] NOT NULL,
  CONSTRAINT sketch_day_pkey PRIMARY KEY (product_id, series_id, day)
);
-- The points of a series and a day of UTC in one row, once the day is over for good; where a day has few points, those of
-- 16 days (`day` is then a multiple of 16, counted from 1970).
CREATE TABLE point_pack (
  product_id INTEGER NOT NULL,
  series_id INTEGER NOT NULL,
  day INTEGER NOT NULL,
  -- 1 or 16. Packs of a series never overlap.
  days SMALLINT NOT NULL,
  count INTEGER NOT NULL,
  -- Milliseconds since the begin of `day`, by (ts, id); null when some point has finer ones, which then stand in `micros`.
  millis INTEGER[],
  micros BIGINT[],
  -- value = scaled / 10^scale where that is exact; else null, and the values stand in `value`.
  scale SMALLINT,
  scaled INTEGER[],
  value DOUBLE PRECISION[],
  -- Null when all ids were generated, which nobody can send again (read back as the place in the array), or all are 0.
  ids BIGINT[],
  -- All ids are 0.
  is_overwrite BOOLEAN NOT NULL,
  CONSTRAINT point_pack_pkey PRIMARY KEY (product_id, series_id, day),
  CONSTRAINT point_pack_days_known CHECK (days = 1 OR (days = 16 AND day % 16 = 0))
);

-- What a cumulative stream stood at, so that its next value becomes a difference. A series with another start is
-- another stream.
CREATE TABLE cumulative_state (
  product_id INTEGER NOT NULL,
  series_id INTEGER NOT NULL,
  -- Epoch milliseconds with microseconds as the fraction, like ts_ms; 0 where the protocol tells none.
  start_ms DOUBLE PRECISION NOT NULL,
  ts_ms DOUBLE PRECISION NOT NULL,
  value DOUBLE PRECISION NOT NULL,
  -- Distributions: how many values in each bucket, `bounds` being the upper ends.
  bounds DOUBLE PRECISION[],
  counts BIGINT[],
  CONSTRAINT cumulative_state_pkey PRIMARY KEY (product_id, series_id, start_ms)
);

-- What became of a request that carried an Idempotency-Key or asked for a receipt.
CREATE TABLE ingest_receipt (
  product_id INTEGER NOT NULL,
  key TEXT NOT NULL,
  body_hash BYTEA NOT NULL,
  status INTEGER,
  response TEXT,
  created_at TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT ingest_receipt_pkey PRIMARY KEY (product_id,key)
);
CREATE INDEX ingest_receipt_created_at_idx ON ingest_receipt(created_at);
ALTER TABLE ingest_receipt
  ADD CONSTRAINT ingest_receipt_product_id_fkey
  FOREIGN KEY (product_id) REFERENCES product(id) ON DELETE CASCADE ON UPDATE CASCADE;

-- Rows that were refused, for somebody to mend and send again.
CREATE TABLE rejected_row (
  product_id INTEGER NOT NULL,
  id BIGINT NOT NULL GENERATED BY DEFAULT AS IDENTITY,
  api_key_id TEXT,
  format TEXT NOT NULL,
  code TEXT NOT NULL,
  pointer TEXT NOT NULL,
  detail TEXT NOT NULL,
  -- The point as JSON of our own format where it could be read so far, else the text that was sent; at most 4 KB.
  raw TEXT NOT NULL,
  created_at TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT rejected_row_pkey PRIMARY KEY (product_id,id)
);
CREATE INDEX rejected_row_api_key_id_id_idx ON rejected_row(api_key_id, id);
CREATE INDEX rejected_row_created_at_idx ON rejected_row(created_at);
ALTER TABLE rejected_row
  ADD CONSTRAINT rejected_row_product_id_fkey
  FOREIGN KEY (product_id) REFERENCES product(id) ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE rejected_row
  ADD CONSTRAINT rejected_row_api_key_id_fkey
  FOREIGN KEY (api_key_id) REFERENCES api_key(id) ON DELETE CASCADE ON UPDATE CASCADE;

-- A file that somebody imports, part by part: `next_row` is where it goes on after an interruption.
CREATE TABLE import_run (
  id TEXT NOT NULL,
  product_id INTEGER NOT NULL,
  created_by TEXT,
  file_name TEXT NOT NULL,
  file_bytes BIGINT NOT NULL,
  -- SHA-256 over the file: with the row's number it makes the id of each point, so that the same file adds nothing.
  file_hash TEXT NOT NULL,
  mapping JSONB NOT NULL,
  bytes_done BIGINT NOT NULL DEFAULT 0,
  next_row BIGINT NOT NULL DEFAULT 0,
  -- The line of the file (from 1) on which that row begins; a quoted field may span several.
  next_line BIGINT NOT NULL DEFAULT 1,
  accepted BIGINT NOT NULL DEFAULT 0,
  duplicates BIGINT NOT NULL DEFAULT 0,
  rejected BIGINT NOT NULL DEFAULT 0,
  -- The first refusals, with their line.
  errors JSONB NOT NULL DEFAULT '[]',
  created_at TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  finished_at TIMESTAMPTZ(3),
  CONSTRAINT import_run_pkey PRIMARY KEY (id),
  CONSTRAINT import_run_progress_sane CHECK (bytes_done BETWEEN 0 AND file_bytes)
);
CREATE INDEX import_run_product_id_created_at_idx ON import_run(product_id, created_at);
CREATE INDEX import_run_created_by_idx ON import_run(created_by);
ALTER TABLE import_run
  ADD CONSTRAINT import_run_product_id_fkey
  FOREIGN KEY (product_id) REFERENCES product(id) ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE import_run
  ADD CONSTRAINT import_run_created_by_fkey
  FOREIGN KEY (created_by) REFERENCES app_user(id) ON DELETE SET NULL ON UPDATE CASCADE;

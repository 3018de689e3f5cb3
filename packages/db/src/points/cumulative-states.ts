import type { Queryable } from '../client'

/** A row of `cumulative_state`: what a stream stood at. */
export interface CumulativeStateRow {
  productId: number
  seriesId: number
  /** Epoch milliseconds; 0 where nothing tells since when the stream counts. */
  startMs: number
  tsMs: number
  value: number
  bounds: number[] | null
  counts: number[] | null
}

export type StreamKey = Pick<CumulativeStateRow, 'productId' | 'seriesId' | 'startMs'>

interface Row {
  place: number
  ts_ms: number
  value: number
  bounds: number[] | null
  counts: string[] | null
}

/**
 * The states of these streams, by place, locked until the transaction ends; null for a stream that has none yet. Such a
 * one is made first, to have something to lock: whoever else comes with its first value waits. Hand the streams in sorted
 * by key.
 */
export async function lockCumulativeStates(
  db: Queryable,
  streams: readonly StreamKey[],
): Promise<(CumulativeStateRow | null)[]> {
  const values = [
    streams.map(({ productId }) => productId),
    streams.map(({ seriesId }) => seriesId),
    streams.map(({ startMs }) => startMs),
  ]
  let { rows } = await db.query<Row>({ name: 'lock_cumulative_states', text: LOCK, values })
  if (rows.length < streams.length) {
    await db.query({ name: 'create_cumulative_states', text: CREATE, values })
    rows = (await db.query<Row>({ name: 'lock_cumulative_states', text: LOCK, values })).rows
  }
  const states: (CumulativeStateRow | null)[] = streams.map(() => null)
  for (const { place, ts_ms, value, bounds, counts } of rows) {
    const stream = streams[place]
    if (!stream || ts_ms === Number.NEGATIVE_INFINITY) continue
    states[place] = { ...stream, tsMs: ts_ms, value, bounds, counts: counts?.map(Number) ?? null }
  }
  return states
}

/** Writes the states of streams that `lockCumulativeStates` has locked. */
export async function saveCumulativeStates(db: Queryable, states: readonly CumulativeStateRow[]): Promise<void> {
  if (states.length === 0) return
  const input = states.map(({ productId, seriesId, startMs, tsMs, value, bounds, counts }) => ({
    product_id: productId,
    series_id: seriesId,
    start_ms: startMs,
    ts_ms: tsMs,
    value,
    // JSON knows no Infinity; the bound of the last bucket is one.
    bounds: bounds?.map(String),
    counts,
  }))
  await db.query({ name: 'save_cumulative_states', text: SAVE, values: [JSON.stringify(input)] })
}

const LOCK = `
SELECT (wanted.place - 1)::int4 AS place, state.ts_ms, state.value, state.bounds, state.counts
FROM unnest($1::int4[], $2::int4[], $3::float8[]) WITH ORDINALITY AS wanted (product_id, series_id, start_ms, place)
JOIN cumulative_state AS state USING (product_id, series_id, start_ms)
ORDER BY product_id, series_id, start_ms
FOR UPDATE OF state`

/** Before any time: there is a row to lock, and no value yet. */
const CREATE = `
INSERT INTO cumulative_state (product_id, series_id, start_ms, ts_ms, value)
SELECT product_id, series_id, start_ms, '-Infinity', 0
FROM unnest($1::int4[], $2::int4[], $3::float8[]) AS row (product_id, series_id, start_ms)
ORDER BY 1, 2, 3
ON CONFLICT DO NOTHING`

const SAVE = `
UPDATE cumulative_state AS state
SET ts_ms = row.ts_ms, value = row.value, bounds = row.bounds, counts = row.counts
FROM json_to_recordset($1::json) AS row (product_id int4, series_id int4, start_ms float8, ts_ms float8, value float8,
  bounds float8[], counts int8[])
WHERE state.product_id = row.product_id AND state.series_id = row.series_id AND state.start_ms = row.start_ms`

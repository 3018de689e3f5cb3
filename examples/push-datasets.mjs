#!/usr/bin/env node
/**
 * Pushes four public data sets to Trackable over HTTP: Seattle's weather, five stock prices, unemployment by industry
 * and commits by hour, as they ship in the npm package vega-datasets. Nothing here is Trackable's own code, so it reads
 * like what your app would do.
 *
 *   node examples/push-datasets.mjs --url http://localhost:8080 --key trk_live_…
 *
 * Every point carries an `id` made from its place in the file: running the script twice adds nothing.
 */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const POINTS_PER_REQUEST = 1000

export const dataDir = () => join(dirname(createRequire(import.meta.url).resolve('vega-datasets')), '..', 'data')

const lines = (file) => readFileSync(join(dataDir(), file), 'utf8').trim().split(/\r?\n/).slice(1)

/** The files name local days or hours without a zone; they are read as UTC. */
export function* weatherPoints() {
  for (const [i, line] of lines('seattle-weather.csv').entries()) {
    const [date, precipitation, max, min, wind, weather] = line.split(',')
    const timestamp = `${date}T12:00:00Z`
    const values = { precipitation, 'temperature.max': max, 'temperature.min': min, wind }
    for (const [name, text] of Object.entries(values)) {
      yield { metric: `weather.${name}`, value: Number(text), timestamp, tags: { weather }, id: `seattle-${i}` }
    }
  }
}

export function* stockPoints() {
  for (const [i, line] of lines('stocks.csv').entries()) {
    const [symbol, date, price] = line.split(',')
    yield {
      metric: 'stock.price',
      value: Number(price),
      timestamp: new Date(`${date} UTC`).toISOString(),
      tags: { symbol },
      id: `stocks-${i}`,
    }
  }
}

export function* unemploymentPoints() {
  const rows = JSON.parse(readFileSync(join(dataDir(), 'unemployment-across-industries.json'), 'utf8'))
  for (const [i, row] of rows.entries()) {
    const point = { timestamp: row.date, tags: { industry: row.series }, id: `unemployment-${i}` }
    yield { metric: 'unemployment.persons', value: row.count, ...point }
    yield { metric: 'unemployment.rate', value: row.rate, ...point }
  }
}

export function* commitPoints() {
  for (const [i, line] of lines('github.csv').entries()) {
    const [time, count] = line.split(',')
    const timestamp = `${time.replaceAll('/', '-').replace(' ', 'T')}Z`
    yield { metric: 'github.commits', value: Number(count), timestamp, id: `github-${i}` }
  }
}

/** Sends one batch and answers what became of it. 503 and 429 are asked again after the time that the server names. */
async function send(url, key, points) {
  for (;;) {
    const response = await fetch(`${url}/api/v1/ingest`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ points }),
    })
    if (response.status === 503 || response.status === 429) {
      const seconds = Number(response.headers.get('retry-after') ?? 1)
      await new Promise((resume) => setTimeout(resume, seconds * 1000))
      continue
    }
    const answer = await response.json()
    if (!response.ok) throw new Error(`${response.status}: ${answer.detail ?? JSON.stringify(answer)}`)
    return answer
  }
}

export async function pushDatasets(url, key, log = () => {}) {
  const totals = { accepted: 0, duplicates: 0, rejected: 0 }
  for (const read of [weatherPoints, stockPoints, unemploymentPoints, commitPoints]) {
    const points = [...read()]
    for (let i = 0; i < points.length; i += POINTS_PER_REQUEST) {
      const answer = await send(url, key, points.slice(i, i + POINTS_PER_REQUEST))
      totals.accepted += answer.accepted
      totals.duplicates += answer.duplicates
      totals.rejected += answer.rejected.length
    }
    log(`${read.name.replace('Points', '')}: ${points.length} points sent`)
  }
  return totals
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({
    options: { url: { type: 'string', default: 'http://localhost:8080' }, key: { type: 'string' } },
  })
  const key = values.key ?? process.env.TRACKABLE_KEY
  if (!key) {
    console.error('Give an API key: --key trk_live_… (Settings, API keys)')
    process.exit(2)
  }
  console.log(JSON.stringify(await pushDatasets(values.url.replace(/\/$/, ''), key, console.log)))
}

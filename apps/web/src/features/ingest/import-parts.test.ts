import type { ImportRun } from '@trackable/api/client'
import { describe, expect, test } from 'vitest'
import { PART_BYTES, PartError, sendParts } from './import-parts'

const SIZE = PART_BYTES * 2 + 10
const file = new Blob([new Uint8Array(SIZE)])
const start = { id: 'imp_1', status: 'running', bytesDone: 0, fileBytes: SIZE } as ImportRun
const noWait = async () => {}

/** A server that takes a few bytes less than it gets: a part ends in the middle of a line. */
function createServer(failures: (PartError | null)[] = []) {
  const seen: { offset: number; size: number }[] = []
  const send = async (_: string, offset: number, part: Blob): Promise<ImportRun> => {
    seen.push({ offset, size: part.size })
    const failure = failures.shift()
    if (failure) throw failure
    const end = offset + part.size
    const bytesDone = end === SIZE ? SIZE : end - 7
    return { ...start, bytesDone, status: bytesDone === SIZE ? 'done' : 'running' }
  }
  return { seen, send }
}

describe('sending a file in parts', () => {
  test('each part begins where the server stands, until the run is over', async () => {
    const { seen, send } = createServer()
    const runs: number[] = []
    const signal = new AbortController().signal
    const run = await sendParts({ run: start, file, signal, send, onRun: ({ bytesDone }) => runs.push(bytesDone) })
    expect(run.status).toBe('done')
    expect(seen.map(({ offset }) => offset)).toEqual([0, ...runs.slice(0, -1)])
    expect(runs.at(-1)).toBe(SIZE)
  })

  test('a server that is away is asked again from the same place; one that refuses is not', async () => {
    const signal = new AbortController().signal
    const away = createServer([new PartError('away', null), new PartError('busy', 503)])
    await sendParts({ run: start, file, signal, send: away.send, wait: noWait, onRun: () => {} })
    expect(away.seen.slice(0, 3).map(({ offset }) => offset)).toEqual([0, 0, 0])
    const refused = createServer([new PartError('no', 422)])
    await expect(
      sendParts({ run: start, file, signal, send: refused.send, wait: noWait, onRun: () => {} }),
    ).rejects.toThrow('no')
    expect(refused.seen).toHaveLength(1)
  })

  test('a pause ends it between two parts, and a later call goes on from there', async () => {
    const { seen, send } = createServer()
    const control = new AbortController()
    let stopped = start
    const onRun = (run: ImportRun) => {
      stopped = run
      control.abort()
    }
    await expect(sendParts({ run: start, file, signal: control.signal, send, onRun })).rejects.toThrow(/abort/i)
    expect(seen).toHaveLength(1)
    const signal = new AbortController().signal
    expect((await sendParts({ run: stopped, file, signal, send, onRun: () => {} })).status).toBe('done')
    expect(seen[1]?.offset).toBe(stopped.bytesDone)
  })
})

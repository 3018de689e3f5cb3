import type { DrawRequest } from '@trackable/api'
import { EURO, makeResult, plansResult, revenueResult } from '@trackable/ui/charts/testing'
import { afterAll, describe, expect, test } from 'vitest'
import { createPictureRenderer } from './pictures'
import { createWidgetPictures } from './widget-pictures'

const pictures = createWidgetPictures()
afterAll(() => pictures.close())

const request = (type: string, result: unknown, id = 'wdg_1'): DrawRequest => ({
  widget: { id, type, title: 'Revenue', format: EURO },
  result,
  locale: 'en-GB',
  width: 552,
  height: 220,
  scale: 2,
  theme: 'light',
})

async function drawOne(one: DrawRequest) {
  const [outcome] = await pictures.drawWidgets([one])
  if (!outcome?.isDrawn) throw new Error(outcome?.reason)
  return outcome.widget
}

describe('widgets outside a browser', () => {
  test('a number is its text and needs no picture', async () => {
    const { number, table, picture } = await drawOne(request('number', revenueResult()))
    expect(number).toMatchObject({
      value: expect.stringMatching(/^€\d/),
      previous: expect.stringMatching(/^€\d/),
      delta: { direction: 'up' },
    })
    expect([table, picture]).toEqual([null, null])
  })

  test('a line is a picture, and its figures as a table', async () => {
    const { picture, table, totals } = await drawOne(request('line', revenueResult()))
    expect(picture).toMatchObject({ width: 552, height: 220 })
    expect(picture?.png.length).toBeGreaterThan(5000)
    expect(table?.columns).toEqual(['Day', 'Revenue', 'Previous'])
    expect(table?.rows[0]?.cells[0]).toBe('Fri 20 Nov so far')
    expect(totals).toEqual([])
  })

  test('stacked bars carry the total of each series', async () => {
    const { totals } = await drawOne(request('bar', plansResult()))
    expect(totals.map((total) => total.label)).toEqual(['Solo', 'Team', 'Business'])
  })

  test('a table keeps its changes', async () => {
    const { table, picture } = await drawOne(request('table', revenueResult()))
    expect(picture).toBeNull()
    expect(table?.rows[1]?.delta?.text).toMatch(/%$/)
  })

  test('a widget without data says so and is still drawn', async () => {
    const { summary, picture } = await drawOne(
      request('line', { ...makeResult({ edges: [0, 1000], series: [] }), lastPointAt: null }),
    )
    expect(summary).toBe('Revenue: No data yet.')
    expect(picture).not.toBeNull()
  })

  test('one widget that cannot be drawn never takes the others with it', async () => {
    const outcomes = await pictures.drawWidgets([
      request('line', revenueResult(), 'a'),
      request('line', { nonsense: true }, 'b'),
      request('gauge', revenueResult(), 'c'),
      request('bar', plansResult(), 'd'),
    ])
    expect(outcomes.map((outcome) => [outcome.id, outcome.isDrawn])).toEqual([
      ['a', true],
      ['b', false],
      ['c', false],
      ['d', true],
    ])
  })

  test('when the worker itself is gone the whole call rejects, so that the job is tried again', async () => {
    const gone = createWidgetPictures(
      createPictureRenderer({ workerUrl: new URL('data:text/javascript,process.exit(1)') }),
    )
    await expect(gone.drawWidgets([request('line', revenueResult())])).rejects.toThrow('the renderer ended')
    await gone.close()
  })
})

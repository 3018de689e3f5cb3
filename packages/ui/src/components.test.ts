import { existsSync, readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  addDays,
  addMonths,
  daysBetween,
  daysInMonth,
  endOfMonth,
  type IsoDate,
  isIsoDate,
  monthGrid,
  shiftRange,
  startOfQuarter,
  startOfWeek,
  startOfYear,
  type Weekday,
  weekdayOf,
} from './calendar'
import { cn } from './cn'
import { datePresets, presetOf } from './date-presets'
import { formatDelta } from './delta'
import { highlight } from './highlight'
import { initials, PERSON_COLORS, personColor } from './person'
import { unevenDays } from './zone-days'

const isoDate = fc.integer({ min: -20_000, max: 40_000 }).map((days): IsoDate => addDays('2000-01-01', days))
const weekStart = fc.constantFrom<Weekday>(1, 2, 3, 4, 5, 6, 7)

describe('calendar', () => {
  it('adding days and counting them are inverse, across every leap year and change of clocks', () => {
    fc.assert(
      fc.property(isoDate, fc.integer({ min: -4000, max: 4000 }), (date, days) => {
        const moved = addDays(date, days)
        expect(isIsoDate(moved)).toBe(true)
        expect(daysBetween(date, moved)).toBe(days)
      }),
    )
  })

  it('a month later is the same day, or the last one of a shorter month', () => {
    expect(addMonths('2024-01-31', 1)).toBe('2024-02-29')
    expect(addMonths('2025-01-31', 1)).toBe('2025-02-28')
    expect(addMonths('2025-03-15', -15)).toBe('2023-12-15')
  })

  it('a month grid holds each day of its month once, in full weeks that start on the chosen day', () => {
    fc.assert(
      fc.property(isoDate, weekStart, (month, start) => {
        const grid = monthGrid(month, start)
        const days = grid.flat().filter((day) => day !== null)
        expect(days).toHaveLength(daysInMonth(month))
        expect(new Set(days).size).toBe(days.length)
        for (const week of grid) {
          expect(week).toHaveLength(7)
          week.forEach((day, index) => {
            if (day) expect(weekdayOf(day)).toBe(((start - 1 + index) % 7) + 1)
          })
        }
      }),
    )
  })

  it('the week of a day starts on the chosen weekday and holds the day', () => {
    fc.assert(
      fc.property(isoDate, weekStart, (date, start) => {
        const first = startOfWeek(date, start)
        expect(weekdayOf(first)).toBe(start)
        expect(daysBetween(first, date)).toBeGreaterThanOrEqual(0)
        expect(daysBetween(first, date)).toBeLessThan(7)
      }),
    )
  })

  it('quarters start in January, April, July and October', () => {
    expect(startOfQuarter('2025-11-20')).toBe('2025-10-01')
    expect(startOfQuarter('2025-03-31')).toBe('2025-01-01')
    expect(startOfQuarter('2025-01-31', 2)).toBe('2024-11-01')
    expect(startOfYear('2025-03-31', 4)).toBe('2024-04-01')
    expect(startOfYear('2025-04-01', 4)).toBe('2025-04-01')
  })

  it('stepping a range leaves neither gap nor overlap, and back again is where one was', () => {
    fc.assert(
      fc.property(isoDate, fc.integer({ min: 0, max: 400 }), (from, length) => {
        const range = { from, to: addDays(from, length) }
        const next = shiftRange(range, 1)
        expect(next.from).toBe(addDays(range.to, 1))
        expect(shiftRange(next, -1).to).toBe(range.to)
      }),
    )
  })

  it('a range of whole months steps by months, whatever their lengths', () => {
    const february = { from: '2025-02-01', to: '2025-02-28' }
    expect(shiftRange(february, 1)).toEqual({ from: '2025-03-01', to: '2025-03-31' })
    expect(shiftRange(february, -1)).toEqual({ from: '2025-01-01', to: '2025-01-31' })
    expect(shiftRange({ from: '2025-10-01', to: '2025-12-31' }, -1)).toEqual({ from: '2025-07-01', to: '2025-09-30' })
    expect(endOfMonth('2025-02-10')).toBe('2025-02-28')
  })

  it('a date that does not exist is not a date', () => {
    for (const text of ['2025-02-30', '2025-13-01', '2025-1-1', '', 'today']) expect(isIsoDate(text)).toBe(false)
  })
})

describe('date presets', () => {
  it('every preset has its own id and key, runs forward and never reaches into the future', () => {
    fc.assert(
      fc.property(isoDate, weekStart, (today, start) => {
        const presets = datePresets(today, start)
        expect(new Set(presets.map(({ id }) => id)).size).toBe(presets.length)
        const keys = presets.flatMap(({ key }) => key ?? [])
        expect(new Set(keys).size).toBe(keys.length)
        for (const { from, to } of presets) {
          expect(from <= to).toBe(true)
          expect(to <= today).toBe(true)
        }
      }),
    )
  })

  it('the last 30 days are 30 days', () => {
    const preset = datePresets('2025-11-20').find(({ id }) => id === '30d')
    expect(preset).toMatchObject({ from: '2025-10-22', to: '2025-11-20' })
  })

  it('dates are the preset that they are, and never one that ends at a minute', () => {
    const presets = datePresets('2025-11-20')
    expect(presetOf({ from: '2025-11-20', to: '2025-11-20' }, presets)).toBe('today')
    expect(presetOf({ from: '2025-10-01', to: '2025-10-31' }, presets)).toBe('last_month')
    expect(presetOf({ from: '2025-11-19', to: '2025-11-20' }, presets)).toBeNull()
  })

  it('what is over are whole weeks, months, quarters and years, by the fiscal year', () => {
    const past = (fiscalYearStart: number) =>
      datePresets('2026-01-15', 1, fiscalYearStart)
        .filter(({ id }) => id.startsWith('last_'))
        .map(({ from, to }) => `${from} ${to}`)
    expect(past(1)).toEqual([
      '2026-01-05 2026-01-11',
      '2025-12-01 2025-12-31',
      '2025-10-01 2025-12-31',
      '2025-01-01 2025-12-31',
    ])
    expect(past(2).slice(2)).toEqual(['2025-08-01 2025-10-31', '2024-02-01 2025-01-31'])
  })
})

describe('days that do not have 24 hours', () => {
  const october = { from: '2025-10-22', to: '2025-11-20' }
  it.each([
    ['Europe/Berlin', october, [{ date: '2025-10-26', hours: 25 }]],
    ['Europe/Berlin', { from: '2025-03-01', to: '2025-03-31' }, [{ date: '2025-03-30', hours: 23 }]],
    ['America/New_York', october, [{ date: '2025-11-02', hours: 25 }]],
    ['Australia/Lord_Howe', { from: '2025-10-01', to: '2025-10-31' }, [{ date: '2025-10-05', hours: 23.5 }]],
    // Clocks change at midnight itself here.
    ['America/Santiago', { from: '2025-09-01', to: '2025-09-30' }, [{ date: '2025-09-07', hours: 23 }]],
    ['Asia/Beirut', { from: '2025-03-01', to: '2025-03-31' }, [{ date: '2025-03-30', hours: 23 }]],
    ['Asia/Beirut', october, [{ date: '2025-10-25', hours: 25 }]],
    ['UTC', october, []],
    ['Nowhere/Land', october, []],
  ])('in %s are found', (zone, range, expected) => {
    expect(unevenDays(range, zone)).toEqual(expected)
  })
})

describe('delta', () => {
  const locale = 'en-US'
  it.each([
    [113.2, 100, {}, '+13.2%', 'up', 'good'],
    [96.9, 100, {}, '\u22123.1%', 'down', 'bad'],
    [96.9, 100, { lowerIsBetter: true }, '\u22123.1%', 'down', 'good'],
    [42, 48, { lowerIsBetter: true, format: (d: number) => `${d} min` }, '\u22126 min', 'down', 'good'],
    [-50, -100, {}, '+50.0%', 'up', 'good'],
    [100.001, 100, {}, '0.0%', 'flat', 'neutral'],
    [0, 0, {}, '0.0%', 'flat', 'neutral'],
  ])('%d after %d says what happened', (current, previous, options, text, direction, tone) => {
    expect(formatDelta(current, previous, { locale, ...options })).toEqual({ text, direction, tone })
  })

  it('is nothing when there is nothing to compare with, or a change from zero', () => {
    expect(formatDelta(5, null)).toBeNull()
    expect(formatDelta(null, 5)).toBeNull()
    expect(formatDelta(5, 0)).toBeNull()
    expect(formatDelta(Number.NaN, 5)).toBeNull()
  })

  it('never shows an arrow that its sign contradicts', () => {
    const number = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e9, max: 1e9 })
    fc.assert(
      fc.property(number, number, fc.boolean(), (current, previous, lowerIsBetter) => {
        const delta = formatDelta(current, previous, { locale, lowerIsBetter })
        if (!delta) return
        expect(delta.direction === 'up').toBe(delta.text.startsWith('+'))
        expect(delta.direction === 'down').toBe(delta.text.startsWith('\u2212'))
        expect(delta.tone === 'neutral').toBe(delta.direction === 'flat')
      }),
    )
  })
})

describe('person', () => {
  it.each([
    ['Priya Nair', 'PN'],
    ['Inès Moreau', 'IM'],
    ['Jan van der Berg', 'JB'],
    ['élodie', 'É'],
    ['jonas.weber@harborpine.example', 'JW'],
    ['  ', '?'],
    ['山田 太郎', '山太'],
  ])('the initials of "%s" are %s', (name, expected) => {
    expect(initials(name)).toBe(expected)
  })

  it('every id has one of the colours that exist, and always the same', () => {
    fc.assert(
      fc.property(fc.string(), (id) => {
        const color = personColor(id)
        expect(Number.isInteger(color) && color >= 1 && color <= PERSON_COLORS).toBe(true)
        expect(personColor(id)).toBe(color)
      }),
    )
  })

  it('spreads ids over all colours', () => {
    const colors = Array.from({ length: 600 }, (_, index) => personColor(`usr_${index}`))
    for (let color = 1; color <= PERSON_COLORS; color += 1) {
      expect(colors.filter((one) => one === color).length).toBeGreaterThan(50)
    }
  })
})

describe('highlight', () => {
  it('loses and invents no character, whatever it is given', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.constantFrom('shell' as const, 'js' as const, 'python' as const, 'json' as const),
        (code, lang) => {
          expect(
            highlight(code, lang)
              .map(({ text }) => text)
              .join(''),
          ).toBe(code)
        },
      ),
    )
  })

  it('tells strings, numbers and comments apart', () => {
    expect(highlight('x = "a" # 1', 'python')).toEqual([
      { kind: 'plain', text: 'x = ' },
      { kind: 'string', text: '"a"' },
      { kind: 'plain', text: ' ' },
      { kind: 'comment', text: '# 1' },
    ])
    expect(highlight('{"n": 12.5}', 'json').map(({ kind }) => kind)).toEqual([
      'plain',
      'string',
      'plain',
      'number',
      'plain',
    ])
  })
})

describe('package', () => {
  it('a later class replaces an earlier one of our own sizes, and colours survive it', () => {
    expect(cn('text-14 text-muted', 'text-12')).toBe('text-muted text-12')
    expect(cn('rounded-card', 'rounded-control')).toBe('rounded-control')
    expect(cn('shadow-menu', false, 'shadow-dialog')).toBe('shadow-dialog')
  })

  it('every public subpath names a file, and no component hides behind a module of the same name', () => {
    const { exports } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
      exports: Record<string, string>
    }
    for (const target of Object.values(exports)) {
      if (!target.includes('*')) expect(existsSync(new URL(`../${target}`, import.meta.url)), target).toBe(true)
    }
    const names = readdirSync(new URL('.', import.meta.url)).filter((name) => /\.tsx?$/.test(name))
    const bare = names.map((name) => name.replace(/\.tsx?$/, ''))
    expect(new Set(bare).size).toBe(bare.length)
  })
})

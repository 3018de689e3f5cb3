import { expect, test } from 'vitest'
import { readCatalogueView, writeCatalogueView } from './catalogue-view'

test('what the catalogue shows survives its address', () => {
  const view = {
    find: 'rev enue&',
    kind: 'gauge' as const,
    isLate: true,
    isHidden: true,
    sort: 'series' as const,
    isDescending: true,
    page: 3,
  }
  expect(readCatalogueView(new URLSearchParams(writeCatalogueView(view).toString()))).toEqual(view)
})

test('a damaged address shows the whole catalogue', () => {
  const whole = readCatalogueView(new URLSearchParams())
  expect(readCatalogueView(new URLSearchParams('kind=toString&sort=__proto__&page=-7'))).toEqual(whole)
  expect(writeCatalogueView(whole).toString()).toBe('')
})

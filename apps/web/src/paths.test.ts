import { describe, expect, test } from 'vitest'
import { paths, safeNext } from './paths'

const ORIGIN = 'https://metrics.example.org'

describe('safeNext', () => {
  test.each([
    '//evil.example',
    '///evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    'https:evil.example',
    'https://evil.example/',
    'javascript:alert(1)',
    '/.//evil.example',
    '/a/..//evil.example',
    '/\t/evil.example',
    '',
    null,
    undefined,
  ])('AU-24: next=%j stays on our own origin', (next) => {
    expect(safeNext(next, ORIGIN)).toBe('/')
  })

  test('AU-24: escaped slashes stay part of a path of ours', () => {
    expect(new URL(safeNext('/%2f%2fevil.example', ORIGIN), ORIGIN).origin).toBe(ORIGIN)
  })

  test('a page of ours is kept with its search and hash', () => {
    expect(safeNext('/p/prd_1/d/dsh_2?range=7d#top', ORIGIN)).toBe('/p/prd_1/d/dsh_2?range=7d#top')
  })
})

test('ids are escaped in a path', () => {
  expect(paths.product('a/b')).toBe('/p/a%2Fb')
})

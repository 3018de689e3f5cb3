import { readFile } from 'node:fs/promises'
import { TRPCError } from '@trpc/server'
import { getHTTPStatusCodeFromError } from '@trpc/server/http'
import { expect, test } from 'vitest'
import { ERRORS } from './errors'

const page = await readFile(new URL('../../../../docs/errors.md', import.meta.url), 'utf8')
/** `## code` sections with the text that follows them. */
const sections = new Map([...page.matchAll(/^## ([a-z_]+)\n+([^#]*)/gm)].map((match) => [match[1], match[2] ?? '']))

test('every error code has a section in docs/errors.md, and every section is a code', () => {
  expect([...sections.keys()].sort()).toEqual(Object.keys(ERRORS).sort())
})

test('every section names the HTTP status that is answered', () => {
  const wrong = Object.entries(ERRORS).flatMap(([code, trpcCode]) => {
    const status = getHTTPStatusCodeFromError(new TRPCError({ code: trpcCode }))
    return sections.get(code)?.startsWith(`${status}.`)
      ? []
      : [`${code} is ${status}: ${sections.get(code)?.slice(0, 20)}`]
  })
  expect(wrong).toEqual([])
})

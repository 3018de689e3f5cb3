import type { IncomingMessage } from 'node:http'
import { expect, test } from 'vitest'
import { clientAddress, createCookieWarning, readSessionToken } from './session'

const requestOf = (headers: Record<string, string>) =>
  ({ headers, socket: { remoteAddress: '10.0.0.9' } }) as unknown as IncomingMessage

test.each([
  ['no proxy: what anybody can write is ignored', 0, '1.2.3.4', '10.0.0.9'],
  ['one proxy: what it saw', 1, '1.2.3.4', '1.2.3.4'],
  ['one proxy: what the caller invented before it is ignored', 1, '6.6.6.6, 1.2.3.4', '1.2.3.4'],
  ['two proxies: what the outer one saw', 2, '6.6.6.6, 1.2.3.4, 10.0.0.1', '1.2.3.4'],
  ['more proxies than there were: the peer', 2, '1.2.3.4', '10.0.0.9'],
])('WH-11: %s', (_name, proxies, forwarded, address) => {
  expect(clientAddress(requestOf({ 'x-forwarded-for': forwarded }), proxies)).toBe(address)
})

test.each([
  ['alone', 'trackable_session=abc', 'http://h', 'abc'],
  ['among others', 'a=b; trackable_session=abc; c=d', 'http://h', 'abc'],
  ['a name that ends alike', 'xtrackable_session=evil', 'http://h', null],
  ['empty', 'trackable_session=', 'http://h', null],
  ['the name without its prefix counts for nothing over https', 'trackable_session=abc', 'https://h', null],
  ['the prefixed name over https', '__Host-trackable_session=abc', 'https://h', 'abc'],
])('the session cookie, %s', (_name, cookie, publicUrl, token) => {
  expect(readSessionToken(requestOf({ cookie }), publicUrl)).toBe(token)
})

test('AU-13: a sign-in over http from another machine is warned of once, and neither on this machine nor over https', () => {
  const warnings: unknown[] = []
  const log = { warn: (...line: unknown[]) => void warnings.push(line) }
  const local = createCookieWarning(log, 'http://localhost:8080')
  for (const host of ['localhost:8080', '127.0.0.1:8080', '[::1]:8080']) local(host)
  createCookieWarning(log, 'https://kpi.example.org')('kpi.example.org')
  expect(warnings).toEqual([])
  local('192.168.1.5:8080')
  local('192.168.1.5:8080')
  expect(warnings).toHaveLength(1)
})

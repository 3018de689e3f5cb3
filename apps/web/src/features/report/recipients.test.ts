import { describe, expect, it } from 'vitest'
import { addAddresses, recipientsProblem, splitAddresses } from './recipients'

describe('typing and pasting recipients', () => {
  it.each([
    ['ann@a.org', ['ann@a.org']],
    ['ann@a.org, bob@b.org;carl@c.org', ['ann@a.org', 'bob@b.org', 'carl@c.org']],
    ['Ann Lee <Ann@A.org>; "Bob, jr" <bob@b.org>', ['ann@a.org', '"bob', 'bob@b.org']],
    ['ann@a.org\nbob@b.org\r\n', ['ann@a.org', 'bob@b.org']],
    ['ann@a.org bob@b.org', ['ann@a.org', 'bob@b.org']],
    [' , ;', []],
  ])('%j are the addresses %j', (text, addresses) => {
    expect(splitAddresses(text)).toEqual(addresses)
  })

  it('keeps each address once, whatever its case', () => {
    expect(addAddresses(['ann@a.org'], 'ANN@a.org bob@b.org')).toEqual(['ann@a.org', 'bob@b.org'])
  })
})

describe('what is wrong with a list', () => {
  it('names the one wrong address', () => {
    expect(recipientsProblem(['ann@a.org', 'bob@'])).toContain('bob@ is not an e-mail address')
  })
  it('asks for somebody when nobody is left', () => {
    expect(recipientsProblem([])).toBe('Enter at least one recipient.')
  })
  it('finds nothing wrong with a good list', () => {
    expect(recipientsProblem(['ann@a.org'])).toBeNull()
  })
})

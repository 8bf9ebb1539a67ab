import { describe, expect, it } from 'vitest'
import { addressOf, type Address } from './address.ts'

describe('an address', () => {
  it.each<[string, object]>([
    ['/', { name: 'start' }],
    ['/chat', { name: 'conversations' }],
    ['/chat/', { name: 'conversations' }],
    ['/chat/lobby', { name: 'conversation', conv: 'lobby' }],
    ['/chat/a%20b', { name: 'conversation', conv: 'a b' }],
    ['/people/somebody', { name: 'person', user: 'somebody' }],
    ['/join/abc', { name: 'invitation', code: 'abc' }],
    ['/outbox', { name: 'outbox' }],
    ['/settings', { name: 'settings' }],
    ['/devices', { name: 'devices' }],
    ['/search', { name: 'search' }],
    ['/reset', { name: 'reset' }],
  ])('%s leads to a place', (pathname, address) => {
    expect(addressOf(pathname)).toEqual(address)
  })

  it.each(['/elsewhere', '/chat/a/b', '/join', '/people/', '/outbox/1', '/constructor', '/__proto__', '/chat/%E0%A4%A', '//chat'])(
    '%s leads nowhere',
    (pathname) => {
      expect(addressOf(pathname)).toEqual({ name: 'nowhere' } satisfies Address)
    },
  )
})

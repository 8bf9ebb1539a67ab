import type { IncomingMessage } from 'node:http'
import { describe, expect, it } from 'vitest'
import { isLoopbackHost, knowPeers } from './address.ts'
import { isOriginAllowed } from './origins.ts'

const request = (remoteAddress: string, headers: Record<string, string> = {}): IncomingMessage =>
  ({ socket: { remoteAddress }, headers }) as unknown as IncomingMessage

describe('an address', () => {
  it('is of this machine when it is loopback, however it is written', () => {
    for (const host of ['127.0.0.1', '127.8.9.1', '::1', '[::1]', 'localhost', 'app.localhost', '::ffff:127.0.0.1'])
      expect(isLoopbackHost(host), host).toBe(true)
    for (const host of ['10.0.0.1', 'example.org', '127.0.0.1.example.org', '::2']) expect(isLoopbackHost(host), host).toBe(false)
  })

  it('is that of the line unless a trusted proxy vouches for another', () => {
    const forwarded = { 'x-forwarded-for': '198.51.100.7' }
    expect(knowPeers([]).addressOf(request('::ffff:192.0.2.1', forwarded))).toBe('192.0.2.1')
    expect(knowPeers(['10.0.0.0/8']).addressOf(request('192.0.2.1', forwarded))).toBe('192.0.2.1')
    expect(knowPeers(['10.0.0.0/8']).addressOf(request('10.1.2.3', forwarded))).toBe('198.51.100.7')
    expect(knowPeers(['::1']).addressOf(request('::1', forwarded))).toBe('198.51.100.7')
  })

  it('can not be forged through a trusted proxy: only what our own proxies added counts', () => {
    const peers = knowPeers(['10.0.0.0/8'])
    expect(peers.addressOf(request('10.1.2.3', { 'x-forwarded-for': '1.1.1.1, 198.51.100.7, 10.9.9.9' }))).toBe('198.51.100.7')
    expect(peers.addressOf(request('10.1.2.3', { 'x-forwarded-for': 'nonsense' }))).toBe('10.1.2.3')
    expect(peers.addressOf(request('10.1.2.3'))).toBe('10.1.2.3')
  })
})

describe('an origin', () => {
  const allowed = ['https://friend.example']
  const ask = (origin: string | undefined, host: string, more: Record<string, string> = {}) =>
    isOriginAllowed(request('10.1.2.3', { host, ...(origin !== undefined && { origin }), ...more }), { allowed, peers: knowPeers(['10.0.0.0/8']) })

  it('is welcome when it is our own, on the list, or not a page at all', () => {
    expect(ask('http://127.0.0.1:3000', '127.0.0.1:3000')).toBe(true)
    expect(ask('https://friend.example', '127.0.0.1:3000')).toBe(true)
    expect(ask(undefined, '127.0.0.1:3000')).toBe(true)
    expect(ask('https://chat.example.org', 'inner:3000', { 'x-forwarded-host': 'chat.example.org' })).toBe(true)
  })

  it('is not when it is anything else', () => {
    for (const origin of ['https://evil.example', 'null', 'http://127.0.0.1:3001', 'https://friend.example.evil.example', 'nonsense'])
      expect(ask(origin, '127.0.0.1:3000'), origin).toBe(false)
  })
})

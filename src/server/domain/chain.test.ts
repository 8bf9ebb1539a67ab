import { createHash } from 'node:crypto'
import { expect, it } from 'vitest'
import { CHAIN_START } from '#protocol/ids.ts'
import { chainAfter } from './chain.ts'

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

it('hashes the eight bytes before and the text of the link, as anybody can recompute', () => {
  const expected = (previous: string, text: string) =>
    createHash('sha256')
      .update(Buffer.concat([Buffer.from(previous, 'hex'), Buffer.from(text, 'utf8')]))
      .digest('hex')
      .slice(0, 16)
  const first = chainAfter(sha256, CHAIN_START, { kind: 'new', messageId: 'm1', bodyHash: 'ff' })
  expect(first).toBe(expected(CHAIN_START, 'new|m1||ff'))
  const second = chainAfter(sha256, 'fffe80017f00c3a9', { kind: 'edit', messageId: 'm1', opId: 'o1', bodyHash: 'ee' })
  expect(second).toBe(expected('fffe80017f00c3a9', 'edit|m1|o1|ee'))
  expect(chainAfter(sha256, first, { kind: 'join' })).toBe(expected(first, 'join|||'))
})

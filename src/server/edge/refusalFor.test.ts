import { describe, expect, it } from 'vitest'
import { makeLog } from '#server/observe/log.ts'
import { Refused, StorageError } from '#server/storage/store.ts'
import { refusalFor } from './refusalFor.ts'

function refused(error: unknown) {
  const logged: Record<string, unknown>[] = []
  const log = makeLog('info', (line) => logged.push(JSON.parse(line) as Record<string, unknown>))
  const reply = refusalFor(error, { name: 'message:send', user: 'ann' }, { log, newId: () => 'the-correlation' })
  return { reply, logged }
}

describe('the answer to a request that failed', () => {
  it('by a rule is what the rule says, and nobody is alarmed', () => {
    expect(refused(new Refused('E_NOT_MEMBER'))).toEqual({ reply: { ok: false, code: 'E_NOT_MEMBER' }, logged: [] })
    expect(refused(new Refused('E_INVALID', 'a name')).reply).toEqual({ ok: false, code: 'E_INVALID', detail: 'a name' })
  })

  it('because the database was busy says so, and when to ask again', () => {
    const { reply, logged } = refused(new StorageError('busy', new Error('database is locked')))
    expect(reply).toEqual({ ok: false, code: 'E_BUSY', retryAfterMs: expect.any(Number) as number })
    expect(reply.retryAfterMs).toBeGreaterThan(0)
    expect(logged).toMatchObject([{ event: 'storage_failed', reason: 'busy', asked: 'message:send' }])
  })

  it.each(['full', 'broken'] as const)('because the storage is %s says that nothing was stored, and when to ask again', (reason) => {
    const { reply, logged } = refused(new StorageError(reason, new Error('why')))
    expect(reply).toEqual({ ok: false, code: 'E_STORAGE', retryAfterMs: expect.any(Number) as number })
    expect(reply.retryAfterMs).toBeGreaterThan(0)
    expect(logged).toMatchObject([{ event: 'storage_failed', reason, error: 'Error: why' }])
  })

  it.each([new TypeError('x is not a function'), 'thrown text', undefined])(
    'by a mistake of ours (%s) tells the asker nothing but an id, under which the log tells all',
    (mistake) => {
      const { reply, logged } = refused(mistake)
      expect(reply).toEqual({ ok: false, code: 'E_INTERNAL', detail: 'the-correlation' })
      expect(logged).toMatchObject([{ event: 'handler_failed', correlation: 'the-correlation', asked: 'message:send', user: 'ann' }])
      expect(logged[0]!['stack']).toContain(mistake instanceof Error ? 'refusalFor.test' : String(mistake))
    },
  )
})

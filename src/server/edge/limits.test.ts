import { describe, expect, it } from 'vitest'
import type { UserId } from '#protocol/ids.ts'
import { readConfig } from '#server/config.ts'
import { makeLimits } from './limits.ts'

const ann = 'ann' as UserId
function limitsWith(env: Record<string, string>, now: () => number = Date.now) {
  const result = readConfig(env)
  if (!result.ok) throw new Error(result.mistakes.join(' '))
  return makeLimits(result.config, now)
}

describe('the allowance of messages', () => {
  it('lets a burst through, then asks to wait exactly as long as needed', () => {
    let now = 0
    const limits = limitsWith({ LIMIT_MESSAGES: '20/60' }, () => now)
    for (let batch = 0; batch < 3; batch++) expect(limits.takeMessages(ann, 20)).toBe(0)
    expect(limits.takeMessages(ann, 20)).toBe(1000)
    now += 999
    expect(limits.takeMessages(ann, 20)).toBe(1)
    now += 1
    expect(limits.takeMessages(ann, 20)).toBe(0)
    limits.close()
  })

  it('is there again at once after the clock was set back', () => {
    let now = 3_600_000
    const limits = limitsWith({ LIMIT_MESSAGES: '20/60' }, () => now)
    expect(limits.takeMessages(ann, 20)).toBe(0)
    now = 0
    expect(limits.takeMessages(ann, 20)).toBe(0)
    for (let batch = 0; batch < 3; batch++) limits.takeMessages(ann, 20)
    now += 3_000
    expect(limits.takeMessages(ann, 20)).toBe(0)
    limits.close()
  })

  it('costs nothing when refused, and is kept per person', () => {
    const limits = limitsWith({ LIMIT_MESSAGES: '1/10' }, () => 0)
    expect(limits.takeMessages(ann, 8)).toBe(0)
    for (let again = 0; again < 5; again++) expect(limits.takeMessages(ann, 8)).toBe(6000)
    expect(limits.takeMessages(ann, 2)).toBe(0)
    expect(limits.takeMessages('bob' as UserId, 10)).toBe(0)
    limits.close()
  })

  it('never blocks a batch for ever because it is larger than the bucket', () => {
    const limits = limitsWith({ LIMIT_MESSAGES: '1/5' }, () => 0)
    expect(limits.takeMessages(ann, 20)).toBe(0)
    limits.close()
  })
})

describe('limits per address', () => {
  it('spare the own machine unless they were set on purpose', async () => {
    const byDefault = limitsWith({})
    for (let guest = 0; guest < 50; guest++) expect(await byDefault.takeGuest('127.0.0.1')).toBe(0)
    const onPurpose = limitsWith({ LIMIT_GUESTS: '2' })
    expect([await onPurpose.takeGuest('127.0.0.1'), await onPurpose.takeGuest('127.0.0.1')]).toEqual([0, 0])
    expect(await onPurpose.takeGuest('127.0.0.1')).toBeGreaterThan(0)
    byDefault.close()
    onPurpose.close()
  })

  it('count dials per session where there is one, so that neighbours behind one address do not pay for each other', async () => {
    const limits = limitsWith({ LIMIT_DIALS: '1' })
    expect(await limits.takeDial('192.0.2.1', 'session-a')).toBe(0)
    expect(await limits.takeDial('192.0.2.1', 'session-b')).toBe(0)
    expect(await limits.takeDial('192.0.2.1', 'session-a')).toBeGreaterThan(0)
    limits.close()
  })
})

import { describe, expect, it } from 'vitest'
import { lazily } from './lazily.ts'

describe('what is loaded when it is asked for first', () => {
  it('is not loaded before, and answers as if it had been there', async () => {
    let loads = 0
    const sums = lazily(async () => {
      loads++
      return { add: async (a: number, b: number) => a + b }
    })
    expect(loads).toBe(0)
    expect(await sums.add(2, 3)).toBe(5)
    expect(sums.add).toBe(sums.add)
  })

  it('refuses like a server that can’t be reached where it can’t be loaded, and is tried again', async () => {
    let isThere = false
    const answers = lazily<{ one: () => Promise<unknown> }>(async () => {
      if (!isThere) throw new TypeError('Failed to fetch dynamically imported module')
      return { one: async () => 1 }
    })
    expect(await answers.one()).toMatchObject({ ok: false, code: 'E_TIMEOUT' })
    isThere = true
    expect(await answers.one()).toBe(1)
  })
})

import { describe, expect, it } from 'vitest'
import type { SessionId } from '#protocol/ids.ts'
import { makeRefreshTokens } from './refreshTokens.ts'

const SESSION = '01a203bf-7e46-72c4-a508-7455a93ec763' as SessionId
const tokens = makeRefreshTokens('s'.repeat(40))

describe('a refresh token', () => {
  it('is another one each time, and says for which session it was made', () => {
    const made = [tokens.make(SESSION), tokens.make(SESSION)]
    expect(new Set(made).size).toBe(2)
    expect(made.map(tokens.sessionOf)).toEqual([SESSION, SESSION])
    expect(made[0]).toMatch(/^[A-Za-z0-9._-]{100,200}$/) // as it is in a cookie
  })

  it('says nothing when anything about it was changed, or somebody else made it', () => {
    const token = tokens.make(SESSION)
    const [chance, , signature] = token.split('.') as [string, string, string]
    const other = '01a203bf-7e46-72c4-a508-7455a93ec764'
    const strange = [
      `${chance}.${other}.${signature}`,
      `x${token}`,
      `${chance}.${SESSION}`,
      `${chance}.${SESSION}.`,
      `${chance}.${SESSION}.${signature.slice(0, -2)}`,
      `${token}.${signature}`,
      '',
      '..',
      makeRefreshTokens('t'.repeat(40)).make(SESSION),
    ]
    expect(strange.map(tokens.sessionOf)).toEqual(strange.map(() => undefined))
  })
})

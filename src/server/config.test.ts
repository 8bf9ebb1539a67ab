import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { readConfig, settingsTable } from './config.ts'

const mistakesOf = (env: Record<string, string>): string[] => {
  const result = readConfig(env)
  return result.ok ? [] : result.mistakes
}

describe('the settings', () => {
  it('work without any environment', () => {
    const result = readConfig({})
    expect(result).toMatchObject({
      ok: true,
      config: { PORT: 3000, HOST: '127.0.0.1', LIMIT_MESSAGES: { perSecond: 20, burst: 60 }, isProduction: false },
    })
  })

  it('report every mistake at once, a sentence each', () => {
    const mistakes = mistakesOf({ PORT: 'abc', LOG_LEVEL: 'loud', LIMIT_MESSAGES: '0', ORIGINS: 'https://a.example/path', GUEST_PERMISSIONS: 'fly' })
    expect(mistakes).toHaveLength(5)
    expect(mistakes[0]).toBe('PORT must be a whole number from 0 to 65535, not "abc".')
    for (const mistake of mistakes) expect(mistake).toMatch(/^[A-Z_]+ must be .+\.$/)
  })

  it('know an address from a word', () => {
    expect(mistakesOf({ TRUST_PROXY: '10.0.0.0/8, ::1, 192.0.2.1' })).toEqual([])
    for (const wrong of ['everybody', '10.0.0.0/33', '10.0.0', '::1/129', '10.0.0.0/8/8'])
      expect(mistakesOf({ TRUST_PROXY: wrong }), wrong).toHaveLength(1)
  })

  it('never repeat a secret in a message', () => {
    expect(mistakesOf({ SECRET: 'short', OPERATOR_TOKEN: 'tiny' }).join()).not.toMatch(/short|tiny/)
  })

  it('require a secret in production, and only there', () => {
    expect(mistakesOf({ PUBLIC_URL: 'https://chat.example.org' })).toEqual([expect.stringContaining('SECRET must be set')])
    expect(mistakesOf({ PUBLIC_URL: 'https://chat.example.org', SECRET: 'x'.repeat(32) })).toEqual([])
    expect(mistakesOf({ PUBLIC_URL: 'http://localhost:3000' })).toEqual([])
    expect(mistakesOf({ PUBLIC_URL: 'http://127.0.0.1:3000' })).toEqual([])
  })

  it('know which limits were set on purpose', () => {
    const result = readConfig({ LIMIT_GUESTS: '5', LIMIT_DIALS: '' })
    expect(result.ok && [...result.config.explicit]).toEqual(['LIMIT_GUESTS'])
  })

  it('stand in one table in the documentation', () => {
    expect(readFileSync('docs/operations.md', 'utf8')).toContain(settingsTable())
  })
})

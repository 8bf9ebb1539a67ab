import { describe, expect, it } from 'vitest'
import { loginFault, passwordFault } from './loginRules.ts'

describe('what somebody chooses to sign in with', () => {
  it.each(['ada', 'ada.lovelace', 'Ada@example.org', 'a-b_c+d', '  spaces around '.trim().replaceAll(' ', '-')])('may be the name %s', (login) => {
    expect(loginFault(login)).toBeUndefined()
  })

  it.each(['', 'ab', '.ada', 'ada.', 'a da', 'ädä', 'a'.repeat(65)])('may not be the name %j, and is told what may be', (login) => {
    expect(loginFault(login)).toMatch(/^Choose 3 to 64 letters/)
  })

  it.each<[string, RegExp | undefined]>([
    ['four words in a row', undefined],
    ['пароль из слов', undefined],
    ['too short', /^Choose at least 10 characters\.$/],
    ['1234567890', /among the first/],
    ['password123', /among the first/],
    ['aaaaaaaaaaaa', /among the first/],
    ['x'.repeat(500) + 'y'.repeat(600), /too long/],
  ])('as the password %s is taken or gets a reason', (password, fault) => {
    if (fault) expect(passwordFault(password)).toMatch(fault)
    else expect(passwordFault(password)).toBeUndefined()
  })
})

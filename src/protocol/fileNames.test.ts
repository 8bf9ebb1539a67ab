import { describe, expect, it } from 'vitest'
import { isPlainName, plainName } from './fileNames.ts'

describe('the name of a file', () => {
  it.each(['report.pdf', 'Ünïcödé 写真.jpg', '👨‍👩‍👧 family.png', 'گزارش‌ها.txt', '.env', 'a..b', 'C++ (2).txt'])('%s is one', (name) => {
    expect([isPlainName(name), plainName(name)]).toEqual([true, name])
  })

  it.each([
    ['what turns words round', 'invoice\u202Efdp.exe', 'invoicefdp.exe'],
    ['marks of direction', '\u200Eplan\u200F.txt', 'plan.txt'],
    ['tabs and line breaks', 'two\tlines\r\n.txt', 'twolines.txt'],
    ['a NUL', 'a\0b.txt', 'ab.txt'],
    ['blanks around it', ' plan.txt ', 'plan.txt'],
  ])('does without %s', (_, name, plain) => {
    expect([isPlainName(name), plainName(name)]).toEqual([false, plain])
  })

  it.each(['', ' ', '.', '..', '\u200B', '\u2060\uFEFF', '\u202E\t'])('is not %j, of which nothing is left', (name) => {
    expect(plainName(name)).toBe('')
  })
})

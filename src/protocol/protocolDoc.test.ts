import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import * as z from 'zod/mini'
import { notation } from '#testing/protocolNotation.ts'
import { proseOf, TYPE_NAMES, withReference } from '#testing/protocolReference.ts'
import * as account from './account.ts'
import * as device from './device.ts'
import { PUSHES } from './events.ts'
import { REQUESTS } from './requests.ts'
import * as http from './http.ts'
import { Rev } from './ids.ts'
import { ChatMessage } from './message.ts'
import * as passkey from './passkey.ts'
import * as people from './people.ts'
import { HttpError, NobodyAnswer, SessionAnswer } from './session.ts'

const page = readFileSync(new URL('../../docs/protocol.md', import.meta.url), 'utf8')

/** The first cells of the table under a heading row that begins with `head`. */
function names(head: string): string[] {
  const lines = proseOf(page).split('\n')
  const rows = lines.slice(lines.findIndex((line) => line.startsWith(`| ${head} |`)) + 2)
  return rows
    .slice(
      0,
      rows.findIndex((line) => !line.startsWith('|')),
    )
    .map((row) => row.split('`')[1]!)
}

describe('docs/protocol.md', () => {
  it('has the reference that the schemas give', () => {
    expect(page, 'the schemas say something else now: `npm run docs` writes it').toBe(withReference(page))
  })

  it('gives every request and every push its meaning, and no other', () => {
    expect(names('request')).toEqual(Object.keys(REQUESTS))
    expect(names('push')).toEqual(Object.keys(PUSHES))
  })

  it('names no type that there is not', () => {
    const named = [...proseOf(page).matchAll(/`\{?(?:\w+: )?([A-Z][a-z]\w+)\}?`/g)].map(([, name]) => name!)
    expect(named.length).toBeGreaterThan(20)
    expect(named.filter((name) => !TYPE_NAMES.includes(name))).toEqual([])
  })

  it('says what each shape for HTTP is for', () => {
    const prose = proseOf(page)
    const parts = [
      'LoginName',
      'Password',
      'NewPassword',
      'Contact',
      'Receipts',
      'Device',
      'isGuessable',
      'Passkey',
      'PasskeyId',
      'MadePasskey',
      'ShownPasskey',
    ]
    const shapes = Object.keys({ ...http, ...account, ...device, ...passkey, ...people, HttpError, NobodyAnswer, SessionAnswer })
    expect(shapes.filter((name) => !parts.includes(name)).filter((name) => !new RegExp(`\\b${name}\\b`).test(prose))).toEqual([])
  })
})

describe('the notation of the reference', () => {
  const cases: [string, string, z.core.$ZodType][] = [
    [
      'what may be missing and what may be null',
      '{ a?: string, b: boolean | null }',
      z.object({ a: z.optional(z.string()), b: z.nullable(z.boolean()) }),
    ],
    [
      'the limits of numbers, words and lists',
      '{ n: integer(1…9), w: string(2…), l: number[…3] }',
      z.object({ n: z.int().check(z.positive(), z.maximum(9)), w: z.string().check(z.minLength(2)), l: z.array(z.number()).check(z.maxLength(3)) }),
    ],
    [
      'lists of alternatives, maps and tuples',
      "{ a: ('x' | 'y' | Rev)[], b: { [string]: [Rev, null] } }",
      z.object({ a: z.array(z.union([z.literal('x'), z.literal('y'), Rev])), b: z.record(z.string(), z.tuple([Rev, z.null()])) }),
    ],
    ['a type by its name', 'ChatMessage[]', z.array(ChatMessage)],
    ['that more is checked than it can say', '{ even: number† }', z.object({ even: z.number().check(z.refine((n) => n % 2 === 0)) })],
    ['what tells alternatives apart first', "{ kind: 'a', at: Rev }", z.object({ at: Rev, kind: z.literal('a') })],
  ]
  it.each(cases)('says %s', (_, text, schema) => {
    expect(notation(schema)).toBe(text)
  })

  it('refuses what it can’t say', () => {
    expect(() => notation(z.object({ mail: z.email() }))).toThrow('format')
    expect(() => notation(z.number().check(z.multipleOf(2)))).toThrow('multipleOf')
  })

  it('refuses a page without a place for it', () => {
    expect(() => withReference('# A page')).toThrow('needs these two lines')
  })
})

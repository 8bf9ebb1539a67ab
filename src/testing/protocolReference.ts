import { CODES, FAREWELLS, type Code, type FarewellCode } from '#protocol/codes.ts'
import { ANSWERS, PUSHES, type RequestName } from '#protocol/events.ts'
import { REQUESTS } from '#protocol/requests.ts'
import * as limits from '#protocol/limits.ts'
import { farewellSentence, sentenceFor } from '#protocol/sentences.ts'
import { PROTOCOL } from '#protocol/version.ts'
import { definition, exportsOf, meaningsIn, NAMED, notation } from './protocolNotation.ts'

/*
 * The reference in docs/protocol.md, written from the schemas themselves, so that it says what client and server check.
 */

const BEGIN = '<!-- From here on written by `npm run docs` from src/protocol. -->'
const END = '<!-- Written by `npm run docs` up to here. -->'

/** The page with its reference as the schemas are now; the rest of it stays. */
export function withReference(page: string): string {
  const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)]
  if (begin < 0 || end < begin) throw new Error(`the page needs these two lines:\n${BEGIN}\n${END}`)
  return `${page.slice(0, begin + BEGIN.length)}\n\n${sections().join('\n\n')}\n\n${page.slice(end)}`
}

/** What is written by hand. */
export const proseOf = (page: string): string => page.slice(0, page.indexOf(BEGIN)) + page.slice(page.indexOf(END))

/** Every name that the reference gives a type, those that only the compiler knows included. */
export const TYPE_NAMES: readonly string[] = [
  'Code',
  'FarewellCode',
  ...NAMED.flatMap(({ types }) => types.flatMap(({ name, brands }) => [name, ...brands])),
]

function sections(): string[] {
  return [
    `Protocol versions ${PROTOCOL.min} to ${PROTOCOL.max}.`,
    '### Every request',
    fenced(
      Object.entries(REQUESTS).flatMap(([name, request]) => [
        `'${name}'`,
        `  asks    ${notation(request, '  ')}`,
        `  answers ${notation(ANSWERS[name as RequestName], '  ')}`,
      ]),
    ),
    '### Every push',
    fenced(Object.entries(PUSHES).flatMap(([name, push]) => [`'${name}'`, `  says    ${notation(push, '  ')}`])),
    '### Every type',
    ...NAMED.map(({ file, types }) => `\`src/protocol/${file}.ts\`\n\n${fenced(types.map(definition))}`),
    '### Every code',
    table(
      ['code', 'class', 'sentence'],
      Object.entries(CODES).map(([code, { class: kind }]) => [`\`${code}\``, kind, sentenceFor(code as Code)]),
    ),
    table(
      ['farewell', 'then', 'sentence'],
      Object.entries(FAREWELLS).map(([code, { then }]) => [`\`${code}\``, then, farewellSentence(code as FarewellCode)]),
    ),
    '### Every limit',
    table(['limit', 'value', 'of'], limitRows()),
  ]
}

const fenced = (lines: readonly string[]): string => ['```ts', ...lines, '```'].join('\n')

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n')

function limitRows(): string[][] {
  const meanings = meaningsIn('limits')
  return exportsOf('limits', limits).map(([name, value]) => [`\`${name}\``, (value as number).toLocaleString('en'), meanings.get(name)!])
}

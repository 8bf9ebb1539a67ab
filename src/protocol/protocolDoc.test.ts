import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { CODES, FAREWELLS, type Code } from './codes.ts'
import { sentenceFor } from './sentences.ts'
import { PUSHES, REQUESTS } from './events.ts'

const doc = readFileSync(new URL('../../docs/protocol.md', import.meta.url), 'utf8')

/** The first cells of the table under a heading row that begins with `head`. */
function rowsOf(head: string): string[][] {
  const lines = doc.split('\n')
  const at = lines.findIndex((line) => line.startsWith(`| ${head} |`))
  const rows: string[][] = []
  for (const line of lines.slice(at + 2)) {
    if (!line.startsWith('|')) break
    rows.push(
      line
        .split(/(?<!\\)\|/)
        .slice(1, -1)
        .map((cell) => cell.trim().replaceAll('`', '')),
    )
  }
  return rows
}
const names = (head: string) => rowsOf(head).map((row) => row[0])

describe('docs/protocol.md', () => {
  it('names every request and every push, and no other', () => {
    expect(new Set(names('request'))).toEqual(new Set(Object.keys(REQUESTS)))
    expect(new Set(names('push'))).toEqual(new Set(Object.keys(PUSHES)))
  })

  it('gives every code its class and sentence as they are', () => {
    expect(rowsOf('code')).toEqual(Object.entries(CODES).map(([code, { class: kind }]) => [code, kind, sentenceFor(code as Code)]))
    expect(rowsOf('farewell')).toEqual(Object.entries(FAREWELLS).map(([code, { then }]) => [code, then]))
  })
})

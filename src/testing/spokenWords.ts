import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseSync } from 'vite'
import { CODES, FAREWELLS, type Code, type FarewellCode } from '#protocol/codes.ts'
import { farewellSentence, sentenceFor } from '#protocol/sentences.ts'

/** A call of `t`, `plural` or `tx` as it stands in a source. */
type Spoken = { file: string; call: string; words: (string | undefined)[]; isInFunction: boolean }

/** Where the English of a call stands among its arguments; the last one is its name in a catalogue. */
const ENGLISH: Record<string, number[]> = { t: [0], tx: [0], plural: [1, 2] }

type Node = { type: string; [part: string]: unknown }
const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && 'type' in value

const textOf = (node: unknown): string | undefined => {
  if (!isNode(node)) return undefined
  if (node.type === 'Literal' && typeof node['value'] === 'string') return node['value']
  if (node.type !== 'TemplateLiteral' || (node['expressions'] as unknown[]).length > 0) return undefined
  return (node['quasis'] as { value: { cooked: string } }[])[0]!.value.cooked
}

/** All calls in the client's sources. */
export function spokenCalls(): Spoken[] {
  const root = join(import.meta.dirname, '../client')
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((file) => /\.tsx?$/.test(file) && !/\.test\.|^words/.test(file))
  const calls: Spoken[] = []
  for (const file of files) {
    const source = readFileSync(join(root, file), 'utf8')
    const look = (value: unknown, isInFunction: boolean): void => {
      if (Array.isArray(value)) return value.forEach((one) => look(one, isInFunction))
      if (!isNode(value)) return
      const { type } = value
      const name = type === 'CallExpression' && isNode(value['callee']) ? (value['callee']['name'] as string | undefined) : undefined
      if (name !== undefined && Object.hasOwn(ENGLISH, name)) {
        const words = ENGLISH[name]!.map((at) => textOf((value['arguments'] as unknown[])[at]))
        calls.push({ file, call: source.slice(value['start'] as number, value['end'] as number), words, isInFunction })
      }
      const isInside = isInFunction || type.includes('Function') || type === 'PropertyDefinition'
      for (const [part, child] of Object.entries(value)) if (part !== 'type') look(child, isInside)
    }
    look(parseSync(file, source).program, false)
  }
  return calls
}

/** The sentences of codes, which are said as they come. */
export const codeSentences = (): string[] => [
  ...Object.keys(CODES).map((code) => sentenceFor(code as Code)),
  ...Object.keys(FAREWELLS).map((code) => farewellSentence(code as FarewellCode)),
]

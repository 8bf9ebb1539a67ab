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

/** The client's sources, but for what speaks them. */
function* sources(): Generator<{ file: string; source: string }> {
  const root = join(import.meta.dirname, '../client')
  for (const file of readdirSync(root, { recursive: true, encoding: 'utf8' }))
    if (/\.tsx?$/.test(file) && !/\.test\.|^words/.test(file)) yield { file, source: readFileSync(join(root, file), 'utf8') }
}

/** All calls in them. */
export function spokenCalls(): Spoken[] {
  const calls: Spoken[] = []
  for (const { file, source } of sources()) {
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

/** What of an element is seen or heard as it stands there. */
const HEARD = /^(aria-label|aria-description|aria-roledescription|title|placeholder|alt|label)$/

/** English that stands in an element, or in what is heard of it, without having gone through a call. */
export function forgottenWords(): string[] {
  const found: string[] = []
  for (const { file, source } of sources()) {
    const note = (node: Node, text: unknown) => {
      if (typeof text === 'string' && /\p{L}{2}/u.test(text))
        found.push(`${file}: ${source.slice(node['start'] as number, node['end'] as number).trim()}`)
    }
    const look = (value: unknown, isShown: boolean): void => {
      if (Array.isArray(value)) return value.forEach((one) => look(one, isShown))
      if (!isNode(value)) return
      const { type } = value
      if (type === 'JSXText' || (isShown && type === 'Literal')) note(value, value['value'])
      else if (isShown && type === 'TemplateElement') note(value, (value['value'] as { cooked: string }).cooked)
      else if (type === 'JSXElement' || type === 'JSXFragment') {
        look(value['openingElement'], false)
        look(value['children'], true)
      } else if (type === 'JSXAttribute') look(value['value'], HEARD.test((value['name'] as { name: string }).name))
      else if (type === 'ConditionalExpression') {
        look(value['test'], false)
        look([value['consequent'], value['alternate']], isShown)
      } else if (type === 'LogicalExpression') {
        look(value['left'], isShown && value['operator'] !== '&&')
        look(value['right'], isShown)
      } else {
        // what is compared, looked up or given to a call is not what is shown
        const passes = /^(JSXExpressionContainer|TemplateLiteral|ArrayExpression|Parenthesized|TS)/.test(type)
        for (const [part, child] of Object.entries(value)) if (part !== 'type') look(child, isShown && passes)
      }
    }
    look(parseSync(file, source).program, false)
  }
  return found
}

/** The sentences of codes, which are said as they come. */
export const codeSentences = (): string[] => [
  ...Object.keys(CODES).map((code) => sentenceFor(code as Code)),
  ...Object.keys(FAREWELLS).map((code) => farewellSentence(code as FarewellCode)),
]

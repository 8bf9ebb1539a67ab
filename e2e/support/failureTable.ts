import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { type ESTree, parseSync, Visitor } from 'vite'

/*
 * The table of what can go wrong in docs/testing.md, and whether what it names is there. How an entry is written stands above the table.
 *
 * A title must be that of a whole test, from its first letter to its last: the names of the blocks around it and its own, with a space
 * between. What a template fills in (`%s`, `$name`, `${…}`) counts as the one character `…`. A `…` in an entry stands for any words.
 */

export type FailureRow = { number: number; entries: string[]; open: string }

const home = resolve(import.meta.dirname, '../..')
const FOLDERS: Record<string, string> = {
  live: 'src/client/live',
  features: 'src/client/features',
  client: 'src/client',
  server: 'src/server',
  testing: 'src/testing',
  e2e: 'e2e/specs',
}

/** The rows under this heading of a page, up to the next one; a line that is no row of four cells is one that has nothing. */
export function failureRows(page: string, heading: string): FailureRow[] {
  const section = page.split(/^## /m).find((part) => part.startsWith(heading)) ?? ''
  const lines = section.split('\n').filter((line) => line.startsWith('| ') && !line.startsWith('| # '))
  return lines.map((line) => {
    const [number, , entries = '', open = '', ...more] = line.slice(2, -2).split(' | ')
    return { number: more.length === 0 ? Number(number) : NaN, entries: entries === '–' ? [] : entries.split(' · '), open: open.trim() }
  })
}

/** What an entry names and is not there. `known` are the names that may stand in parentheses, by the word before them. */
export function missingIn(entry: string, known: Record<string, readonly string[]>): string[] {
  const [, layer, list] = /^(\w+) \((.+)\)$/.exec(entry) ?? []
  if (layer !== undefined && list !== undefined)
    return list.split(', ').flatMap((name) => (known[layer]?.includes(name) ? [] : [`${layer} (${name})`]))
  const [path = '', ...titles] = entry.split(' › ')
  const file = testFile(path)
  if (file === undefined) return [path]
  if (titles.length === 0) return [`${path} › what?`]
  const there = testTitles(file)
  return titles.filter((title) => !there.some((one) => isNamed(one, title))).map((title) => `${path} › ${title}`)
}

/** A file of tests, or a contract that several of them must pass. */
function testFile(path: string): string | undefined {
  const [folder = '', ...rest] = path.split('/')
  const stem = join(home, FOLDERS[folder] ?? '', ...rest)
  const endings = path.endsWith('Contract') ? ['.ts'] : ['.test.ts', '.test.tsx', '.spec.ts']
  return folder in FOLDERS ? endings.map((ending) => stem + ending).find((file) => existsSync(file)) : undefined
}

function isNamed(test: string, title: string): boolean {
  const words = title.split('…').map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`))
  // a title that leaves everything out would name every test
  return /\p{L}{2}/u.test(title) && new RegExp(`^${words.join('.*')}$`, 's').test(test)
}

const titlesOf = new Map<string, string[]>()

/** The titles of the tests in a file, with those of the blocks around them. A test that is skipped is none. */
function testTitles(file: string): string[] {
  const read = titlesOf.get(file)
  if (read) return read
  const around: string[] = []
  const titles: string[] = []
  new Visitor({
    CallExpression: (call) => {
      const part = partOf(call)
      if (part?.isBlock) around.push(part.title)
      else if (part) titles.push([...around, part.title].join(' '))
    },
    'CallExpression:exit': (call) => {
      if (partOf(call)?.isBlock) around.pop()
    },
  }).visit(parseSync(file, readFileSync(file, 'utf8')).program)
  titlesOf.set(file, titles)
  return titles
}

/** `describe`, `it`, `test` or `test.describe`, each also with `.each(…)`, and what it is called. */
function partOf({ callee, arguments: [first] }: ESTree.CallExpression): { isBlock: boolean; title: string } | undefined {
  const table = callee.type === 'CallExpression' && callee.callee.type === 'MemberExpression' ? callee.callee : undefined
  const isFilledIn = table !== undefined && nameOf(table.property) === 'each'
  const name = nameOf(isFilledIn ? table.object : callee)
  if (!first || !['describe', 'test.describe', 'it', 'test'].includes(name)) return undefined
  const title = wordsOf(first)
  return { isBlock: name.endsWith('describe'), title: isFilledIn ? title.replaceAll(/%[a-z]|\$\w+/g, '…') : title }
}

function nameOf(node: ESTree.Node): string {
  if (node.type === 'MemberExpression') return `${nameOf(node.object)}.${nameOf(node.property)}`
  return node.type === 'Identifier' ? node.name : ''
}

function wordsOf(node: ESTree.Node): string {
  if (node.type === 'TemplateLiteral') return node.quasis.map(({ value }) => value.cooked ?? value.raw).join('…')
  return node.type === 'Literal' && typeof node.value === 'string' ? node.value : '…'
}

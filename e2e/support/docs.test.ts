import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { TIMING as CLIENT_TIMING } from '#client/live/timing.ts'
import { FAULT_NAMES } from '#e2e/chaos/faults.ts'
import * as limits from '#protocol/limits.ts'
import * as presence from '#protocol/presence.ts'
import { TIMING as SERVER_TIMING } from '#server/edge/timing.ts'
import { MUST_REACH } from '#testing/sim/campaign.ts'
import { failureRows, missingIn } from './failureTable.ts'

/* What the documents name is there: files, commands, numbers; and no room of the house is left out. */

const home = resolve(import.meta.dirname, '../..')
const ROOMS = ['src', 'e2e', 'docs', 'public']
const text = (file: string): string => readFileSync(join(home, file), 'utf8')

const PAGES = ['README.md', ...readdirSync(join(home, 'docs')).map((name) => `docs/${name}`)]
const inTree = ROOMS.flatMap((room) => readdirSync(join(home, room), { recursive: true, encoding: 'utf8' }).map((path) => `/${room}/${path}`))
const inRoot = readdirSync(home).map((name) => `/${name}`)
const EVERYTHING = [...inRoot, ...inTree]

/** The words of a page in backticks, outside of blocks of code. */
const marked = (page: string): string[] =>
  [
    ...text(page)
      .replaceAll(/^```[^]*?^```/gm, '')
      .matchAll(/`([^`\n]+)`/g),
  ].map(([, words]) => words!)

const FILE = /^[\w./*{},-]+\.(ts|tsx|js|css|md|html|json|toml)$/
const FOLDER = /^(src|e2e|docs|public)(\/[\w.*-]+)*\/?$/
const isPath = (words: string): boolean => FILE.test(words) || FOLDER.test(words)

/** A path stands for itself or for the end of one, up to its first star or brace. */
function isThere(path: string): boolean {
  const certain = path.replace(/[^/]*[*{].*$/, '').replace(/\/$/, '')
  return certain === '' || EVERYTHING.some((known) => known.endsWith(`/${certain}`))
}

describe.each(PAGES)('%s', (page) => {
  test('names files and folders that are there', () => {
    expect(marked(page).filter((words) => isPath(words) && !isThere(words))).toEqual([])
  })

  test('links to pages that are there', () => {
    const links = [...text(page).matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)].map(([, to]) => to!).filter((to) => !to.includes('://'))
    expect(links.filter((to) => !EVERYTHING.includes(join('/', page, '..', to)))).toEqual([])
  })

  test('names commands that are there', () => {
    const { scripts } = JSON.parse(text('package.json')) as { scripts: Record<string, string> }
    const commands = [...text(page).matchAll(/\bnpm (?:run )?(?:-s )?([\w:]+)/g)].map(([, name]) => name!)
    expect(commands.filter((name) => name !== 'ci' && !(name in scripts))).toEqual([])
  })

  test('gives constants the value they have', () => {
    const numbers: Record<string, unknown> = { ...SERVER_TIMING, ...CLIENT_TIMING, ...limits, ...presence }
    const given = [...text(page).matchAll(/`([A-Z][A-Z_]+)` \(([\d,]+)\)/g)].map(([, name, value]) => [name!, Number(value!.replaceAll(',', ''))])
    expect(given).toEqual(given.map(([name]) => [name, numbers[name!]]))
  })
})

test('a path that is not there is noticed', () => {
  expect(['src/client/lively/engine.ts', 'engines.ts', 'src/elsewhere/'].filter((path) => isPath(path) && !isThere(path))).toHaveLength(3)
})

describe('the table of what can go wrong', () => {
  const rows = failureRows(text('docs/testing.md'), 'Everything that can go wrong')
  const missing = (entry: string) => missingIn(entry, { simulator: MUST_REACH, chaos: FAULT_NAMES })

  test('has every row, in order', () => {
    expect(rows.map(({ number }) => number)).toEqual(Array.from({ length: 105 }, (_, at) => at + 1))
  })

  test('names tests, faults and states that are there', () => {
    expect(rows.flatMap(({ number, entries }) => entries.flatMap(missing).map((what) => `${number}: ${what}`))).toEqual([])
  })

  test('says of what nothing checks why', () => {
    expect(rows.filter(({ entries, open }) => entries.length === 0 && open === '')).toEqual([])
  })

  test.each([
    'e2e/polling',
    'e2e/pollings › where WebSockets are … people talk by polling, …',
    'elsewhere/polling › where WebSockets are … people talk by polling, …',
    'e2e/polling › …',
    'e2e/polling › where WebSockets are refused people talk by polling, …',
    'e2e/polling › people talk by polling, …',
    'e2e/polling › … without a reload … people talk by polling, …',
    'server/socket/hello › listens before it looks: what is committed while it is answered comes as a push',
    'server/socket/hello › hello',
    'simulator',
    'simulator (cut, cuts)',
    'chaos (false offline)',
    'magic (cut)',
  ])('would not take %s', (entry) => {
    expect(missing(entry)).toHaveLength(1)
  })

  test.each([
    'e2e/polling › where WebSockets are … people talk by polling, …',
    'server/socket/hello › hello …',
    'server/storage/storeContract › … as a store messages stores a client id of a sender once',
    'live/line › the line comes back after “…” › the line stays away after it hung up itself',
    'simulator (cut, answered dup)',
  ])('takes %s', (entry) => {
    expect(missing(entry)).toEqual([])
  })
})

test('docs/architecture.md names every room', () => {
  const foldersIn = (path: string): string[] =>
    readdirSync(join(home, path), { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [`${path}/${entry.name}`] : []))
  const rooms = ['src', 'e2e', 'src/client', 'src/server', 'src/testing', 'src/testing/sim'].flatMap(foldersIn)
  const named = new Set(marked('docs/architecture.md').map((words) => words.replace(/\/$/, '')))
  expect(rooms.filter((room) => !named.has(room))).toEqual([])
})

test('docs/protocol.md names every route', () => {
  const sources = readdirSync(join(home, 'src/server/http')).filter((name) => name.endsWith('Routes.ts'))
  const routes = sources.flatMap((name) => {
    const [, ...pieces] = text(`src/server/http/${name}`).split(/'(\/(?:api|health)[^']*)': \{/)
    const methodsIn = (body = '') => [...body.matchAll(/\b(GET|POST|PATCH|DELETE): /g)].map(([, method]) => method!)
    return pieces.flatMap((path, at) => (at % 2 === 0 ? methodsIn(pieces[at + 1]).map((method) => `${method} ${path}`) : []))
  })
  const rows = [...text('docs/protocol.md').matchAll(/^\| (GET|POST|PATCH|DELETE) \| `(\/[^`]+)` \|/gm)].map(
    ([, method, path]) => `${method} ${path}`,
  )
  expect(rows.sort()).toEqual(routes.sort())
})

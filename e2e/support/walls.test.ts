import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

/* Walls that nobody runs into are not known to stand: each is run into here, in a house of its own. */

const RULE_BROKEN: Record<string, { file: string; code: string; rule: string }> = {
  'a step up the tree': { file: 'src/client/routes/A.tsx', code: "export * from '../store/hooks.ts'", rule: 'walls(imports)' },
  'a deeper step down the tree': { file: 'src/client/routes/B.tsx', code: "export * from './chat/Thread.tsx'", rule: 'walls(imports)' },
  'an import without extension': { file: 'src/client/routes/C.tsx', code: "export * from '#client/store/hooks'", rule: 'walls(imports)' },
  'client → server': { file: 'src/client/routes/D.tsx', code: "export * from '#server/config.ts'", rule: 'walls(imports)' },
  'client → server, later': {
    file: 'src/client/routes/E.tsx',
    code: "export const late = () => import('#server/config.ts')",
    rule: 'walls(imports)',
  },
  'client → Node': { file: 'src/client/routes/F.tsx', code: "export * from 'node:fs'", rule: 'walls(imports)' },
  'a screen → socket.io-client': { file: 'src/client/routes/G.tsx', code: "export * from 'socket.io-client'", rule: 'walls(imports)' },
  'a component → socket.io-client': { file: 'src/client/features/messages/A.tsx', code: "export * from 'socket.io-client'", rule: 'walls(imports)' },
  'feature → feature': {
    file: 'src/client/features/messages/B.tsx',
    code: "export * from '#client/features/outbox/outboxSlice.ts'",
    rule: 'walls(imports)',
  },
  'feature → feature, types only': {
    file: 'src/client/features/messages/C.tsx',
    code: "export type { X } from '#client/features/outbox/x.ts'",
    rule: 'walls(imports)',
  },
  'pure rule → React': { file: 'src/client/features/messages/rule1.ts', code: "export * from 'react'", rule: 'walls(imports)' },
  'pure rule → store': { file: 'src/client/features/messages/rule2.ts', code: "export * from '#client/store/hooks.ts'", rule: 'walls(imports)' },
  'pure rule → the live session': {
    file: 'src/client/features/messages/rule3.ts',
    code: "export * from '#client/live/line.ts'",
    rule: 'walls(imports)',
  },
  'pure rule reading the clock': {
    file: 'src/client/features/messages/rule4.ts',
    code: 'export const x = Date.now()',
    rule: 'eslint(no-restricted-properties)',
  },
  'pure rule reading the clock, otherwise': {
    file: 'src/client/features/messages/rule5.ts',
    code: 'export const x = new Date()',
    rule: 'walls(clock)',
  },
  'pure rule throwing dice': {
    file: 'src/client/features/messages/rule6.ts',
    code: 'export const x = Math.random()',
    rule: 'eslint(no-restricted-properties)',
  },
  'pure rule setting a timer': {
    file: 'src/client/features/messages/rule7.ts',
    code: 'setTimeout(() => {}, 1)',
    rule: 'eslint(no-restricted-globals)',
  },
  'pure rule reading the window': {
    file: 'src/client/features/messages/rule8.ts',
    code: 'export const x = window.name',
    rule: 'eslint(no-restricted-globals)',
  },
  'live → React': { file: 'src/client/live/a.ts', code: "export * from 'react'", rule: 'walls(imports)' },
  'live → feature': { file: 'src/client/live/b.ts', code: "export * from '#client/features/outbox/outboxSlice.ts'", rule: 'walls(imports)' },
  'live engine reading the clock': { file: 'src/client/live/c.ts', code: 'export const x = Date.now()', rule: 'eslint(no-restricted-properties)' },
  'store → screens': { file: 'src/client/store/a.ts', code: "export * from '#client/routes/Chat.tsx'", rule: 'walls(imports)' },
  'ui → Redux': { file: 'src/client/ui/A.tsx', code: "export * from 'react-redux'", rule: 'walls(imports)' },
  'ui → feature': { file: 'src/client/ui/B.tsx', code: "export * from '#client/features/outbox/outboxSlice.ts'", rule: 'walls(imports)' },
  'protocol → client': { file: 'src/protocol/a.ts', code: "export * from '#client/live/facts.ts'", rule: 'walls(imports)' },
  'protocol → a library': { file: 'src/protocol/b.ts', code: "export * from 'zod'", rule: 'walls(imports)' },
  'protocol reading the clock': { file: 'src/protocol/c.ts', code: 'export const x = Date.now()', rule: 'eslint(no-restricted-properties)' },
  'server → client': { file: 'src/server/http/a.ts', code: "export * from '#client/live/facts.ts'", rule: 'walls(imports)' },
  'server → React': { file: 'src/server/http/b.ts', code: "export * from 'react'", rule: 'walls(imports)' },
  'domain → socket': { file: 'src/server/domain/a.ts', code: "export * from 'socket.io'", rule: 'walls(imports)' },
  'domain → SQL': { file: 'src/server/domain/b.ts', code: "export * from 'libsql'", rule: 'walls(imports)' },
  'domain → an implementation of the store': {
    file: 'src/server/domain/c.ts',
    code: "export * from '#server/storage/sqliteStore.ts'",
    rule: 'walls(imports)',
  },
  'domain → Node': { file: 'src/server/domain/d.ts', code: "export * from 'node:crypto'", rule: 'walls(imports)' },
  'domain reading the clock': { file: 'src/server/domain/e.ts', code: 'export const x = Date.now()', rule: 'eslint(no-restricted-properties)' },
  'storage → domain': { file: 'src/server/storage/a.ts', code: "export * from '#server/domain/core.ts'", rule: 'walls(imports)' },
  'the app → a test': { file: 'src/client/routes/H.tsx', code: "export * from './Chat.test.tsx'", rule: 'walls(imports)' },
  'the app → test support': { file: 'src/server/socket/a.ts', code: "export * from '#testing/simulator.ts'", rule: 'walls(imports)' },
  'the app → test support of its half': { file: 'src/server/socket/b.ts', code: "export * from '#server/testing/dial.ts'", rule: 'walls(imports)' },
  'chaos → the code under test': { file: 'e2e/chaos/a.ts', code: "export * from '#protocol/ids.ts'", rule: 'walls(imports)' },
}

const RULE_KEPT: Record<string, { file: string; code: string }> = {
  'a screen uses all of the client': {
    file: 'src/client/routes/Ok.tsx',
    code: "export * from '#client/features/outbox/outboxSlice.ts'\nexport * from './Chat.tsx'",
  },
  'a component uses store, ui and facts': {
    file: 'src/client/features/messages/Ok.tsx',
    code: "export * from '#client/store/hooks.ts'\nexport * from '#client/ui/Button.tsx'\nexport * from '#client/live/facts.ts'\nexport * from 'react'",
  },
  'a hook reads the clock': { file: 'src/client/features/messages/useOk.ts', code: 'export const useOk = () => Date.now()' },
  'a pure rule is given the time': {
    file: 'src/client/features/messages/ok.ts',
    code: "export * from '#protocol/ids.ts'\nexport const x = (now: number) => new Date(now)",
  },
  'the edge of live meets the browser': { file: 'src/client/live/browserClock.ts', code: 'export const now = () => Date.now()' },
  'live speaks Socket.IO': { file: 'src/client/live/ok.ts', code: "export * from 'socket.io-client'\nexport * from './facts.ts'" },
  'protocol uses zod/mini': { file: 'src/protocol/ok.ts', code: "export * from 'zod/mini'\nexport * from './ids.ts'" },
  'domain asks the Store': { file: 'src/server/domain/ok.ts', code: "export * from '#server/storage/store.ts'\nexport * from '#protocol/ids.ts'" },
  'storage uses its driver': { file: 'src/server/storage/ok.ts', code: "export * from 'libsql'\nexport * from 'node:path'" },
  'the server joins its parts': { file: 'src/server/socket/ok.ts', code: "export * from '#server/domain/core.ts'\nexport * from 'socket.io'" },
  'a test is free': {
    file: 'src/client/features/messages/ok.test.ts',
    code: "export * from '#testing/simulator.ts'\nexport * from 'node:fs'\nexport const x = Date.now()",
  },
  'specs use the app’s words': { file: 'e2e/specs/ok.ts', code: "export * from '#protocol/ids.ts'\nexport * from '#e2e/support/line.ts'" },
  'chaos uses the support': { file: 'e2e/chaos/ok.ts', code: "export * from '#e2e/support/line.ts'\nexport * from 'socket.io-client'" },
}

const home = resolve(import.meta.dirname, '../..')
let house = ''
let broken: { filename: string; code: string }[] = []

beforeAll(async () => {
  house = await mkdtemp(join(tmpdir(), 'tidemark-walls-'))
  const config = JSON.parse(await readFile(join(home, '.oxlintrc.json'), 'utf8')) as { options: { typeAware: boolean } }
  config.options.typeAware = false
  await mkdir(join(house, 'e2e/support'), { recursive: true })
  await Promise.all([
    writeFile(join(house, '.oxlintrc.json'), JSON.stringify(config)),
    cp(join(home, 'e2e/support/walls.js'), join(house, 'e2e/support/walls.js')),
    cp(join(home, 'package.json'), join(house, 'package.json')),
    ...[...Object.values(RULE_BROKEN), ...Object.values(RULE_KEPT)].map(async ({ file, code }) => {
      await mkdir(join(house, dirname(file)), { recursive: true })
      await writeFile(join(house, file), `${code}\n`)
    }),
  ])
  const output = await new Promise<string>((done) => {
    execFile(process.execPath, [join(home, 'node_modules/oxlint/bin/oxlint'), '--format', 'json'], { cwd: house }, (_, stdout) => done(stdout))
  })
  broken = (JSON.parse(output) as { diagnostics: typeof broken }).diagnostics
}, 30_000)

afterAll(() => rm(house, { recursive: true, force: true }))

const brokenIn = (file: string) => broken.filter(({ filename }) => filename === file).map(({ code }) => code)

describe('lint refuses', () => {
  test.each(Object.entries(RULE_BROKEN))('%s', (_, { file, rule }) => {
    expect(brokenIn(file)).toContain(rule)
  })
})

describe('lint lets pass:', () => {
  test.each(Object.entries(RULE_KEPT))('%s', (_, { file }) => {
    expect(brokenIn(file)).toEqual([])
  })
})

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { emptyTally } from './campaign.ts'
import { openKept, type CampaignParts } from './keep.ts'

let folder: string
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'campaign-'))))
afterEach(() => rmSync(folder, { recursive: true }))

const parts = (more: Partial<CampaignParts> = {}): CampaignParts => {
  const worker = join(folder, 'worker.mjs')
  writeFileSync(worker, 'this code')
  return { seeds: 10, from: 1, worker, ...more }
}
const tally = { ...emptyTally(), seeds: 4, messages: 9, failed: [{ seed: 3, broken: ['I1' as const], first: 'lost' }] }
const file = () => join(folder, 'campaign.json')
const keptOnce = () => {
  const kept = openKept(file(), parts())
  if ('keep' in kept) kept.keep(tally, 60)
}

const refusal = (kept: ReturnType<typeof openKept>) => ('refusal' in kept ? kept.refusal : undefined)

it('goes on with what was kept, failures among it', () => {
  keptOnce()
  expect(openKept(file(), parts())).toMatchObject({ tally, seconds: 60 })
})

it('begins anew where nothing was kept', () => {
  expect(openKept(file(), parts())).toMatchObject({ tally: emptyTally(), seconds: 0 })
  expect(openKept(undefined, parts())).toMatchObject({ tally: emptyTally(), seconds: 0 })
})

it.each([
  ['another range of seeds', () => parts({ seeds: 11 }), 'holds the campaign --seeds 10 --from 1'],
  ['another first seed', () => parts({ from: 2 }), 'holds the campaign --seeds 10 --from 1'],
  [
    'other code',
    () => {
      const worker = join(folder, 'other.mjs')
      writeFileSync(worker, 'other code')
      return { ...parts(), worker }
    },
    'was played by other code',
  ],
])('adds nothing to the campaign of %s', (_, asked, sentence) => {
  keptOnce()
  const before = readFileSync(file(), 'utf8')
  expect(refusal(openKept(file(), asked()))).toContain(sentence)
  expect(readFileSync(file(), 'utf8')).toBe(before)
})

it.each(['', 'null', '{"seeds":1}', 'a letter'])('leaves a file that holds no campaign as it is: %j', (text) => {
  writeFileSync(file(), text)
  expect(refusal(openKept(file(), parts()))).toContain('holds no campaign')
  expect(readFileSync(file(), 'utf8')).toBe(text)
})

it('says before it plays hours of seeds that the file cannot be written', () => {
  expect(refusal(openKept(join(folder, 'none', 'campaign.json'), parts()))).toContain("can't be written")
})

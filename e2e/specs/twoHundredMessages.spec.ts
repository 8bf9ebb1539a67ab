import { expect, test } from '#e2e/support/fixtures.ts'
import type { Person, SeenMessage } from '#e2e/support/person.ts'

const EACH = 100
const CUT_EVERY = 10
const KILLED_AFTER = [50, 100, 150]

/**
 * Every row a person can reach, by scrolling up from the newest to the first: the list holds a stretch of the conversation at a time.
 * Each stretch must be gapless and in order, and a row seen twice must say the same.
 */
async function readsUpToTheFirst(person: Person): Promise<SeenMessage[]> {
  const read = new Map<number, SeenMessage>()
  await person.list.hover()
  await expect
    .poll(
      async () => {
        const rows = await person.messages()
        const first = rows[0]?.seq ?? 0
        expect(rows.map(({ seq }) => seq)).toEqual(rows.map((_, i) => first + i))
        for (const row of rows) {
          const before = read.get(row.seq ?? 0)
          if (before) expect({ text: row.text, id: row.id }).toEqual({ text: before.text, id: before.id })
          else read.set(row.seq ?? 0, row)
        }
        await person.page.mouse.wheel(0, -20_000)
        return read.has(1)
      },
      { message: `${person.name} reads up to the first message`, intervals: [100] },
    )
    .toBe(true)
  return [...read.values()].sort((a, b) => (a.seq ?? 0) - (b.seq ?? 0))
}

/** Live again, by pressing Retry now whenever it is offered: after so many cuts the waits in between have grown long. */
async function comesBack({ name, page, banner }: Person) {
  await expect
    .poll(
      async () => {
        const connection = await page.locator('html').getAttribute('data-connection')
        if (connection !== 'live') {
          await banner
            .getByRole('button', { name: 'Retry now' })
            .click({ timeout: 100 })
            .catch(() => {})
        }
        return connection
      },
      { message: `${name} is live again`, intervals: [200] },
    )
    .toBe('live')
}

/** Cuts what there is to cut: right now, or the next connection there is. */
async function cutLine({ line }: Person) {
  const before = line.counters.resets
  await expect
    .poll(
      () => {
        line.cut()
        return line.counters.resets
      },
      { intervals: [20] },
    )
    .toBeGreaterThan(before)
}

test('two people write two hundred messages while the line is cut twenty times and the server killed three times: both have the same, once, in order', async ({
  ann,
  bob,
  server,
}) => {
  let [written, cuts] = [0, 0]
  let restarted: Promise<void> = Promise.resolve()
  const restart = async () => {
    await server.kill9()
    await server.start()
  }

  const writesAll = async (person: Person) => {
    for (let n = 1; n <= EACH; n++) {
      const cutsNow = n % CUT_EVERY === 0
      // what is cut works, unless the server goes away that moment
      if (cutsNow) await comesBack(person)
      await person.composer.fill(`${person.name} ${n}`)
      await person.composer.press('Enter')
      if (cutsNow) {
        await cutLine(person)
        cuts++
      }
      if (KILLED_AFTER.includes(++written)) restarted = restarted.then(restart)
    }
  }
  await Promise.all([writesAll(ann), writesAll(bob)])
  await restarted
  expect(cuts).toBe(20)

  for (const person of [ann, bob]) await comesBack(person)
  for (const person of [ann, bob]) await person.isUpToDate()
  // the newest row of both is the newest there is
  for (const person of [ann, bob]) await expect.poll(async () => (await person.messages()).at(-1)?.seq).toBe(2 * EACH)

  const anns = await readsUpToTheFirst(ann)
  const bobs = await readsUpToTheFirst(bob)
  expect(anns.map(({ seq }) => seq)).toEqual(Array.from({ length: 2 * EACH }, (_, i) => i + 1))
  expect(bobs.map(({ seq, id, text }) => ({ seq, id, text }))).toEqual(anns.map(({ seq, id, text }) => ({ seq, id, text })))
  for (const { name } of [ann, bob]) {
    const own = anns.filter(({ text }) => text.startsWith(name)).map(({ text }) => text)
    expect(own).toEqual(Array.from({ length: EACH }, (_, i) => `${name} ${i + 1}`))
  }
})

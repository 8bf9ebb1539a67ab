import { fillsTheLobby } from '#e2e/support/fillsTheLobby.ts'
import { expect, test } from '#e2e/support/fixtures.ts'
import type { Person } from '#e2e/support/person.ts'

/*
 * The ten ways in which a list of messages can jump under its reader. Each is looked at in every frame that is drawn, and what the reader's message
 * moved beyond what they did themselves is the figure; it stands in the report, and in the output.
 */

test.use({ settings: { LIMIT_MESSAGES: '1000/1000' } })

/** More than this is a jump. */
const STILL_PX = 1

/** How far the reader's message moved, in px: at worst in any frame, and in the end. `by`: what they scrolled themselves. */
type Movement = { worst: number; end: number; frames: number }

/**
 * Looks at every frame until the returned function is called. Without `text` the end of the list is the place: how far it is from the lower edge. With
 * it that message: how far it is from where it stood, not counting what `scrolled` says.
 */
async function watches(person: Person, text?: string): Promise<() => Promise<Movement>> {
  await person.list.evaluate((list, wanted) => {
    const rows = () => [...list.querySelectorAll<HTMLElement>('[data-testid="message"]')]
    const place = (): number | undefined => {
      if (wanted === undefined) {
        const last = rows().at(-1)
        return last && -list.scrollTop
      }
      return rows()
        .find((row) => row.querySelector('[data-testid="message-text"]')?.textContent === wanted)
        ?.getBoundingClientRect().top
    }
    const from = wanted === undefined ? 0 : place()
    const seen = Object.assign(window, { movement: { worst: 0, end: 0, frames: 0 }, isWatching: true })
    const look = () => {
      const now = place()
      const moved = now === undefined || from === undefined ? Infinity : Math.abs(now - from)
      seen.movement = { worst: Math.max(seen.movement.worst, moved), end: moved, frames: seen.movement.frames + 1 }
      if (seen.isWatching) requestAnimationFrame(look)
    }
    requestAnimationFrame(look)
  }, text)
  return () =>
    person.page.evaluate(async () => {
      const seen = window as unknown as { movement: Movement; isWatching: boolean }
      // what is done by now is drawn in the next frame at the latest; what it leads to, in those after it
      const enough = seen.movement.frames + 3
      while (seen.movement.frames < enough) await new Promise((resolve) => requestAnimationFrame(resolve))
      seen.isWatching = false
      return seen.movement
    })
}

const isStill = (what: string, { worst, end, frames }: Movement): void => {
  test.info().annotations.push({
    type: 'movement',
    description: `${what}: ${worst.toFixed(2)} px at worst, ${end.toFixed(2)} px in the end, ${frames} frames`,
  })
  expect(frames, `frames looked at: ${what}`).toBeGreaterThan(2)
  expect(worst, what).toBeLessThanOrEqual(STILL_PX)
}

/** Somewhere in the middle, with nothing going on, and what one reads there. */
async function readsFurtherUp(person: Person, px = 1_500): Promise<string> {
  await person.list.hover()
  const before = await person.list.evaluate((list) => list.scrollTop)
  await person.page.mouse.wheel(0, -px)
  await expect.poll(() => person.list.evaluate((list) => list.scrollTop)).toBe(before - px)
  return middleOf(person)
}

/** What is read in the middle of the screen. */
const middleOf = (person: Person): Promise<string> =>
  person.list.evaluate((list) => {
    const { top, bottom } = list.getBoundingClientRect()
    const inSight = [...list.querySelectorAll('[data-testid="message"]')].find((row) => {
      const at = row.getBoundingClientRect()
      return at.top > top + (bottom - top) / 3
    })
    return inSight!.querySelector('[data-testid="message-text"]')!.textContent
  })

const rowsOf = (person: Person) => person.page.getByTestId('message').count()

test.beforeEach(async ({ ann, server }) => {
  await ann.page.setViewportSize({ width: 1180, height: 700 })
  await fillsTheLobby(server.url)
  await ann.sees('filler 199')
  await ann.isUpToDate()
})

test('what is opened stands at its end in the first frame', async ({ ann }) => {
  await ann.makesGroup('Elsewhere')
  await ann.page.evaluate(() => {
    const seen = Object.assign(window, { distances: [] as number[] })
    const look = () => {
      const list = document.querySelector('[role="log"][aria-label="Messages with Lobby"]')
      if (list?.querySelector('[data-testid="message"]')) seen.distances.push(-list.scrollTop)
      if (seen.distances.length < 30) requestAnimationFrame(look)
    }
    requestAnimationFrame(look)
  })
  await ann.opensConversation('Lobby')
  await expect.poll(() => ann.page.evaluate(() => (window as unknown as { distances: number[] }).distances.length)).toBe(30)
  const distances = await ann.page.evaluate(() => (window as unknown as { distances: number[] }).distances)
  isStill('the first frame at the end', { worst: Math.max(...distances), end: distances.at(-1)!, frames: distances.length })
})

test('who reads further up stays there while others write and what is above grows', async ({ ann, bob }) => {
  const text = await readsFurtherUp(ann)
  let ends = await watches(ann, text)
  for (const n of [1, 2, 3]) await bob.writes(`new ${n}`)
  await ann.sees('new 3')
  isStill('three messages are appended', await ends())

  // what stands above what is read, and is in the document
  const [above] = await ann.messages()
  ends = await watches(ann, text)
  await ann.list.evaluate((list, id) => {
    const row = list.querySelector(`[data-message-id="${id}"]`)!.closest('li')!
    Object.assign((row as HTMLElement).style, { paddingBlockEnd: '240px' })
  }, above!.id)
  isStill('a row above grows by 240 px', await ends())
})

test('who waits for older messages where they end stays there when they come', async ({ newPerson }) => {
  const cy = await newPerson('Cy')
  await cy.continuesAsGuest()
  await cy.sees('filler 199')
  await cy.isUpToDate()
  cy.line.freeze('down')
  await cy.list.hover()
  const first = () => cy.page.getByTestId('message').first().getAttribute('data-seq')
  await expect
    .poll(async () => {
      const before = await first()
      await cy.page.mouse.wheel(0, -20_000)
      return (await first()) === before && (await cy.list.evaluate((list) => list.scrollHeight - list.clientHeight + list.scrollTop))
    })
    .toBe(0)
  const [before, text] = [await rowsOf(cy), await middleOf(cy)]
  const ends = await watches(cy, text)
  cy.line.pass()
  await expect.poll(() => rowsOf(cy)).toBeGreaterThan(before)
  isStill('older ones are prepended', await ends())
})

test('who is at the end stays there while messages come and grow, the screen shrinks, and their own is confirmed', async ({ ann, bob }) => {
  const grown = 'a good deal longer '.repeat(40).trim()
  let ends = await watches(ann)
  await bob.writes('the last one')
  await ann.sees('the last one')
  isStill('one is appended at the end', await ends())

  ends = await watches(ann)
  await bob.changes('the last one', grown)
  await ann.sees(grown)
  isStill('the last one grows', await ends())

  ends = await watches(ann)
  await ann.page.setViewportSize({ width: 1180, height: 560 })
  isStill('the screen shrinks by 140 px', await ends())

  await ann.goesOffline()
  await ann.writes('mine')
  await ann.sees('mine', 'queued')
  const row = await ann.row('mine').elementHandle()
  ends = await watches(ann, 'mine')
  await ann.comesOnline()
  await ann.sees('mine', 'sent')
  isStill('an own one is confirmed', await ends())
  expect(await ann.row('mine').evaluate((now, before) => now === before, row), 'it is the same element').toBe(true)
})

test('who scrolls up moves as far as they scroll, while older ones come and newer ones go', async ({ server, newPerson }) => {
  await fillsTheLobby(server.url)
  const cy = await newPerson('Cy')
  await cy.continuesAsGuest()
  await cy.sees('filler 199')
  await cy.isUpToDate()
  cy.line.delay(60)
  const movement = { worst: 0, end: 0, frames: 0 }
  const [stepPx, framesOfStep] = [300, 12]
  const newest = cy.list.locator('[data-seq="400"]')
  await expect(newest).toBeAttached()
  while (await newest.count()) {
    const tops = await cy.list.evaluate(
      async (list, [step, frames]) => {
        const top = list.getBoundingClientRect().top
        const row = [...list.querySelectorAll('[data-testid="message"]')].find((one) => one.getBoundingClientRect().top > top + 40)!
        const from = row.getBoundingClientRect().top
        list.scrollBy(0, -step)
        const moved: number[] = []
        for (let n = 0; n < frames; n++) {
          await new Promise((resolve) => requestAnimationFrame(resolve))
          moved.push(row.isConnected ? row.getBoundingClientRect().top - from - step : Infinity)
        }
        return moved.map(Math.abs)
      },
      [stepPx, framesOfStep] as const,
    )
    movement.frames += tops.length
    movement.worst = Math.max(movement.worst, ...tops)
    movement.end = tops.at(-1)!
  }
  isStill('scrolling up while older ones are prepended and newer ones taken out', movement)
  expect(await rowsOf(cy)).toBeLessThanOrEqual(200)
  expect(movement.frames / framesOfStep, 'steps of 300 px').toBeGreaterThan(10)
})

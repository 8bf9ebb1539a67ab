import { expect, test } from '#e2e/support/fixtures.ts'
import { msOf, takesLessThan } from '#e2e/support/stopwatch.ts'

const isAck = (text: string) => /^43\d*\[\{"ok":true,"results"/.test(text)
const isLogEvent = (text: string) => text.startsWith('42["log:events"')

test('an answer that got lost leaves one row, sent', async ({ ann, bob }) => {
  const lost = ann.line.dropFrames('down', isAck)
  await ann.writes('once')
  await lost
  await ann.sees('once', 'sent')
  await bob.sees('once')
  expect((await bob.messages()).length).toBe(1)
})

test('an answer and its echo that both got lost leave one row, sent after the same message was sent again', async ({ ann, bob }) => {
  const lost = Promise.all([ann.line.dropFrames('down', isAck), ann.line.dropFrames('down', isLogEvent)])
  await ann.writes('once')
  await lost
  ann.line.cut()
  await ann.sees('once', 'sent')
  await bob.sees('once')
  await ann.writes('next')
  await bob.seesInOrder(['once', 'next'])
  expect((await bob.messages()).map(({ seq }) => seq)).toEqual([1, 2])
})

test('a message whose request got lost on a line that looks alive still arrives', async ({ ann, bob }) => {
  const lost = ann.line.dropFrames('up', (text) => text.includes('"message:send"'))
  await ann.writes('again')
  await lost
  await bob.sees('again')
  await ann.sees('again', 'sent')
})

test('a broadcast that got lost is noticed and fetched', async ({ ann, bob }) => {
  const lost = bob.line.dropFrames('down', isLogEvent)
  await ann.writes('unheard')
  await lost
  await ann.writes('heard')
  // as a gap, at once; the exchange of heads would find it after 24 s at the earliest
  expect(await msOf(bob.seesInOrder(['unheard', 'heard']))).toBeLessThan(20_000)
})

test('a half-open line is noticed soon after writing, not at the next heartbeat, and the message arrives once', async ({ ann, bob }) => {
  const texts: string[] = []
  // by design within 2.9 s; heartbeats would take 10 to 20
  await takesLessThan(6_000, async () => {
    const text = `anybody there? ${texts.length}`
    texts.push(text)
    ann.line.freeze()
    await ann.writes(text)
    const took = await msOf(expect(ann.page.locator('html')).not.toHaveAttribute('data-connection', 'live'))
    ann.line.pass()
    await bob.sees(text)
    await ann.sees(text, 'sent')
    return took
  })
  await bob.seesInOrder(texts)
  expect((await bob.messages()).length).toBe(texts.length)
})

test('a line that is cut again and again delivers all, once, in order', async ({ ann, bob }) => {
  const texts = Array.from({ length: 15 }, (_, i) => `through the cuts ${i}`)
  for (const [i, text] of texts.entries()) {
    await ann.writes(text)
    if (i % 3 === 0) ann.line.cut()
    if (i % 4 === 0) bob.line.cut()
  }
  await bob.seesInOrder(texts)
  await ann.seesInOrder(texts)
  for (const text of texts) await ann.sees(text, 'sent')
})

test('where WebSockets are refused, people talk by polling', async ({ newPerson, bob }) => {
  const ann = await newPerson('Ann')
  ann.line.refuseUpgrades()
  await ann.continuesAsGuest()
  await ann.writes('by polling')
  await bob.sees('by polling')
  await bob.writes('and back')
  await ann.sees('and back')
})

test('a slow line is not a dead line', async ({ ann, bob }) => {
  ann.line.delay(200, 50)
  ann.line.bandwidth(6_000)
  await ann.writes('x'.repeat(3_500))
  await bob.sees('x'.repeat(3_500))
  await ann.connectionIs('live')
  await ann.writes('short')
  await bob.sees('short')
})

test('nothing is sent to a server that can’t be reached, and Retry now reaches it when it is back', async ({ ann, bob }) => {
  ann.line.refuse()
  await ann.connectionIs('reconnecting')
  await ann.writes('patience')
  await ann.sees('patience', 'queued')
  await expect(ann.banner).toBeVisible()
  await takesLessThan(5_000, async () => {
    ann.line.refuse()
    await ann.connectionIs('reconnecting')
    await ann.retriesNowThat(() => ann.line.pass())
    return msOf(ann.connectionIs('live'))
  })
  await bob.sees('patience')
})

test('answers and echoes get lost on six connections in a row: the message is never called failed, and arrives once', async ({ ann, bob }) => {
  await ann.page.evaluate(() => {
    const seen = new Set<string>()
    new MutationObserver(() => {
      for (const row of document.querySelectorAll('[data-testid="message"]')) seen.add(row.getAttribute('data-status') ?? '')
    }).observe(document.body, { attributes: true, childList: true, subtree: true })
    Object.assign(window, { seen })
  })
  let lostOnThisConnection = 0
  // as an answer, as an event, and as what catching up brings
  void ann.line.dropFrames(
    'down',
    (text) => {
      const isOfThisMessage = text.includes('"stubborn"') || isAck(text)
      lostOnThisConnection += Number(isOfThisMessage)
      return isOfThisMessage
    },
    Infinity,
  )
  await ann.writes('stubborn')
  for (let connection = 1; connection <= 6; connection++) {
    // of each its own: a WebSocket that is cut while it is dialled is followed by polling, whose answers get through
    await expect.poll(() => lostOnThisConnection).toBeGreaterThan(0)
    ann.line.cut()
    lostOnThisConnection = 0
    await ann.connectionIs('reconnecting')
    // the back-off would grow to 10 s
    await ann.page.evaluate(() => window.dispatchEvent(new Event('online')))
  }
  ann.line.pass()
  ann.line.cut()
  await ann.sees('stubborn', 'sent')
  await bob.sees('stubborn')
  expect((await bob.messages()).length).toBe(1)
  const seen = await ann.page.evaluate(() => [...(window as unknown as { seen: Set<string> }).seen])
  expect(seen).toContain('sending')
  expect(seen).not.toContain('failed')
})

import { expect, test } from '#e2e/support/fixtures.ts'

test('a clock two hours ahead changes neither order nor times', async ({ newPerson, bob }) => {
  const ann = await newPerson('Ann')
  await ann.page.clock.install({ time: Date.now() + 2 * 3_600_000 })
  await ann.page.clock.resume()
  await ann.continuesAsGuest()
  const texts = ['Bob 1', 'Ann 1', 'Bob 2', 'Ann 2']
  for (const text of texts) {
    const writer = text.startsWith('Ann') ? ann : bob
    await writer.writes(text)
    await ann.sees(text)
    await bob.sees(text)
  }
  await ann.sees('Ann 2', 'sent')
  const times = (person: typeof ann) =>
    person.page.getByTestId('message').evaluateAll((rows) => rows.map((row) => row.querySelector('time')?.getAttribute('datetime') ?? ''))
  for (const person of [ann, bob]) {
    expect((await person.messages()).map(({ text }) => text)).toEqual(texts)
    for (const time of await times(person)) expect(Math.abs(Date.parse(time) - Date.now())).toBeLessThan(60_000)
  }
  expect(await times(ann)).toEqual(await times(bob))
})

test('what a clock two hours ahead wrote offline shows the server’s time before it is sent, and stands in order after', async ({
  newPerson,
  bob,
}) => {
  const ann = await newPerson('Ann')
  await ann.page.clock.install({ time: Date.now() + 2 * 3_600_000 })
  await ann.page.clock.resume()
  await ann.continuesAsGuest()
  await ann.goesOffline()
  await ann.writes('from the future')
  await ann.sees('from the future', 'queued')
  const shown = await ann.row('from the future').locator('time').getAttribute('datetime')
  expect(Math.abs(Date.parse(shown ?? '') - Date.now())).toBeLessThan(60_000)
  await bob.writes('meanwhile')
  await bob.sees('meanwhile', 'sent')
  await ann.comesOnline()
  await ann.sees('from the future', 'sent')
  await ann.seesInOrder(['meanwhile', 'from the future'])
  await bob.seesInOrder(['meanwhile', 'from the future'])
})

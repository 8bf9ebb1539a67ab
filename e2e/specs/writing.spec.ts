import { expect, test } from '#e2e/support/fixtures.ts'

test('Enter while an input method composes belongs to it; the next Enter sends', async ({ ann, bob }) => {
  await ann.composer.click()
  const cdp = await ann.page.context().newCDPSession(ann.page)
  const enter = async (windowsVirtualKeyCode: number) => {
    await cdp.send('Input.dispatchKeyEvent', { type: 'rawKeyDown', key: 'Enter', code: 'Enter', windowsVirtualKeyCode })
    await cdp.send('Input.dispatchKeyEvent', { type: 'keyUp', key: 'Enter', code: 'Enter', windowsVirtualKeyCode })
  }
  await cdp.send('Input.imeSetComposition', { text: 'にほん', selectionStart: 3, selectionEnd: 3 })
  await enter(13)
  await enter(229) // as some systems say it
  await expect(ann.composer).toHaveValue('にほん')
  await expect(ann.page.getByTestId('message')).toHaveCount(0)

  await cdp.send('Input.insertText', { text: '日本' })
  await expect(ann.composer).toHaveValue('日本')
  await ann.composer.press('Enter')
  await bob.sees('日本')
  await expect(ann.composer).toHaveValue('')
})

test('Shift+Enter breaks the line, blanks alone send nothing', async ({ ann, bob }) => {
  await ann.composer.fill('   ')
  await ann.composer.press('Shift+Enter')
  await ann.composer.press('Enter')
  await expect(ann.page.getByTestId('message')).toHaveCount(0)
  await ann.composer.fill('one')
  await ann.composer.press('Shift+Enter')
  await ann.composer.pressSequentially('two')
  await ann.composer.press('Enter')
  await expect(bob.page.getByTestId('message-text')).toHaveText('one\ntwo', { useInnerText: false })
})

test('more than fits is not sent and not cut, and says so', async ({ ann }) => {
  const long = 'x'.repeat(4_001)
  await ann.composer.fill(long)
  await ann.composer.press('Enter')
  await expect(ann.composer).toHaveValue(long)
  await expect(ann.page.getByRole('form', { name: 'Write a message' })).toContainText(/long|too much|shorten/i)
  await expect(ann.page.getByTestId('message')).toHaveCount(0)
})

test('rows are there at once while the server is frozen, and are the same elements when they are stored', async ({ ann, bob }) => {
  ann.line.freeze()
  const texts = ['quick 0', 'quick 1', 'quick 2', 'quick 3', 'quick 4']
  const tookMs = await ann.page.evaluate(async (all) => {
    const box = document.querySelector('textarea')
    if (!box) throw new Error('no composer')
    const type = Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, 'value')?.set
    const rows = () => [...document.querySelectorAll('[data-testid="message"]')]
    const took: number[] = []
    for (const text of all) {
      type?.call(box, text)
      box.dispatchEvent(new Event('input', { bubbles: true }))
      await new Promise(requestAnimationFrame)
      const start = performance.now()
      const shown = new Promise<void>((resolve) => {
        new MutationObserver((_, observer) => {
          if (!rows().some((row) => row.textContent.includes(text))) return
          observer.disconnect()
          resolve()
        }).observe(document.body, { childList: true, subtree: true })
      })
      box.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true }))
      await shown
      took.push(performance.now() - start)
    }
    Object.assign(window, { elements: rows() })
    return took
  }, texts)
  // the fastest of five: what a busy machine adds is none of the app's doing
  expect(Math.min(...tookMs)).toBeLessThan(50)
  ann.line.pass()
  for (const text of texts) await ann.sees(text, 'sent')
  await bob.seesInOrder(texts)
  const same = await ann.page.getByTestId('message').evaluateAll((rows) => {
    const { elements } = window as unknown as { elements: Element[] }
    return rows.map((row, i) => row === elements[i] && row.hasAttribute('data-message-id'))
  })
  expect(same).toEqual(texts.map(() => true))
})

test('two hundred messages written at once all arrive, once, in order', async ({ ann, bob }) => {
  const texts = Array.from({ length: 200 }, (_, i) => `burst ${i}`)
  await ann.page.evaluate(async (all) => {
    const box = document.querySelector('textarea')
    if (!box) throw new Error('no composer')
    const set = Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, 'value')?.set
    for (const text of all) {
      set?.call(box, text)
      box.dispatchEvent(new Event('input', { bubbles: true }))
      box.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true }))
    }
  }, texts)
  await expect(ann.list, 'the rows say why they wait').toContainText('Queued, waiting a moment: that was a lot at once')
  await ann.sees('burst 199', 'sent')
  await bob.sees('burst 199')
  // numbered without a hole from 1: none lost, none twice, none overtaken
  for (const person of [ann, bob]) {
    const rows = await person.messages()
    expect(rows.length).toBeGreaterThan(20)
    expect(rows.map(({ text, seq }) => [text, seq])).toEqual(rows.map((_, i) => 200 - rows.length + i).map((n) => [`burst ${n}`, n + 1]))
  }
})

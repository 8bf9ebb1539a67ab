import type { Page } from '@playwright/test'

/** What a page learns when its tab goes to the background or comes back; a headless browser keeps every tab in front. */
export async function turns(page: Page, state: 'hidden' | 'visible') {
  await page.evaluate((to) => {
    Object.defineProperty(document, 'visibilityState', { value: to, configurable: true })
    Object.defineProperty(document, 'hidden', { value: to === 'hidden', configurable: true })
    Object.defineProperty(document, 'hasFocus', { value: () => to === 'visible', configurable: true })
    document.dispatchEvent(new Event('visibilitychange'))
    window.dispatchEvent(new Event(to === 'visible' ? 'focus' : 'blur'))
  }, state)
}

import type { Page } from '@playwright/test'

/** A page whose process stands still. */
export type Frozen = { wake: () => void }

/**
 * Stops the process that runs this page with SIGSTOP, as an operating system that suspends it does: no timer, no frame, no word.
 * Nothing can be asked of the page until it wakes.
 */
export const stopProcess = (pid: number): Frozen => {
  process.kill(pid, 'SIGSTOP')
  return { wake: () => process.kill(pid, 'SIGCONT') }
}

/** The process this page is in; only a trace says so. Waits for ever while any process of the browser stands still. */
export async function processOf(page: Page): Promise<number> {
  const devtools = await page.context().newCDPSession(page)
  const { frameTree } = await devtools.send('Page.getFrameTree')
  await devtools.detach()
  const browser = page.context().browser()
  if (!browser) throw new Error('The browser of the page is gone.')
  await browser.startTracing(page, { categories: ['disabled-by-default-devtools.timeline'] })
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString()) as { traceEvents: { name: string; args: TraceStart }[] }
  for (const { name, args } of traceEvents) {
    if (name !== 'TracingStartedInBrowser') continue
    for (const { frame, processId } of args.data?.frames ?? []) if (frame === frameTree.frame.id) return processId
  }
  throw new Error('The trace does not say which process the page is in.')
}

type TraceStart = { data?: { frames?: { frame: string; processId: number }[] } }

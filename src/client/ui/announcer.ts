/** How long words stay in the live region: screen readers may queue them behind the echo of typing. */
import { plural } from '#client/words/t.ts'
const STAYS_MS = 7_000
/** Messages that arrive faster than this are counted instead of read out. */
const MESSAGES_EVERY_MS = 1_000
const MESSAGE_MAX_CHARS = 200

export type Announcer = {
  /** Read when the reader is idle. */
  say: (text: string) => void
  /** Interrupts. Only for what the person must act on. */
  alert: (text: string) => void
  /** About somebody's message: the first is read out, a burst becomes "3 new messages". */
  message: (words: string) => void
  /** Takes back what was said and what was about to be: it was for somebody who has left. */
  clear: () => void
}

/**
 * The one voice of the page. The message list itself is not live, because a live transcript is read again whenever a row changes.
 * Every text is a new node, since some readers notice nothing else, and a repeated text differs by an invisible character.
 */
export function createAnnouncer(regions: () => { polite: Element | null; assertive: Element | null }): Announcer {
  let last = ''
  let waiting: string[] = []
  let windowOpen = false

  function speak(region: Element | null, text: string) {
    if (!region) return
    const words = text === last ? `${text}\u200B` : text
    last = words
    const node = document.createElement('p')
    node.textContent = words
    region.append(node)
    setTimeout(() => node.remove(), STAYS_MS)
  }

  function openWindow() {
    windowOpen = true
    setTimeout(() => {
      windowOpen = false
      const [first] = waiting
      if (first === undefined) return
      speak(regions().polite, waiting.length === 1 ? first : plural(waiting.length, '1 new message', '{n} new messages'))
      waiting = []
      openWindow()
    }, MESSAGES_EVERY_MS)
  }

  return {
    say: (text) => speak(regions().polite, text),
    alert: (text) => speak(regions().assertive, text),
    message: (text) => {
      const words = text.length > MESSAGE_MAX_CHARS ? `${text.slice(0, MESSAGE_MAX_CHARS)}…` : text
      if (windowOpen) waiting.push(words)
      else {
        speak(regions().polite, words)
        openWindow()
      }
    },
    clear: () => {
      waiting = []
      const { polite, assertive } = regions()
      polite?.replaceChildren()
      assertive?.replaceChildren()
    },
  }
}

/** Speaks through the two live regions that `index.html` carries from the start: a region mounted later is not listened to. */
export const announcer: Announcer = createAnnouncer(() => ({
  polite: document.getElementById('sr-polite'),
  assertive: document.getElementById('sr-assertive'),
}))

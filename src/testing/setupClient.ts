import { createRequire } from 'node:module'
import 'fake-indexeddb/auto'
import { cleanup, configure } from '@testing-library/react'
import { afterEach } from 'vitest'

Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true })

afterEach(cleanup)

// A part of the page is loaded when it is first shown, and a machine may be busy: only a test that fails waits this long.
configure({ asyncUtilTimeout: 60_000 })

// The real server runs in the same process here, and needs Node's own classes where jsdom brings some of another realm.
Object.assign(globalThis, {
  Uint8Array: Object.getPrototypeOf(Buffer) as typeof Uint8Array,
  Request: Object.getPrototypeOf(Request) as typeof Request,
})

// What jsdom lacks: it hides a popover for ever. Real ones are tried in e2e/.
HTMLElement.prototype.showPopover = function () {
  this.removeAttribute('popover')
}

// jsdom's WebSocket breaks on events of its own realm; `ws` speaks to the same server with the interface of a browser's.
const { WebSocket } = createRequire(import.meta.url)('ws') as typeof import('ws')
Object.assign(globalThis, { WebSocket })

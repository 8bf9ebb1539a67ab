import { expect, test, vi } from 'vitest'

/*
 * Node's build of socket.io-client speaks through `ws` and `http` and differs from the browser's in timing and in what the
 * browser's `offline` event does. Tests of the client that met Node's build would prove nothing.
 */

test('the client is tested with the Socket.IO build that browsers run', async () => {
  const dialled: string[] = []
  class RecordedWebSocket {
    constructor(url: string) {
      dialled.push(url)
    }
    close() {}
  }
  vi.stubGlobal('WebSocket', RecordedWebSocket)
  vi.resetModules() // it remembers the page's WebSocket when it is loaded
  const { Manager, io } = await import('socket.io-client')

  const socket = io('http://127.0.0.1:9', { transports: ['websocket'], reconnection: false })
  socket.disconnect()
  vi.unstubAllGlobals()

  expect(dialled, 'the page’s own WebSocket is used').toEqual([expect.stringMatching(/^ws:\/\/127\.0\.0\.1:9\/socket\.io\//)])
  expect(socket.io.engine.binaryType, 'nodebuffer would be Node’s').toBe('arraybuffer')
  expect(Manager.prototype.open.toString(), 'the build without debug output').not.toContain('debug(')
})

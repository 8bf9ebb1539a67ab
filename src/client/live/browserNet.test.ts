import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import { onTestFinished, expect, it, describe } from 'vitest'
import type { DeviceId, TabId } from '#protocol/ids.ts'
import { startServer } from '#server/testing/startServer.ts'
import { browserNet } from './browserNet.ts'
import type { SocketEvents } from './ports.ts'

/** Dials once and tells how it ended, and who is known to have answered. */
async function dialled(url: string) {
  const answered: boolean[] = []
  const identity = { deviceId: 'device' as DeviceId, tabId: 'tab' as TabId }
  const net = browserNet({ identity: () => identity, build: 'test', answered: (byServer) => answered.push(byServer), url })
  const end = await new Promise<string>((resolve) => {
    const events: SocketEvents = {
      engineOpened: () => {},
      connected: () => resolve('connected'),
      refused: (code) => resolve(code),
      failed: resolve,
      lost: resolve,
      pushed: () => {},
      heard: () => {},
      transportChanged: () => {},
    }
    const socket = net.dial({ gen: 1, token: 'none', transport: 'polling' }, events)
    onTestFinished(() => socket.close())
  })
  return { end, answered }
}

async function answering(answer: (response: ServerResponse) => void): Promise<string> {
  const stranger = createServer((_, response) => {
    response.setHeader('access-control-allow-origin', '*')
    answer(response)
  }).listen(0, '127.0.0.1')
  await once(stranger, 'listening')
  onTestFinished(() => {
    stranger.closeAllConnections()
    stranger.close()
  })
  const address = stranger.address()
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
}

describe('a handshake', () => {
  it('that a page answers is known to have been answered by somebody else', async () => {
    const url = await answering((response) =>
      response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><h1>Accept our terms</h1>'),
    )
    expect((await dialled(url)).answered).toEqual([false])
  })

  it('that a proxy in trouble answers says nothing about the network', async () => {
    const url = await answering((response) => response.writeHead(502, { 'content-type': 'text/html' }).end('<h1>Bad gateway</h1>'))
    expect((await dialled(url)).answered).toEqual([])
  })

  it('that the server refuses was answered by the server', async () => {
    const server = await startServer({ env: { ORIGINS: location.origin } })
    onTestFinished(() => server.stop())
    expect(await dialled(server.url)).toEqual({ end: 'E_INVALID', answered: [true] })
  })
})

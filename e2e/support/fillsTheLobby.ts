import { randomUUID } from 'node:crypto'
import { expect } from '@playwright/test'

/** Two hundred messages of somebody else. */
export async function fillsTheLobby(server: string) {
  const post = async (path: string, body: object, token = '') => {
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` }
    const answer = await fetch(server + path, { method: 'POST', headers, body: JSON.stringify(body) })
    expect(answer.status, path).toBe(200)
    return (await answer.json()) as { accessToken: string }
  }
  const { accessToken } = await post('/api/session/guest', { deviceId: randomUUID() })
  for (let page = 0; page < 10; page++) {
    const messages = Array.from({ length: 20 }, (_, n) => {
      const at = page * 20 + n
      return { clientId: `0a000000-0000-7000-8000-${String(at).padStart(12, '0')}`, body: `filler ${at}`, sentAt: Date.now() }
    })
    await post('/api/messages', { conv: 'lobby', messages }, accessToken)
  }
}

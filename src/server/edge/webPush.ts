import { createECDH, hkdfSync } from 'node:crypto'
import webPush from 'web-push'
import type { PushedNews } from '#protocol/push.ts'
import type { PushRow } from '#server/storage/store.ts'
import { isLoopbackHost } from './address.ts'

/** What became of a push. `gone`: that browser takes none any more. `later`: the service did not take it now. */
export type PushOutcome = 'taken' | 'gone' | 'later'

export type WebPush = {
  /** Base64url. */
  publicKey: string
  /** May this server be made to talk to that address? Anybody signed in can name one. */
  isAllowed: (endpoint: string) => boolean
  send: (to: PushRow, news: PushedNews) => Promise<PushOutcome>
}

/** A message that nobody fetched for a day is read in the app, not in the notification centre. */
const KEPT_SECONDS = 24 * 60 * 60
const ANSWER_MS = 10_000

/** Pushes to browsers, in the name of a key that every node with the same secret has. `hosts`: of push services, `*.` before those with many. */
export function makeWebPush({ secret, hosts, subject }: { secret: string; hosts: readonly string[]; subject: string | undefined }): WebPush {
  const keys = keysFrom(secret)
  // RFC 8292 wants somebody to talk to; without a public address there is nobody
  const vapidDetails = { subject: subject?.startsWith('https:') ? subject : 'mailto:nobody@localhost.invalid', ...keys }
  const isAllowed = (endpoint: string): boolean => {
    if (!URL.canParse(endpoint)) return false
    const { protocol, hostname, port, username } = new URL(endpoint)
    if (username !== '' || !hosts.some((host) => (host.startsWith('*.') ? hostname.endsWith(host.slice(1)) : hostname === host))) return false
    return isLoopbackHost(hostname) || (protocol === 'https:' && port === '')
  }
  /** undefined: nobody can encrypt for keys like these. */
  const requestFor = ({ endpoint, p256dh, auth }: Pick<PushRow, 'endpoint' | 'p256dh' | 'auth'>, news: PushedNews) => {
    try {
      // one that was not fetched yet makes room for the next of its conversation
      const how = { TTL: KEPT_SECONDS, urgency: 'high', topic: topicOf(news.conv), vapidDetails } as const
      const { headers, body } = webPush.generateRequestDetails({ endpoint, keys: { p256dh, auth } }, JSON.stringify(news), how)
      return { headers: headers as Record<string, string>, body: Uint8Array.from(body) }
    } catch {
      return undefined
    }
  }
  return {
    publicKey: keys.publicKey,
    isAllowed,
    async send({ endpoint, p256dh, auth }, news) {
      if (!isAllowed(endpoint)) return 'gone'
      const request = requestFor({ endpoint, p256dh, auth }, news)
      if (!request) return 'gone'
      try {
        const answer = await fetch(endpoint, {
          method: 'POST',
          headers: request.headers,
          body: request.body,
          redirect: 'error',
          signal: AbortSignal.timeout(ANSWER_MS),
        })
        await answer.body?.cancel()
        if (answer.ok) return 'taken'
        // what it calls wrong will not be right the next time
        return answer.status === 429 || answer.status >= 500 ? 'later' : 'gone'
      } catch {
        return 'later'
      }
    },
  }
}

/** The pair is made from the secret: nothing more has to be kept, and a new secret is a new server to every push service. */
function keysFrom(secret: string): { publicKey: string; privateKey: string } {
  const ecdh = createECDH('prime256v1')
  // one of four thousand million numbers is none of the curve
  for (let attempt = 0; ; attempt++) {
    const privateKey = Buffer.from(hkdfSync('sha256', secret, '', `tidemark web push ${attempt}`, 32))
    try {
      ecdh.setPrivateKey(privateKey)
    } catch {
      continue
    }
    return { publicKey: ecdh.getPublicKey('base64url'), privateKey: privateKey.toString('base64url') }
  }
}

/** At most 32 characters of base64url (RFC 8030). */
const topicOf = (conv: string): string => conv.replaceAll('-', '').slice(-32)

import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import type { MadePasskey, PasskeyOptions, ShownPasskey } from '#protocol/passkey.ts'
import { CHALLENGE_LIFE_MS } from '#server/domain/passkeys.ts'
import type { PasskeyRow } from '#server/storage/store.ts'
import { isLoopbackHost } from './address.ts'

/*
 * What browsers sign to show that somebody has a passkey (WebAuthn), made and checked by a library. It is loaded with the first passkey: most
 * servers start without.
 */

/** The page that passkeys belong to: they work on its host only. */
export type PasskeyPlace = { origin: string; host: string }

/** `challenge`: the part that is signed. */
type Asked = PasskeyOptions & { challenge: string }
/** Asks whether this is one of theirs; true once. */
type TakeChallenge = (challenge: string) => Promise<boolean>
/** What the library compares an answer with. */
type Expected = { expectedChallenge: TakeChallenge; expectedOrigin: string; expectedRPID: string }

/**
 * Where the page of a request stands, or undefined where there can be no passkeys: browsers make them for a domain over https, and for
 * `localhost`, and never for an address. The origin is the browser's word; whether it may talk to us is settled before.
 */
export function passkeyPlace(request: IncomingMessage): PasskeyPlace | undefined {
  const { origin } = request.headers
  if (origin === undefined || !URL.canParse(origin)) return undefined
  const { protocol, hostname } = new URL(origin)
  const isAddress = isIP(hostname.replace(/^\[|\]$/g, '')) !== 0
  return isAddress || !(protocol === 'https:' || isLoopbackHost(hostname)) ? undefined : { origin, host: hostname }
}

const library = () => import('@simplewebauthn/server')

/** What the library says of an answer; undefined: it is not what was asked for. What failed here, as the storage can, is no word about the answer. */
async function checked<T extends { verified: boolean }>(
  place: PasskeyPlace,
  take: TakeChallenge,
  verify: (expected: Expected) => Promise<T>,
): Promise<T | undefined> {
  const failures: unknown[] = []
  const expectedChallenge: TakeChallenge = (challenge) =>
    take(challenge).catch((failure: unknown) => {
      failures.push(failure)
      return false
    })
  const result = await verify({ expectedChallenge, expectedOrigin: place.origin, expectedRPID: place.host }).catch(() => undefined)
  if (failures.length > 0) throw failures[0]
  return result?.verified === true ? result : undefined
}

/** What a browser is asked to make. Those the person has are not made again by the same device. */
export async function optionsToMake(
  place: PasskeyPlace,
  { id, login, name, passkeys }: { id: string; login: string; name: string; passkeys: readonly PasskeyRow[] },
): Promise<Asked> {
  const { generateRegistrationOptions } = await library()
  const options = await generateRegistrationOptions({
    timeout: CHALLENGE_LIFE_MS,
    rpName: 'Tidemark',
    rpID: place.host,
    userName: login,
    userDisplayName: name,
    userID: new TextEncoder().encode(id),
    attestationType: 'none',
    excludeCredentials: passkeys.map((passkey) => ({ id: passkey.id, transports: passkey.transports })),
    // found without a name being typed, and opened by a finger, a face or a PIN: it stands for the password, so it must know its person
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
  })
  return { ...options }
}

/** The passkey that was made, or undefined when what came is not what was asked for. */
export async function checkMade(
  place: PasskeyPlace,
  answer: MadePasskey,
  take: TakeChallenge,
): Promise<Pick<PasskeyRow, 'id' | 'publicKey' | 'counter' | 'transports'> | undefined> {
  const { verifyRegistrationResponse } = await library()
  const made = await checked(place, take, (expected) =>
    verifyRegistrationResponse({
      response: answer as Parameters<typeof verifyRegistrationResponse>[0]['response'],
      ...expected,
    }),
  )
  if (!made?.registrationInfo) return undefined
  const { id, publicKey, counter } = made.registrationInfo.credential
  return { id, publicKey: Buffer.from(publicKey).toString('base64url'), counter, transports: answer.response.transports ?? [] }
}

/** What a browser is asked to show, with any of its passkeys. */
export async function optionsToShow(place: PasskeyPlace): Promise<Asked> {
  const { generateAuthenticationOptions } = await library()
  return { ...(await generateAuthenticationOptions({ timeout: CHALLENGE_LIFE_MS, rpID: place.host, userVerification: 'required' })) }
}

/** What the passkey says of how often it was used, or undefined when it was not shown. */
export async function checkShown(
  place: PasskeyPlace,
  shown: ShownPasskey,
  { passkey, take }: { passkey: PasskeyRow; take: TakeChallenge },
): Promise<{ counter: number } | undefined> {
  const { verifyAuthenticationResponse } = await library()
  const result = await checked(place, take, (expected) =>
    verifyAuthenticationResponse({
      response: shown as Parameters<typeof verifyAuthenticationResponse>[0]['response'],
      ...expected,
      credential: { id: passkey.id, publicKey: Buffer.from(passkey.publicKey, 'base64url'), counter: passkey.counter },
    }),
  )
  return result && { counter: result.authenticationInfo.newCounter }
}

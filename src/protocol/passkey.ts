import * as z from 'zod/mini'
import { Password } from './account.ts'
import { DeviceId, Millis } from './ids.ts'

/*
 * Passkeys: the shapes of WebAuthn (Level 3, section 5.1) in JSON, in which bytes are base64url. Only what decides is looked at; the rest is
 * between the browser and the library that checks its answers.
 */

const Bytes = z.string().check(z.regex(/^[A-Za-z0-9_-]*$/), z.maxLength(20_000))

/** At most 1023 bytes, says WebAuthn. */
export const PasskeyId = z.string().check(z.regex(/^[A-Za-z0-9_-]{1,1364}$/))
export type PasskeyId = z.infer<typeof PasskeyId>

const ANSWER = { id: PasskeyId, rawId: PasskeyId, type: z.literal('public-key'), clientExtensionResults: z.record(z.string(), z.unknown()) }

/** What a browser says that has made a passkey (`RegistrationResponseJSON`). */
export const MadePasskey = z.object({
  ...ANSWER,
  response: z.object({
    clientDataJSON: Bytes,
    attestationObject: Bytes,
    transports: z.optional(z.array(z.string().check(z.maxLength(20))).check(z.maxLength(10))),
  }),
})
export type MadePasskey = z.infer<typeof MadePasskey>

/** What a browser says to show that its person has a passkey (`AuthenticationResponseJSON`). */
export const ShownPasskey = z.object({
  ...ANSWER,
  response: z.object({ clientDataJSON: Bytes, authenticatorData: Bytes, signature: Bytes, userHandle: z.optional(Bytes) }),
})
export type ShownPasskey = z.infer<typeof ShownPasskey>

/** What the browser is to be asked, as `navigator.credentials` takes it, in JSON. To be answered once, within minutes. */
export const PasskeyOptionsAnswer = z.object({ options: z.record(z.string(), z.unknown()) })
export type PasskeyOptions = z.infer<typeof PasskeyOptionsAnswer>['options']

/** Whoever adds a way in says that it is them. */
export const PasskeyOptionsRequest = z.object({ password: Password })
export const AddPasskeyRequest = z.object({ made: MadePasskey })
/** `signOut` as in `LoginRequest`. */
export const PasskeyRequest = z.object({ shown: ShownPasskey, deviceId: DeviceId, signOut: z.optional(DeviceId) })

/** `label`: what kind of browser made it. */
export const Passkey = z.object({ id: PasskeyId, label: z.string(), madeAt: Millis, usedAt: z.nullable(Millis) })
export type Passkey = z.infer<typeof Passkey>
/** The one made last first. */
export const PasskeysAnswer = z.object({ passkeys: z.array(Passkey) })

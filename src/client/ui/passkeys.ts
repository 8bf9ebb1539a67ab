import { startAuthentication, startRegistration, WebAuthnError } from '@simplewebauthn/browser'
import { t } from '#client/words/t.ts'
import { MadePasskey, PasskeyOptionsAnswer, ShownPasskey, type PasskeyOptions } from '#protocol/passkey.ts'

/** Browsers make passkeys for a domain over https, and for `localhost`; never for an address. The server says the same of the page's origin. */
export function canHavePasskeys(): boolean {
  const isAddress = /^[\d.]+$/.test(location.hostname) || location.hostname.startsWith('[')
  return 'PublicKeyCredential' in window && window.isSecureContext && !isAddress
}

/** What came of asking the browser. `why`: for the person. */
type FromBrowser<T> = { ok: true; passkey: T } | { ok: false; why: string }

/** Asks this device to make a passkey for the person of these options. */
export async function makePasskey(options: PasskeyOptions): Promise<FromBrowser<MadePasskey>> {
  try {
    const optionsJSON = options as unknown as Parameters<typeof startRegistration>[0]['optionsJSON']
    return { ok: true, passkey: MadePasskey.parse(await startRegistration({ optionsJSON })) }
  } catch (error) {
    const isThere = error instanceof WebAuthnError && error.code === 'ERROR_AUTHENTICATOR_PREVIOUSLY_REGISTERED'
    return { ok: false, why: isThere ? t('This device holds a passkey of yours already.') : t('No passkey was made. Try again when you are ready.') }
  }
}

/** Asks this device for a passkey of this site, as the server answered (`PasskeyOptionsAnswer`); which one is between it and its person. */
export async function showPasskey(answer: unknown): Promise<FromBrowser<ShownPasskey>> {
  try {
    const { options } = PasskeyOptionsAnswer.parse(answer)
    const optionsJSON = options as unknown as Parameters<typeof startAuthentication>[0]['optionsJSON']
    return { ok: true, passkey: ShownPasskey.parse(await startAuthentication({ optionsJSON })) }
  } catch {
    return { ok: false, why: t('No passkey was shown. Try again, or sign in with your password.') }
  }
}

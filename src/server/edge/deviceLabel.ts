import { getParser } from 'bowser'

/** What kind of browser this is, for a person to know it by: "Firefox on Linux". By its own word, so nothing may depend on it. */
export function deviceLabel(userAgent: string | undefined): string {
  if (!userAgent) return 'A browser'
  const { browser, os } = getParser(userAgent.slice(0, USER_AGENT_MAX)).getResult()
  const name = browser.name ? browser.name : 'A browser'
  return os.name ? `${name} on ${os.name}` : name
}

const USER_AGENT_MAX = 400

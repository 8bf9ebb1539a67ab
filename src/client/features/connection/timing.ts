/** Every delay a person can notice in the banner. The chip has none: it changes at once. */

/** The browser says offline: certain, but waking laptops and roaming phones say so for a moment. */
export const BANNER_DELAY_OFFLINE_MS = 500
/** A dropped socket: the first redial lands within 1.5 s, and a blip that it heals should stay silent. */
export const BANNER_DELAY_DROPPED_MS = 2_000
/** The first connection of a page; people expect a page to load for a moment. */
export const BANNER_DELAY_FIRST_MS = 3_000
/** A banner shorter than this is a flicker nobody can read. */
export const BANNER_MIN_VISIBLE_MS = 600
/** "Back online" stays this long, and is shown only when the trouble had been. */
export const BACK_ONLINE_MS = 2_000
/** From here on it is no longer "a moment": the words change from "Reconnecting…" to "Can't reach the server". */
export const ESCALATE_AFTER_MS = 15_000
export const ESCALATE_AFTER_FAILURES = 3
/** Answers in a row that are not the server's before the network is said to want a sign-in; one or two may be a proxy's slip. */
export const PORTAL_AFTER_ANSWERS = 3
/** Shorter waits are over before a countdown can be read. */
export const COUNTDOWN_FROM_MS = 5_000
/** How long after the announced time a restart is still the reason for being away. */
export const RESTART_GRACE_MS = 5_000

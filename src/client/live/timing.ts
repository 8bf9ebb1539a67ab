/**
 * Every duration the live tie waits for, in one place, with the reason. Tests inject shorter ones; nothing else differs.
 * All in milliseconds.
 */
export const TIMING = {
  /** A dial that a black hole swallows fails after this; a good one takes well under a second. */
  DIAL_MS: 5_000,
  /** Transport open, Socket.IO CONNECT unanswered: no library timer exists for this, so ours must. */
  CONNECT_MS: 8_000,
  HELLO_MS: 8_000,
  REFRESH_MS: 8_000,
  /** An HTTP request without an answer. */
  HTTP_MS: 10_000,
  /** A request without an answer is in doubt after this. */
  REQUEST_MS: 8_000,
  /** Who leaves a conversation waits no longer than this for changes that are still on their way: without a connection nobody leaves at all. */
  SETTLE_MS: 3_000,
  /** Half-open lines are found by asking: hint → probe → this. With the wait for the hint it stays below 3 s. */
  PROBE_MS: 2_500,
  /** On top of that after a line was given up while a long answer was awaited; doubles with each further one, up to `SILENCE_MS`. */
  PATIENCE_MS: 5_000,
  /** Nothing at all received this long after a send is a hint. */
  OVERDUE_MS: 400,
  /** The server pings every 10 s; a ping this late is a hint, so that nobody waits 20 s before a wholly idle line. */
  PING_OVERDUE_MS: 12_000,
  /** Two missed pings mean the line is dead, no probe needed. */
  SILENCE_MS: 20_000,
  /** How often the line is looked at; a tick this much late means the machine slept. */
  TICK_MS: 2_000,
  WAKE_DRIFT_MS: 5_000,
  /** Catch-up without any progress. */
  STALL_MS: 8_000,
  /** First delay of the redial back-off; doubles up to the cap. Each is spread by ± 50 % so that a thousand clients don't return at once. */
  BACKOFF_FIRST_MS: 1_000,
  BACKOFF_CAP_MS: 10_000,
  /** After `SLOW_AFTER_ATTEMPTS` the outage is a long one and the cap rises. */
  BACKOFF_SLOW_CAP_MS: 30_000,
  SLOW_AFTER_ATTEMPTS: 10,
  /** The back-off starts anew only after this long without a loss; otherwise a crash-looping server is hit once a second by everyone. */
  STEADY_AFTER_MS: 10_000,
  /** `online` spreads the redials of everybody behind the same network by up to this. */
  ONLINE_SPREAD_MS: 500,
  /** Retry now is obeyed at most this often. */
  RETRY_EVERY_MS: 2_000,
  /** While the browser says offline, dials to a loopback server are still worth one try this often. */
  OFFLINE_LOOPBACK_MS: 30_000,
  /** On polling, a WebSocket is tried again after this, then twice as long, up to the cap. */
  UPGRADE_FIRST_MS: 60_000,
  UPGRADE_CAP_MS: 3_600_000,
  /** Refresh the access token before a dial when it has less than this left (or a third of its life, if that is shorter). */
  TOKEN_MARGIN_MS: 60_000,
  /** Of a burst of pushes the first is shown at once, the rest together in each frame of a screen. */
  FRAME_MS: 16,
  /** A hole in the log may close by itself when two frames overtook each other; after this it is pulled. */
  GAP_MS: 200,
  /** Heads exchange: the net under everything that could be lost. ± 20 %. */
  HEADS_VISIBLE_MS: 30_000,
  HEADS_HIDDEN_MS: 300_000,
  /** Watermarks go out at most this often per conversation. */
  MARK_EVERY_MS: 1_000,
  /** The leading tab says it is there this often; after `LEADER_LOST_MS` of silence another one takes over. */
  LEADER_BEAT_MS: 2_000,
  LEADER_LOST_MS: 5_000,
  /** Rows of another tab are read this long after its word; after this much longer when that failed. */
  REREAD_SOON_MS: 20,
  REREAD_MS: 2_000,
  /** What was written this long ago and never sent may be out of place by now: the person is asked first. */
  OLD_UNSENT_MS: 24 * 3_600_000,
  /** Slowest uplink that still counts as a line, in bytes per millisecond (16 kbit/s): every deadline allows what is on its way this rate. */
  FLOOR_BYTES_PER_MS: 2,
} as const

export type Timing = { readonly [K in keyof typeof TIMING]: number }

/** The ± 50 % around a delay. `unit` is a chance in [0, 1). */
export const spread = (ms: number, unit: number): number => Math.round(ms * (0.5 + unit))

/** How long to wait before redial number `failures` (1 = after the first loss). */
export function backoffMs(timing: Timing, failures: number, unit: number): number {
  const cap = failures > timing.SLOW_AFTER_ATTEMPTS ? timing.BACKOFF_SLOW_CAP_MS : timing.BACKOFF_CAP_MS
  return spread(Math.min(cap, timing.BACKOFF_FIRST_MS * 2 ** Math.min(failures - 1, 16)), unit)
}

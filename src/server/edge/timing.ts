/** Every duration and bound of the server edge, with the reason. Tests pass others. */
export const TIMING = {
  /** An unanswered Socket.IO CONNECT is given up by the client after 8 s; the server keeps it slightly longer. */
  CONNECT_TIMEOUT_MS: 10_000,
  /** A farewell must get through before the cut; a peer that does not read is cut without it. */
  FAREWELL_FLUSH_MS: 1_000,
  /** How often expiring tokens and slow readers are looked for. A slow reader can't hoard more than this much of a flood. */
  HOUSEKEEPING_MS: 250,
  /** People hear of an expiring token this long before (or a third of its life, if that is shorter) … */
  EXPIRING_BEFORE_MS: 60_000,
  /** … and are cut this long after it (or its whole life, if that is shorter), so that a slow refresh still saves the line. */
  EXPIRED_GRACE_MS: 30_000,
  /** Five-second blips stay invisible to others. */
  PRESENCE_GRACE_MS: 10_000,
  /** Presence goes out in one frame per watcher at most this often. */
  PRESENCE_BATCH_MS: 100,
  /** Registry entries without a heartbeat for this long are ghosts (interval + timeout is 20 s). Also how often they are looked for. */
  STALE_AFTER_MS: 60_000,
  STATS_EVERY_MS: 30_000,
  /** How often files that nobody can read any more are taken from the disk. */
  FILE_SWEEP_MS: 60_000,
  /** A message may be read on another device first. How often it is tried to push one, each time after four times as long. */
  PUSH_AFTER_MS: 5_000,
  PUSH_ATTEMPTS: 4,
  /** How often guests who have not been here for days are looked for. */
  GUEST_SWEEP_MS: 3_600_000,
  /** Guests who come back when they would have been removed within this time are told so. */
  GUEST_WARN_MS: 3 * 24 * 3_600_000,
  /** How often the event loop is looked at, and how late it may be before the next connection had better go elsewhere. */
  LOOP_LOOK_MS: 500,
  LOOP_LAG_MAX_MS: 1_000,
  /** With several nodes: how often the database is asked what changed … */
  HEAD_POLL_MS: 2_000,
  /** … within this time, which is longer than any transaction takes to commit. */
  HEAD_POLL_WINDOW_MS: 10_000,
  /** Hellos answered at once; above, the herd is told to come back a little later, spread out. */
  HELLOS_AT_ONCE: 200,
  /** Every connection is counted in the database. In a rush they share commits this far apart, which costs each of them at most that. */
  COUNT_SPACING_MS: 20,
  /** A refused hello comes back within this span, so that a thousand of them do not come back together. */
  BUSY_RETRY_MIN_MS: 1_000,
  BUSY_RETRY_MAX_MS: 10_000,
  /** A restarted single process is back within seconds; clients spread over this span. */
  DRAIN_RETURN_MIN_MS: 2_000,
  DRAIN_RETURN_MAX_MS: 10_000,
  /** An attempt that its own tab overtook: a line gives up what it holds within minutes, and a tab that is real comes again soon. */
  OVERTAKEN_WITHIN_MS: 300_000,
  OVERTAKEN_RETURN_MS: 1_000,
} as const

export type Timing = { [K in keyof typeof TIMING]: number }

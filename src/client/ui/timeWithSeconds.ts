const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit' })

/** 14:02:31 */
export const timeWithSeconds = (at: number): string => clock.format(at)

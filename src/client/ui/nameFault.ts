import { DisplayName } from '#protocol/http.ts'
import { NAME_MAX_GRAPHEMES } from '#protocol/limits.ts'

/** What is wrong with the name of a person or group, and what to do about it; undefined when nothing is. */
export const nameFault = (name: string): string | undefined =>
  DisplayName.safeParse(name).success
    ? undefined
    : `Choose a name that can be seen, of at most ${NAME_MAX_GRAPHEMES} characters, and not the operators’.`

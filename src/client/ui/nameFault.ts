import { t } from '#client/words/t.ts'
import { DisplayName } from '#protocol/http.ts'
import { NAME_MAX_GRAPHEMES } from '#protocol/limits.ts'

/** What is wrong with the name of a person or group, and what to do about it; undefined when nothing is. */
export const nameFault = (name: string): string | undefined =>
  DisplayName.safeParse(name).success
    ? undefined
    : t('Choose a name that can be seen, of at most {most} characters, and not the operators’.', { most: NAME_MAX_GRAPHEMES })

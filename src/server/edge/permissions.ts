import { Permission } from '#protocol/session.ts'
import type { Config } from '#server/config.ts'
import type { UserRow } from '#server/storage/store.ts'

/** Guests may do what the settings say, registered people everything. */
export const permissionsOf = (config: Config, { login }: Pick<UserRow, 'login'>): readonly Permission[] =>
  login === null ? config.GUEST_PERMISSIONS : Permission.options

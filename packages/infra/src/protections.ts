/**
 * What keeps a platform from being deleted by mistake, and how it is turned off: `destroy` applies the platform of
 * `lowerProtections` first. The database's final snapshot is taken all the same.
 */
import type { Platform } from '@baton/config'

/** The same platform, ready to be destroyed: nothing refuses deletion, not even full buckets and repositories. */
export const lowerProtections = (platform: Platform): Platform => ({
  ...platform,
  deletionProtection: false,
  ...(platform.database && { database: { ...platform.database, deletionProtection: false } }),
})

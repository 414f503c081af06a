/** Everything that the admin and the user site share, which is all but their names. */
export type { SiteIdentity } from './site.tsx'
export { startSite } from './start.tsx'

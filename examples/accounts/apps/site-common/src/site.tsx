/** Who this site is; components read it with `useSite`. */
import { createContext, useContext } from 'react'

export interface SiteIdentity {
  readonly audience: 'admin' | 'user'
  readonly title: string
  /** The audience in Korean. */
  readonly korean: string
  readonly introduction: string
}

export const SiteContext = createContext<SiteIdentity | undefined>(undefined)

export function useSite(): SiteIdentity {
  const site = useContext(SiteContext)
  if (site === undefined) throw new Error('a page was rendered outside of its site')
  return site
}

/** The release that this tab was loaded from. */
export const appVersion: string = import.meta.env.VITE_APP_VERSION

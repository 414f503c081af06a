/**
 * Routes and start of a site. Pages are chunks of their own that a tab asks for when it needs them, which may be
 * long after a later release has replaced the site: releases keep old chunks for such tabs.
 */
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { createBrowserRouter, type RouteObject, RouterProvider } from 'react-router'
import { Layout } from './layout.tsx'
import { PageError } from './page-error.tsx'
import { SiteContext, type SiteIdentity } from './site.tsx'
import './style/base.css'
import './style/layout.css'
import './style/components.css'
import './style/narrow.css'

const routes: RouteObject[] = [
  {
    Component: Layout,
    ErrorBoundary: PageError,
    HydrateFallback: () => null,
    children: [
      { index: true, lazy: () => import('./accounts-page.tsx') },
      { path: 'release', lazy: () => import('./release-page.tsx') },
      { path: '*', lazy: () => import('./not-found-page.tsx') },
    ],
  },
]

export function startSite(site: SiteIdentity): void {
  const root = document.getElementById('root')
  if (root === null) throw new Error('index.html has no element with the id "root"')
  document.documentElement.dataset.audience = site.audience
  createRoot(root).render(
    <StrictMode>
      <SiteContext value={site}>
        <RouterProvider router={createBrowserRouter(routes)} />
      </SiteContext>
    </StrictMode>,
  )
}

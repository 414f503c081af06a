/** The frame around every page: which of the two sites it is, where one can go, which release this is. */
import { Link, NavLink, Outlet } from 'react-router'
import { appVersion, useSite } from './site.tsx'

export function Layout() {
  const site = useSite()
  return (
    <>
      <a className="skip-link" href="#content">
        Skip to the content
      </a>
      <header className="site-header">
        <Link className="brand" to="/">
          <span className="brand-mark" aria-hidden="true">
            K
          </span>
          <span>
            {site.title}
            <span className="korean" lang="ko">
              {site.korean}
            </span>
          </span>
        </Link>
        <nav aria-label="Pages">
          <NavLink to="/" end>
            Accounts
          </NavLink>
          <NavLink to="/release">Release</NavLink>
        </nav>
      </header>
      <main id="content" tabIndex={-1}>
        <Outlet />
      </main>
      <footer className="site-footer">
        {site.title} · release <code>{appVersion}</code>
      </footer>
    </>
  )
}

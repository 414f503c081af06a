/** For addresses that are no page of this site. */
import { Link } from 'react-router'

export function Component() {
  return (
    <div className="page">
      <title>Page not found</title>
      <h1>Page not found</h1>
      <p>
        There is nothing at this address. <Link to="/">Go to the accounts</Link>.
      </p>
    </div>
  )
}

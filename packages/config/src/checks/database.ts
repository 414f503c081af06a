/** The database: storage that may grow, and a name that PostgreSQL does not reserve. */
import type { Problem } from '../problems.ts'
import type { Check } from './check.ts'

const reserved = ['db', 'postgres', 'rdsadmin', 'template0', 'template1']

/** RDS demands that storage can grow by at least this factor: USER_PIOPS.Autoscaling.html */
const headroom = 1.1

export const checkDatabase: Check = ({ database }) => {
  if (database === undefined) return []
  const problems: Problem[] = []
  const least = Math.ceil(database.storageGiB * headroom)
  if (database.maxStorageGiB < least) {
    problems.push({
      path: 'database.maxStorageGiB',
      message: `${database.maxStorageGiB} GiB is too close to storageGiB (${database.storageGiB} GiB): the storage could not grow`,
      fix: `Use at least ${least}.`,
    })
  }
  if (reserved.includes(database.name)) {
    problems.push({
      path: 'database.name',
      message: `RDS reserves the name "${database.name}"`,
      fix: 'Use another name, e.g. that of the project.',
    })
  }
  return problems
}

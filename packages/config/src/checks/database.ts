/** The database: storage that may grow, and a name that PostgreSQL has not given away. */
import type { Problem } from '../problems.ts'
import type { Check } from './check.ts'

const taken = ['db', 'postgres', 'rdsadmin', 'template0', 'template1']

/** RDS wants the threshold of autoscaling at least this far above the storage: USER_PIOPS.Autoscaling.html */
const headroom = 1.1

export const checkDatabase: Check = ({ database }) => {
  const problems: Problem[] = []
  const least = Math.ceil(database.storageGiB * headroom)
  if (database.maxStorageGiB < least) {
    problems.push({
      path: 'database.maxStorageGiB',
      message: `${database.maxStorageGiB} GiB leave no room to grow from ${database.storageGiB} GiB`,
      fix: `Use at least ${least}.`,
    })
  }
  if (taken.includes(database.name)) {
    problems.push({
      path: 'database.name',
      message: `RDS keeps the name "${database.name}" for itself`,
      fix: 'Use another name, e.g. that of the project.',
    })
  }
  return problems
}

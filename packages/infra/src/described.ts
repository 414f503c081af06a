/** Parts that a platform may lack, where Terraform is written that is only there because it has them. */
import type { Database, Platform, Service, Traffic } from '@baton/config'

/** The platform's database; throws where it has none. */
export function databaseOf({ name, database }: Platform): Database {
  if (database === undefined) throw new Error(`invariant: ${name} has a database`)
  return database
}

/** How a service is called; throws for a worker. */
export function trafficOf({ name, traffic }: Service): Traffic {
  if (traffic === undefined) throw new Error(`invariant: ${name} takes traffic`)
  return traffic
}

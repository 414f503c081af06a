/**
 * The plan guard: an apply must not replace or delete what holds data, or what running releases stand on, just
 * because a name or an attribute was changed. An intended one is named by its address.
 */
import type { Change, Plan } from './plan.ts'

/** A change that needs to be allowed by name. */
export interface Stopped {
  readonly address: string
  readonly action: 'replace' | 'delete'
  /** What would be lost. */
  readonly loss: string
  /** Attributes that force the replacement. */
  readonly forcedBy: readonly string[]
}

/** What is lost with a resource of each guarded type. */
const guarded: Readonly<Record<string, string>> = {
  aws_db_instance: 'the database and all that is in it',
  aws_rds_cluster: 'the database and all that is in it',
  aws_efs_file_system: 'the file system and the log files on it',
  aws_s3_bucket: 'the bucket and every version of every object in it',
  aws_route53_zone:
    'the hosted zone; a new one has other name servers, so the domain does not resolve until it is delegated again',
  aws_cloudfront_key_value_store: 'the pointers to the current release of every site: all sites answer 503',
  aws_cloudfrontkeyvaluestore_key: 'the pointer to the current release of a site: it answers 503',
  aws_lb_target_group: 'the targets that serve now; a deployment in progress breaks',
  aws_lb_listener_rule: 'the way to the targets that serve now; a new rule may lead to the idle ones',
  aws_ecs_service: 'the service with all of its running tasks',
  aws_ecr_repository: 'the images: tasks cannot start any more, and nothing is left to roll back to',
  aws_secretsmanager_secret: 'the value of the secret: tasks that need it cannot start',
}

/** The changes of a plan that stop an apply. Empty when it may go on. */
export function stoppedChanges(plan: Plan, allowed: Iterable<string> = []): Stopped[] {
  const allow = new Set(allowed)
  return plan.changes.flatMap((change) => {
    const loss = guarded[change.type]
    if (loss === undefined || !takesAway(change) || allow.has(change.address)) return []
    return [{ address: change.address, action: change.action, loss, forcedBy: change.forcedBy }]
  })
}

/** What an earlier replacement left over may go: that was allowed then. */
const takesAway = (change: Change): change is Change & { action: 'replace' | 'delete' } =>
  (change.action === 'replace' || change.action === 'delete') && !change.deposed

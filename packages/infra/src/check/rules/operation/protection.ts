/** What a mistake, or a lost zone, could delete for good. */
import type { Rule } from '../../model/finding.ts'

const databases = ['aws_db_instance', 'aws_rds_cluster']

export const protectionRules: readonly Rule[] = [
  {
    name: 'deletion-protection',
    severity: 'warning',
    demand: 'Databases and load balancers refuse to be deleted by mistake.',
    source: 'https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_DeleteInstance.html',
    *check(terraform) {
      const argument: Record<string, string> = { aws_lb: 'enable_deletion_protection' }
      for (const resource of terraform.all(...databases, 'aws_lb')) {
        const name = argument[resource.type] ?? 'deletion_protection'
        if (resource.flag(name) === true) continue
        yield {
          at: resource,
          reason: 'one call deletes it',
          fix: `Set ${name} = true; \`baton destroy\` turns it off after a confirmation.`,
        }
      }
    },
  },
  {
    name: 'final-snapshot',
    severity: 'error',
    demand: 'A deleted database leaves a snapshot.',
    source: 'https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_DeleteInstance.html',
    *check(terraform) {
      for (const database of terraform.all(...databases)) {
        const skips = database.flag('skip_final_snapshot') === true
        if (!skips && database.at('final_snapshot_identifier') !== undefined) continue
        yield {
          at: database,
          reason: skips ? 'its data is deleted with it' : 'a destroy fails without final_snapshot_identifier',
          fix: 'Set skip_final_snapshot = false and final_snapshot_identifier.',
        }
      }
    },
  },
  {
    name: 'backups',
    severity: 'error',
    demand: 'A database is backed up.',
    source: 'https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_WorkingWithAutomatedBackups.html',
    *check(terraform) {
      for (const database of terraform.all(...databases)) {
        const days =
          database.number('backup_retention_period') ?? (database.type === 'aws_rds_cluster' ? 1 : 0)
        const source = database.at('replicate_source_db') !== undefined
        if (days > 0 || source) continue
        yield {
          at: database,
          reason: 'it has no automated backups',
          fix: 'Set backup_retention_period to 7 or more.',
        }
      }
    },
  },
  {
    name: 'multi-az',
    severity: 'warning',
    demand: 'A database survives the loss of a zone.',
    source: 'https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.MultiAZSingleStandby.html',
    *check(terraform) {
      for (const database of terraform.all('aws_db_instance')) {
        if (database.flag('multi_az') === true) continue
        yield { at: database, reason: 'it is in one zone', fix: 'Set multi_az = true.' }
      }
    },
  },
  {
    name: 'forced-deletion',
    severity: 'warning',
    demand: 'Buckets and repositories with something in them refuse to be deleted.',
    source: 'https://docs.aws.amazon.com/AmazonS3/latest/userguide/delete-bucket.html',
    *check(terraform) {
      for (const resource of terraform.all('aws_s3_bucket', 'aws_ecr_repository')) {
        const argument = resource.type === 'aws_s3_bucket' ? 'force_destroy' : 'force_delete'
        if (resource.flag(argument) !== true) continue
        yield { at: resource, reason: 'a destroy deletes what is in it', fix: `Remove ${argument}.` }
      }
    },
  },
  {
    name: 'bucket-versioning',
    severity: 'warning',
    demand: 'A bucket keeps what is overwritten or deleted.',
    source: 'https://docs.aws.amazon.com/AmazonS3/latest/userguide/Versioning.html',
    *check(terraform) {
      for (const bucket of terraform.all('aws_s3_bucket')) {
        const [versioning] = terraform.pointingAt(bucket, 'aws_s3_bucket_versioning', 'bucket')
        if (versioning?.text('versioning_configuration', 'status') === 'Enabled') continue
        yield {
          at: bucket,
          reason: 'a deleted or overwritten file cannot be restored',
          fix: 'Add aws_s3_bucket_versioning with status "Enabled".',
        }
      }
    },
  },
  {
    name: 'log-retention',
    severity: 'note',
    demand: 'A log group says how long it keeps its logs.',
    source:
      'https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/Working-with-log-groups-and-streams.html',
    *check(terraform) {
      for (const group of terraform.all('aws_cloudwatch_log_group')) {
        if ((group.number('retention_in_days') ?? 0) > 0) continue
        yield {
          at: group,
          reason: 'it keeps, and costs for, everything it ever had',
          fix: 'Set retention_in_days.',
        }
      }
    },
  },
  {
    name: 'dropped-headers',
    severity: 'warning',
    demand: 'The load balancer drops invalid headers and writes an access log.',
    source:
      'https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-load-balancer-attributes.html',
    *check(terraform) {
      for (const balancer of terraform.all('aws_lb')) {
        if ((balancer.text('load_balancer_type') ?? 'application') !== 'application') continue
        if (balancer.flag('drop_invalid_header_fields') !== true)
          yield {
            at: balancer,
            reason: 'it forwards invalid headers, which services may read differently',
            fix: 'Set drop_invalid_header_fields = true.',
          }
        if (balancer.flag('access_logs', 'enabled') !== true)
          yield {
            at: balancer,
            reason: 'requests cannot be looked up afterwards',
            fix: 'Set access_logs with enabled = true.',
          }
      }
    },
  },
]

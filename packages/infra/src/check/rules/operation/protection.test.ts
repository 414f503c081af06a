import { ref, testRules } from '../../rules.test-kit.ts'
import { protectionRules } from './protection.ts'

const database = (body: object) => ({ 'aws_db_instance.main': { ...body } })
const versioned = (status: string) => ({
  'aws_s3_bucket.sites': {},
  'aws_s3_bucket_versioning.sites': {
    bucket: ref('aws_s3_bucket.sites'),
    versioning_configuration: { status },
  },
})

testRules(protectionRules, {
  'deletion-protection': {
    trips: database({}),
    alsoTrips: [{ 'aws_lb.main': { enable_deletion_protection: false } }],
    passes: {
      ...database({ deletion_protection: true }),
      'aws_lb.main': { enable_deletion_protection: true },
    },
  },
  'final-snapshot': {
    trips: database({ skip_final_snapshot: true, final_snapshot_identifier: 'final' }),
    alsoTrips: [database({})],
    passes: database({ final_snapshot_identifier: 'final' }),
  },
  backups: {
    trips: database({ backup_retention_period: 0 }),
    alsoTrips: [database({})],
    passes: { ...database({ backup_retention_period: 7 }), 'aws_rds_cluster.main': {} },
  },
  'multi-az': { trips: database({}), passes: database({ multi_az: true }) },
  'forced-deletion': {
    trips: { 'aws_s3_bucket.sites': { force_destroy: true } },
    alsoTrips: [{ 'aws_ecr_repository.admin': { force_delete: true } }],
    passes: { 'aws_s3_bucket.sites': {}, 'aws_ecr_repository.admin': { force_delete: false } },
  },
  'bucket-versioning': {
    trips: versioned('Suspended'),
    alsoTrips: [{ 'aws_s3_bucket.sites': {} }],
    passes: versioned('Enabled'),
  },
  'log-retention': {
    trips: { 'aws_cloudwatch_log_group.admin': {} },
    passes: { 'aws_cloudwatch_log_group.admin': { retention_in_days: 30 } },
  },
  'dropped-headers': {
    trips: { 'aws_lb.main': { access_logs: { enabled: true } } },
    alsoTrips: [{ 'aws_lb.main': { drop_invalid_header_fields: true } }],
    passes: { 'aws_lb.main': { drop_invalid_header_fields: true, access_logs: [{ enabled: true }] } },
  },
})

import { ref, testRules } from '../../rules.test-kit.ts'
import { encryptionRules } from './encryption.ts'

const postgres = (version: string) => ({
  engine: 'postgres',
  engine_version: version,
  parameter_group_name: ref('aws_db_parameter_group.main', 'name'),
})
const force = (value: string) => ({ parameter: [{ name: 'rds.force_ssl', value }] })
const volume = (transit?: string) => ({
  volume: [
    { name: 'logs', efs_volume_configuration: { file_system_id: 'fs-1', transit_encryption: transit } },
  ],
})

testRules(encryptionRules, {
  'bucket-encryption': {
    trips: { 'aws_s3_bucket.sites': {} },
    passes: {
      'aws_s3_bucket.sites': {},
      'aws_s3_bucket_server_side_encryption_configuration.sites': { bucket: ref('aws_s3_bucket.sites') },
    },
  },
  'database-encryption': {
    trips: { 'aws_db_instance.main': {} },
    alsoTrips: [{ 'aws_rds_cluster.main': { storage_encrypted: false } }],
    passes: { 'aws_db_instance.main': { storage_encrypted: true } },
  },
  'file-system-encryption': {
    trips: { 'aws_efs_file_system.logs': { encrypted: false } },
    passes: { 'aws_efs_file_system.logs': { encrypted: true } },
  },
  'volume-encryption': {
    trips: { 'aws_instance.test': { ami: 'ami-1' } },
    alsoTrips: [
      { 'aws_ebs_volume.data': {} },
      {
        'aws_instance.test': {
          root_block_device: { encrypted: true },
          ebs_block_device: [{ device_name: 'b' }],
        },
      },
    ],
    passes: {
      'aws_ebs_volume.data': { encrypted: true },
      'aws_instance.test': { root_block_device: [{ encrypted: 'true' }] },
    },
  },
  'mount-encryption': {
    trips: { 'aws_ecs_task_definition.admin': volume() },
    alsoTrips: [{ 'aws_ecs_task_definition.admin': volume('DISABLED') }],
    passes: { 'aws_ecs_task_definition.admin': volume('ENABLED'), 'aws_ecs_task_definition.user': {} },
  },
  'database-tls': {
    trips: { 'aws_db_instance.main': postgres('17'), 'aws_db_parameter_group.main': force('0') },
    alsoTrips: [{ 'aws_db_instance.main': postgres('14.9') }],
    passes: {
      'aws_db_instance.main': postgres('14'),
      'aws_db_parameter_group.main': force('1'),
      'aws_db_instance.other': { engine: 'postgres', engine_version: '17' },
    },
  },
  'topic-encryption': {
    trips: { 'aws_sns_topic.notices': {} },
    passes: { 'aws_sns_topic.notices': { kms_master_key_id: 'alias/aws/sns' } },
  },
})

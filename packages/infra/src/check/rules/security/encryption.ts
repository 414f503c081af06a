/** Stores that do not encrypt their data, and connections that do not encrypt it in transit. */
import type { Rule } from '../../model/finding.ts'

export const encryptionRules: readonly Rule[] = [
  {
    name: 'bucket-encryption',
    severity: 'warning',
    demand: 'A bucket says how it encrypts.',
    source: 'https://docs.aws.amazon.com/AmazonS3/latest/userguide/default-encryption-faq.html',
    *check(terraform) {
      for (const bucket of terraform.all('aws_s3_bucket')) {
        const inline = bucket.blocks('server_side_encryption_configuration')
        const own = terraform.pointingAt(
          bucket,
          'aws_s3_bucket_server_side_encryption_configuration',
          'bucket',
        )
        if (inline.length + own.length > 0) continue
        yield {
          at: bucket,
          reason: 'nothing says how it encrypts: it is left to what S3 does by default (SSE-S3 since 2023)',
          fix: 'Add aws_s3_bucket_server_side_encryption_configuration with AES256 or aws:kms.',
        }
      }
    },
  },
  {
    name: 'database-encryption',
    severity: 'error',
    demand: 'A database is encrypted at rest.',
    source: 'https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Overview.Encryption.html',
    *check(terraform) {
      for (const database of terraform.all('aws_db_instance', 'aws_rds_cluster')) {
        if (database.flag('storage_encrypted') === true) continue
        yield {
          at: database,
          reason: 'its storage, snapshots and backups are not encrypted',
          fix: 'Set storage_encrypted = true before there is data: changing it replaces the database.',
        }
      }
    },
  },
  {
    name: 'file-system-encryption',
    severity: 'error',
    demand: 'A file system is encrypted at rest.',
    source: 'https://docs.aws.amazon.com/efs/latest/ug/encryption-at-rest.html',
    *check(terraform) {
      for (const files of terraform.all('aws_efs_file_system')) {
        if (files.flag('encrypted') === true) continue
        yield {
          at: files,
          reason: 'its files are not encrypted',
          fix: 'Set encrypted = true before there is data: changing it replaces the file system.',
        }
      }
    },
  },
  {
    name: 'volume-encryption',
    severity: 'error',
    demand: 'A disk is encrypted at rest.',
    source: 'https://docs.aws.amazon.com/ebs/latest/userguide/ebs-encryption.html',
    *check(terraform) {
      const byDefault = terraform.all('aws_ebs_encryption_by_default').length > 0
      if (byDefault) return
      for (const volume of terraform.all('aws_ebs_volume')) {
        if (volume.flag('encrypted') !== true && volume.at('snapshot_id') === undefined)
          yield { at: volume, reason: 'the disk is not encrypted', fix: 'Set encrypted = true.' }
      }
      for (const instance of terraform.all('aws_instance', 'aws_launch_template')) {
        const root = instance.blocks('root_block_device')
        const disks = [
          ...root,
          ...instance.blocks('ebs_block_device'),
          ...instance.blocks('block_device_mappings').flatMap((mapping) => mapping.blocks('ebs')),
        ]
        if (
          disks.every((disk) => disk.flag('encrypted') === true) &&
          (root.length > 0 || instance.type !== 'aws_instance')
        )
          continue
        yield {
          at: instance,
          reason: 'a disk of it is not encrypted',
          fix: 'Set encrypted = true in root_block_device and in every other disk.',
        }
      }
    },
  },
  {
    name: 'mount-encryption',
    severity: 'error',
    demand: 'A task mounts its file system over TLS.',
    source: 'https://docs.aws.amazon.com/AmazonECS/latest/developerguide/specify-efs-config.html',
    *check(terraform) {
      for (const definition of terraform.all('aws_ecs_task_definition')) {
        for (const volume of definition.blocks('volume')) {
          const [files] = volume.blocks('efs_volume_configuration')
          if (files === undefined || files.text('transit_encryption') === 'ENABLED') continue
          yield {
            at: definition,
            reason: `the volume ${volume.text('name')} is not encrypted in transit`,
            fix: 'Set transit_encryption = "ENABLED"; access points and IAM demand it too.',
          }
        }
      }
    },
  },
  {
    name: 'database-tls',
    severity: 'error',
    demand: 'A PostgreSQL database accepts connections over TLS only.',
    source: 'https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/PostgreSQL.Concepts.General.SSL.html',
    *check(terraform) {
      for (const database of terraform.all('aws_db_instance')) {
        if (database.text('engine') !== 'postgres') continue
        const forced = database
          .references('parameter_group_name')
          .flatMap((group) => group.blocks('parameter'))
          .find((parameter) => parameter.text('name') === 'rds.force_ssl')
          ?.text('value')
        // From version 15 on AWS's default is 1.
        const major = Number.parseInt(database.text('engine_version') ?? '15', 10)
        if (forced === '1' || (forced === undefined && major >= 15)) continue
        yield {
          at: database,
          reason: 'clients may connect without TLS',
          fix: 'Set rds.force_ssl = 1 in its parameter group.',
        }
      }
    },
  },
  {
    name: 'topic-encryption',
    severity: 'note',
    demand: 'A topic with more than notices in it is encrypted with a key.',
    source: 'https://docs.aws.amazon.com/sns/latest/dg/sns-server-side-encryption.html',
    *check(terraform) {
      for (const topic of terraform.all('aws_sns_topic')) {
        if (topic.at('kms_master_key_id') !== undefined) continue
        yield {
          at: topic,
          reason: 'its messages are not encrypted with a KMS key',
          fix: 'Leave it for notices; else set kms_master_key_id, with a key whose policy admits the publishers.',
        }
      }
    },
  },
]

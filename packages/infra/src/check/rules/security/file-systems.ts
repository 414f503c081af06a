/** Who may mount a file system: EFS asks no role as long as there is no policy. */
import type { Rule } from '../../model/finding.ts'
import { isEveryone, type Statement, statementsOf } from '../../model/policies.ts'

const source = 'https://docs.aws.amazon.com/efs/latest/ug/iam-access-control-nfs-efs.html'

/** Keys that say who a client is. TLS, or the way by a mount target, says nothing about that. */
const identifying = /^(aws:principal|elasticfilesystem:accesspointarn$)/
const admits = ({ effect, principals }: Statement) => effect === 'Allow' && principals.some(isEveryone)

export const fileSystemRules: readonly Rule[] = [
  {
    name: 'file-system-policy',
    severity: 'error',
    demand: 'A file system has a policy that says which roles may mount it, over TLS.',
    source,
    *check(terraform) {
      for (const files of terraform.all('aws_efs_file_system')) {
        const policies = terraform.pointingAt(files, 'aws_efs_file_system_policy', 'file_system_id')
        const fix =
          'Add aws_efs_file_system_policy: ClientMount and ClientWrite to each role, with elasticfilesystem:AccessPointArn and aws:SecureTransport.'
        if (policies.length === 0) {
          yield {
            at: files,
            reason:
              'it has no policy: every client that reaches a mount target may read, write and delete all files',
            fix,
          }
        }
        for (const policy of policies) {
          const statements = statementsOf(policy, 'policy') ?? []
          const open = statements.some(
            (statement) =>
              admits(statement) && !statement.conditions.some(({ key }) => identifying.test(key)),
          )
          if (open) yield { at: policy, reason: 'it admits clients without an identity', fix }
          const clear = statements.some(
            ({ effect, conditions }) =>
              effect === 'Allow' && !conditions.some(({ key }) => key === 'aws:securetransport'),
          )
          if (clear) yield { at: policy, reason: 'it admits clients without TLS', fix }
        }
      }
    },
  },
]

/** Secrets that everyone with access to the console, the state or the repository can read. */
import { isKnown } from '../../model/block.ts'
import { containersOf } from '../../model/containers.ts'
import type { Rule } from '../../model/finding.ts'

const secretName =
  /(pass(word|wd|phrase)?|secret|token|api[_-]?key|private[_-]?key|access[_-]?key|credentials?)/i
/** A name that only points at a secret. */
const pointerName = /(arn|name|id|file|path|parameter|header|url|uri|ttl|seconds|length|enabled)$/i
const secretValue = /AKIA[0-9A-Z]{16}|-----BEGIN [A-Z ]*PRIVATE KEY-----|:\/\/[^/:@\s]+:[^/@\s]+@/

const looksSecret = (name: string, value: string) =>
  value !== '' && ((secretName.test(name) && !pointerName.test(name)) || secretValue.test(value))

export const secretRules: readonly Rule[] = [
  {
    name: 'plain-secret',
    severity: 'error',
    demand: 'No secret is in a plain environment variable.',
    source: 'https://docs.aws.amazon.com/AmazonECS/latest/developerguide/specifying-sensitive-data.html',
    *check(terraform) {
      const variables = [
        ...terraform
          .all('aws_ecs_task_definition')
          .flatMap((at) =>
            (containersOf(at) ?? []).flatMap(({ environment }) =>
              [...environment].map(([name, value]) => ({ at, name, value })),
            ),
          ),
        ...terraform.all('aws_lambda_function').flatMap((at) => {
          const names = Object.keys(at.blocks('environment', 'variables')[0]?.body ?? {})
          return names.map((name) => ({ at, name, value: at.text('environment', 'variables', name) ?? '' }))
        }),
      ]
      for (const { at, name, value } of variables) {
        if (!looksSecret(name, value)) continue
        yield {
          at,
          reason: `${name} can be read by everyone who may describe it, and is stored in the state`,
          fix: 'Keep it in Secrets Manager, and hand it over by reference: `secrets` of the container, or at run time.',
        }
      }
    },
  },
  {
    name: 'plain-parameter',
    severity: 'error',
    demand: 'A parameter that holds a secret is a SecureString.',
    source:
      'https://docs.aws.amazon.com/systems-manager/latest/userguide/secure-string-parameter-kms-encryption.html',
    *check(terraform) {
      for (const parameter of terraform.all('aws_ssm_parameter')) {
        const name = parameter.text('name') ?? ''
        const value = parameter.text('value') ?? parameter.text('insecure_value') ?? ''
        const last = name.split('/').at(-1) ?? ''
        if (parameter.text('type') === 'SecureString' || !looksSecret(last, value)) continue
        yield {
          at: parameter,
          reason: `${name} is not encrypted`,
          fix: 'Set type = "SecureString", or use Secrets Manager.',
        }
      }
    },
  },
  {
    name: 'secret-in-state',
    severity: 'error',
    demand: 'Passwords are managed by AWS, or written without passing through the state.',
    source: 'https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-secrets-manager.html',
    *check(terraform) {
      const fix =
        'Use manage_master_user_password, or an ephemeral value with the write-only argument (…_wo).'
      for (const database of terraform.all('aws_db_instance')) {
        if (database.at('password') !== undefined)
          yield { at: database, reason: 'its master password is stored in the state', fix }
      }
      for (const cluster of terraform.all('aws_rds_cluster')) {
        if (cluster.at('master_password') !== undefined)
          yield { at: cluster, reason: 'its master password is stored in the state', fix }
      }
      for (const version of terraform.all('aws_secretsmanager_secret_version')) {
        if (version.at('secret_string') !== undefined || version.at('secret_binary') !== undefined)
          yield { at: version, reason: 'the secret is stored in the state', fix }
      }
      for (const password of terraform.resources.filter(
        ({ kind, type }) => kind === 'resource' && type === 'random_password',
      )) {
        yield { at: password, reason: 'the password is stored in the state', fix }
      }
      for (const parameter of terraform.all('aws_ssm_parameter')) {
        const value = parameter.text('value')
        if (parameter.text('type') !== 'SecureString' || value === undefined) continue
        yield {
          at: parameter,
          severity: isKnown(value) && value !== '' ? 'error' : 'note',
          reason: isKnown(value)
            ? 'its value is written in the configuration'
            : 'its value is stored in the state',
          fix: 'Leave it if the state is encrypted and few people may read it; else use value_wo.',
        }
      }
    },
  },
]

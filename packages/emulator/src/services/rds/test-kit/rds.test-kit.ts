/** For tests: what Terraform plans for an instance, and a store of the secrets that RDS makes. */
import type { ApplyContext, Attributes } from '../../../terraform/type/resource-type.ts'
import type { SecretsManager } from '../../secretsmanager/contract.ts'

export const applying: ApplyContext = {
  address: 'aws_db_instance.main',
  region: 'ap-northeast-2',
  accountId: '000000000000',
  folder: '.',
  signal: new AbortController().signal,
}

export function testSecrets(): SecretsManager & { values: Map<string, string> } {
  const values = new Map<string, string>()
  return {
    name: 'secretsmanager',
    values,
    secretString: (id) => values.get(id),
    manage({ name, secretString }) {
      const arn = `arn:aws:secretsmanager:ap-northeast-2:000000000000:secret:${name}-AbCdEf`
      values.set(arn, secretString)
      return arn
    },
    remove: (id) => void values.delete(id),
  }
}

export const planned: Attributes = {
  identifier: 'shop-production',
  engine: 'postgres',
  engine_version: '17',
  instance_class: 'db.t4g.small',
  allocated_storage: 20,
  db_name: 'shop',
  username: 'baton',
  manage_master_user_password: true,
  port: 5432,
  skip_final_snapshot: true,
  deletion_protection: false,
}

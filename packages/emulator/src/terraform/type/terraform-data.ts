/**
 * The one resource that Terraform has built in: it keeps a value, and is replaced when its triggers change.
 * https://developer.hashicorp.com/terraform/language/resources/terraform-data
 */
import type { ResourceType } from './resource-type.ts'
import { computed, implemented } from './resource-type.ts'

export function terraformData(uuid: () => string): ResourceType {
  return {
    type: 'terraform_data',
    attributes: {
      input: implemented(),
      output: computed(),
      triggers_replace: implemented({ forceNew: true }),
    },
    create: (planned) => ({ ...planned, id: uuid(), output: planned.input ?? null }),
    update: (planned) => ({ ...planned, output: planned.input ?? null }),
  }
}

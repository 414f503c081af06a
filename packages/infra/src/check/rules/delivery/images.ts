/** Images: what is deployed stays what was tested, and stays there for a rollback. */

import type { Resource } from '../../model/block.ts'
import { containersOf } from '../../model/containers.ts'
import type { Rule } from '../../model/finding.ts'
import type { Terraform } from '../../model/terraform.ts'

const isImmutable = (repository: Resource) =>
  repository.text('image_tag_mutability')?.startsWith('IMMUTABLE') === true

/** The repository behind a reference or a data source of the same name. */
function repositoryOf(terraform: Terraform, reference: Resource): Resource | undefined {
  const repositories = terraform.all('aws_ecr_repository')
  return repositories.find((each) => each === reference || each.text('name') === reference.text('name'))
}

export const imageRules: readonly Rule[] = [
  {
    name: 'mutable-tags',
    severity: 'error',
    demand: 'A tag of a repository never moves.',
    source: 'https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-tag-mutability.html',
    *check(terraform) {
      for (const repository of terraform.all('aws_ecr_repository')) {
        if (isImmutable(repository)) continue
        yield {
          at: repository,
          reason: 'a push can replace what a revision names: a rollback would not bring back what ran',
          fix: 'Set image_tag_mutability = "IMMUTABLE".',
        }
      }
    },
  },
  {
    name: 'mutable-image',
    severity: 'error',
    demand: 'A task names its image by digest, or by a tag that cannot move.',
    source: 'https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-ecs.html',
    *check(terraform) {
      for (const definition of terraform.all('aws_ecs_task_definition')) {
        const referred = definition
          .references('container_definitions')
          .filter(({ type }) => type === 'aws_ecr_repository')
        for (const { name, image } of containersOf(definition) ?? []) {
          const reference = referred.find(({ address }) => image.includes(`\${${address}.`))
          const repository = reference === undefined ? undefined : repositoryOf(terraform, reference)
          if (/@(sha256:|\$\{)/.test(image) || (repository !== undefined && isImmutable(repository))) continue
          // A repository of another stack that is not at hand cannot be judged.
          const unknown = reference?.kind === 'data' && repository === undefined
          yield {
            at: definition,
            ...(unknown ? { severity: 'note' as const } : {}),
            reason: `container ${name} runs ${image || 'no image'}, ${unknown ? 'and nothing here says whether its tags can move' : 'which is something else after the next push'}`,
            fix: 'Name it by digest (…@sha256:…), or make the tags of its repository immutable.',
          }
        }
      }
    },
  },
  {
    name: 'image-expiry',
    severity: 'error',
    demand: 'Only untagged images expire.',
    source: 'https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html',
    *check(terraform) {
      for (const policy of terraform.all('aws_ecr_lifecycle_policy')) {
        const document = policy.embedded('policy')
        const rules: unknown =
          typeof document === 'object' && document !== null && 'rules' in document ? document.rules : []
        for (const rule of Array.isArray(rules) ? rules : []) {
          const status = rule?.selection?.tagStatus
          if (status === 'untagged') continue
          yield {
            at: policy,
            reason: `rule ${rule?.rulePriority} expires ${status} images, those of running services too: they could start no task`,
            fix: 'Let rules select tagStatus "untagged" only.',
          }
        }
      }
    },
  },
  {
    name: 'image-scan',
    severity: 'warning',
    demand: 'Images are scanned when they are pushed.',
    source: 'https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-scanning.html',
    *check(terraform) {
      if (terraform.all('aws_ecr_registry_scanning_configuration').length > 0) return
      for (const repository of terraform.all('aws_ecr_repository')) {
        if (repository.flag('image_scanning_configuration', 'scan_on_push') === true) continue
        yield { at: repository, reason: 'pushed images are not scanned', fix: 'Set scan_on_push = true.' }
      }
    },
  },
]
